/** State of pages in use: LRU lists, swap area. */
import { table } from '../state/parts.ts';

export const pagesState = {
  /** By PFN: place on an LRU list, and what the page is of; see lru.ts. */
  lru: table(15, { cells: 'float64', stride: 5, leafBits: 8 }),
  /** By slot of the swap area: entries that refer to it; see swap.ts. */
  swapMap: table(16, { cells: 'int32', stride: 2, leafBits: 8 }),
};
