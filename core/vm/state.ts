/** State of processes: they themselves, their address spaces and files (mm/records.ts), and the page cache. */

import { records } from '../mm/records.ts';
import { outOfDigest, ranges, table } from '../state/parts.ts';
import { RangeSet } from '../state/ranges.ts';
import { PAGE_CACHE_SLOTS } from './page-cache.ts';

export const vmState = {
  records: records(104),
  /** Page cache slot to PFN + 1; below zero: the negated slot of the swap area (shared memory). */
  pageCache: table(9, { cells: 'int32', stride: 1, leafBits: 8 }),
  /** What address spaces map and have in memory, and their peaks; see mm/usage.ts. */
  usage: outOfDigest(table(127, { cells: 'float64', stride: 5, leafBits: 4 })),
  /** By the first slot of a file: how it is read ahead; see readahead.ts. */
  readaheads: table(133, { cells: 'float64', stride: 11, leafBits: 4 }),
  pageCacheSlots: ranges(101, () => RangeSet.of(0, PAGE_CACHE_SLOTS)),
};

/** Its single numbers: indexes of `vars`. */
export const VM_VAR = {
  /** Address spaces ever made. */
  mmCount: 4,
  /** khugepaged: when it looks again, in which address space (0: from the first on), and where. */
  khugepagedNextNs: 56,
  khugepagedMm: 57,
  khugepagedVpn: 58,
} as const;
