/** State of pages in use: LRU lists, swap area. */
import { MAX_ZONES } from '../phys/zones.ts';
import { int32Cells, table } from '../state/parts.ts';

/** Inactive and active, of anonymous and of file pages. */
const NR_LRU_LISTS = 4;

export const pagesState = {
  /** By PFN: place on an LRU list, and what the page is of; see lru.ts. */
  lru: table(15, { cells: 'int32', stride: 6, leafBits: 8 }),
  /** By PFN, of pages in the swap cache: their slot, and how far they are on their way to the disk; see swap.ts. */
  swapPages: table(116, { cells: 'int32', stride: 2, leafBits: 8 }),
  /** Pages of the LRU lists, by list and zone. */
  lruZonePages: int32Cells(111, NR_LRU_LISTS * MAX_ZONES),
  /** By PFN of a huge page: who maps what of it; see huge-parts.ts. */
  hugeParts: table(118, { cells: 'int32', stride: 2, leafBits: 8 }),
  /** By PFN of a huge page: its neighbours among those that wait to be split; see split-queue.ts. */
  splitQueue: table(134, { cells: 'int32', stride: 2, leafBits: 6 }),
  /** By slot of the swap area: entries that refer to it; see swap.ts. */
  swapMap: table(16, { cells: 'int32', stride: 3, leafBits: 8 }),
  /** Slots in use of each cluster of the swap area. */
  swapClusters: table(113, { cells: 'int32', stride: 1, leafBits: 8 }),
  /** What the disk has still to write, in its order; see writeback.ts. */
  writeback: table(114, { cells: 'float64', stride: 2, leafBits: 8 }),
  /** By page cache slot: when its page left the cache (workingset.ts). */
  shadows: table(115, { cells: 'int32', stride: 1, leafBits: 8 }),
};

/** Its single numbers: indexes of `vars`. */
export const PAGES_VAR = {
  /** Ends and lengths of the LRU lists, three for each; see lru.ts. */
  lruLists: 15,
  /** What reclaim of anonymous and of file pages has cost lately (anon_cost, file_cost of struct lruvec). */
  anonCost: 27,
  fileCost: 28,
  /** Slots of the swap area ever used, the one that is tried next, and how many are in use. */
  swapSlots: 29,
  nextSwapSlot: 30,
  swapUsed: 31,
  /** First frame of the huge zero page; 0: there is none. */
  hugeZeroPfn: 34,
  /** Slots that are still to come one after the other (cluster_nr), and pages in the swap cache. */
  swapClusterLeft: 36,
  swapCached: 37,
  /** First and last + 1 entry of `writeback`, and when the last one will be done. */
  writebackFirst: 38,
  writebackEnd: 39,
  writebackDoneNs: 40,
  /** Evictions and activations ever (nonresident_age), and pages that came back in time to be activated, by kind. */
  nonresidentAge: 41,
  activatedAnon: 42,
  activatedFile: 43,
  /** Of read-ahead in the swap area: pages that were wanted, where the last fault was, how many were read then. */
  swapHits: 48,
  swapBefore: 49,
  swapWindow: 50,
  /** Huge pages that wait to be split, and what was asked for of them and was too little to be looked at (nr_deferred). */
  splitQueueLength: 54,
  splitsAsked: 55,
} as const;
