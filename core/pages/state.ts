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

/** Its single numbers: indexes of `vars`. */
export const PAGES_VAR = {
  /** Ends and lengths of the LRU lists, three for each; see lru.ts. */
  lruLists: 15,
  /** What reclaim of anonymous and of file pages has cost lately (anon_cost, file_cost of struct lruvec). */
  anonCost: 27,
  fileCost: 28,
  /** Slots of the swap area ever used, the head of the list of free ones, and how many are in use. */
  swapSlots: 29,
  freeSwapSlot: 30,
  swapUsed: 31,
  /** First frame of the huge zero page; 0: there is none. */
  hugeZeroPfn: 34,
} as const;
