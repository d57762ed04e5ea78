/** What walks and hits below the first level count as: entries read, by level, and references by their kind. */
import { COUNTER } from '../outcome/counters.ts';
import type { MmuGeometry } from '../paging/geometry.ts';
import { REF_EXECUTE, REF_KERNEL } from '../tlb/run.ts';

/** Entries that a walk reads for a page when a walk cache leaves `entriesLeft` of them (0: all). */
export function entriesRead(
  { kernelWalkReads, levels, userWalkReads }: MmuGeometry,
  isKernel: boolean,
  sizeClass: number,
  entriesLeft: number,
): number {
  const all = isKernel ? kernelWalkReads : userWalkReads;
  if (entriesLeft > 0) return Math.min(entriesLeft, all);
  // The linear window has no entries.
  return sizeClass >= levels.length ? 0 : all - sizeClass;
}

/** Hits of the walk caches, lowest first. */
export const CACHE_COUNTERS = [
  COUNTER.walkCacheHits,
  COUNTER.pdpteCacheHits,
  COUNTER.pml4eCacheHits,
  COUNTER.pml5eCacheHits,
];

/** References of the kinds that have counters of their own; those of data in user pages are what is left. */
export const NOT_USER_DATA = REF_EXECUTE | REF_KERNEL;

export interface KindCounters {
  readonly fetch: number;
  readonly kernel: number;
  readonly both: number;
}

export const L2_HITS: KindCounters = {
  fetch: COUNTER.fetchL2Hits,
  kernel: COUNTER.kernelL2Hits,
  both: COUNTER.kernelFetchL2Hits,
};
export const WALKS: KindCounters = {
  fetch: COUNTER.fetchWalks,
  kernel: COUNTER.kernelWalks,
  both: COUNTER.kernelFetchWalks,
};

export function countKind(counters: Float64Array, ref: number, { fetch, kernel, both }: KindCounters): void {
  const isFetch = (ref & REF_EXECUTE) !== 0;
  const isKernel = (ref & REF_KERNEL) !== 0;
  if (isFetch) counters[fetch]!++;
  if (isKernel) counters[kernel]!++;
  if (isFetch && isKernel) counters[both]!++;
}

const READS_FIRST = COUNTER.walkReadsLevel1;
const READS_LAST = COUNTER.walkReadsLevel5;

/** Counts the entries of walks by level, from that of their page upwards; those above the last counter in that one. */
export function countReads(counters: Float64Array, sizeClass: number, entries: number, walks = 1): void {
  const first = READS_FIRST + sizeClass;
  const end = first + entries;
  for (let at = first; at < end; at++) counters[at <= READS_LAST ? at : READS_LAST]! += walks;
}
