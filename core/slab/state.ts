/** State of SLUB: slabs, their free objects, caches, and what each cpu holds of a cache; see tables.ts. */
import { table } from '../state/parts.ts';

export const slabState = {
  slabs: table(4, { cells: 'int32', stride: 8, leafBits: 8 }),
  /** Links come and go one by one all over it: a leaf of several slabs is seldom all zeros, and so let go and made anew. */
  slabLinks: table(5, { cells: 'int32', stride: 1, leafBits: 12 }),
  slabCaches: table(6, { cells: 'int32', stride: 17, leafBits: 6 }),
  slabCpus: table(7, { cells: 'int32', stride: 5, leafBits: 6 }),
  /** By the number that the workload gave a cache: its row in `slabCaches` + 1. */
  cacheNumbers: table(8, { cells: 'int32', stride: 1, leafBits: 6 }),
  /** Nodes of the trees of files, by page cache slot, and of the swap area, by slots; see tree-nodes.ts. */
  fileNodes: table(128, { cells: 'int32', stride: 2, leafBits: 12 }),
  swapNodes: table(117, { cells: 'int32', stride: 4, leafBits: 6 }),
};

/** Its single numbers: indexes of `vars`. */
export const SLAB_VAR = {
  /** Rows of `slabs` ever used, and the head of the list of free ones (0 = none). */
  slabRows: 2,
  freeSlab: 3,
  /** Rows of `slabCaches` ever used, and caches ever made. */
  cacheRows: 8,
  cachesBorn: 9,
  /** Row + 1 of the cache of tree nodes; 0: there was none yet. */
  nodeCache: 53,
} as const;
