/** What the page allocator wants of whoever makes room for it; reclaim/reclaimer.ts does it. */
import type { Draft } from '../machine/draft.ts';

/** What became of a page that is in the way. */
export const VACATE = {
  /** The frame is the caller's. */
  done: 0,
  /** It has to stay. */
  busy: 1,
  noMemory: 2,
} as const;

/** Who moves pages away, for one buffer. */
export interface Mover {
  isMovable(pfn: number): boolean;
  /** One of VACATE. */
  vacate(pfn: number): number;
}

/** What came of a compaction, the better the higher. */
export const COMPACT = {
  /** Nothing that it could do: too little is free, or not in pieces. */
  skipped: 0,
  /** It failed lately. */
  deferred: 1,
  /** All was gone through. */
  complete: 2,
  success: 3,
} as const;
export type Compacted = (typeof COMPACT)[keyof typeof COMPACT];

/** Who waits for nobody gives up a pageblock that it cannot empty (MIGRATE_ASYNC). */
export type CompactMode = 'async' | 'sync';

export interface Reclaimer {
  /** Moves pages of the zones up to `highestZone` so that a block of this order is free (try_to_compact_pages). */
  compact(draft: Draft, highestZone: number, order: number, mode: CompactMode): Compacted;
  /** For frames that are wanted in a row (alloc_contig_range). */
  mover(draft: Draft): Mover;
  /** kswapd shall see that some zone up to this one is above its high mark again, or work off a boost of their marks. */
  wakeKswapd(draft: Draft, highestZone: number): void;
  /** Lets kswapd run now, if it was woken and has the cpu before the one that asks. Returns whether it did. */
  giveWay(draft: Draft): boolean;
  /** The task waits for the disk for so long, and kswapd has its cpu meanwhile (io_schedule). */
  waitForIo(draft: Draft, ns: number): void;
  /** Frees some pages of the zones up to `highestZone`, as far as `gfp` allows; returns how many (try_to_free_pages). */
  reclaim(draft: Draft, highestZone: number, gfp: number): number;
  /** Frees these pages, or hands them to the disk, however much they are used (reclaim_pages). */
  pageOut(draft: Draft, pfns: readonly number[]): void;
  /** Whether a zone up to `highestZone` would have room if all of it that can go were free (should_reclaim_retry). */
  mayRetry(draft: Draft, highestZone: number, order: number, gfp: number): boolean;
  /** Ends a process; false when that gives nothing to this request, which is none that gives up early (out_of_memory). */
  killForMemory(draft: Draft, gfp: number): boolean;
  /** What was put off until the event is over. Returns the event's status, which may no longer be `status`. */
  settle(draft: Draft, status: number): number;
}
