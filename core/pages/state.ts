/** State of pages in use: LRU lists, swap area. */
import { MAX_ZONES } from '../phys/zones.ts';
import { int32Cells, table } from '../state/parts.ts';

/** Inactive and active, of anonymous and of file pages. */
const NR_LRU_LISTS = 4;

export const pagesState = {
  /** By PFN: place on an LRU list, and what the page is of; see lru.ts. */
  lru: table(15, { cells: 'float64', stride: 6, leafBits: 8 }),
  /** Pages of the LRU lists, by list and zone. */
  lruZonePages: int32Cells(111, NR_LRU_LISTS * MAX_ZONES),
  /** By slot of the swap area: entries that refer to it; see swap.ts. */
  swapMap: table(16, { cells: 'int32', stride: 2, leafBits: 8 }),
};
