/**
 * Objects that can go: who has made them says how many there are, and which go when some are to (mm/vmscan.c, v6.1:
 * shrink_slab, do_shrink_slab). Each round asks for as large a part of them as it looks at of the lists; what is too little to
 * be worth a call waits for the next rounds.
 *
 * The machine has objects of slab caches, and does not know what they are: shrinkers are given to the fold from outside, by
 * who plays a file system, and without them nothing of slabs goes.
 */
import { dropCacheObject } from '../kmem/cache-events.ts';
import type { Draft } from '../machine/draft.ts';
import { COUNTER } from '../outcome/counters.ts';

/** struct shrinker of include/linux/shrinker.h, v6.1. */
export interface Shrinker {
  /** What it was asked for and was too little to be looked at (nr_deferred). */
  deferred: number;
  /** Objects that could go (count_objects). */
  count(draft: Draft): number;
  /** Looks at so many objects: those of them, by the numbers that events have for them, that go now (scan_objects). */
  scan(draft: Draft, nrToScan: number): readonly number[];
}

/** SHRINK_BATCH and DEFAULT_SEEKS. */
const BATCH = 128;
const SEEKS = 2;

/** One round's share. Returns how many pages came free with their last objects (reclaimed_slab of struct reclaim_state). */
export function shrinkSlabs(draft: Draft, shrinkers: readonly Shrinker[], priority: number): number {
  const before = draft.counters[COUNTER.slabPages]!;
  for (const shrinker of shrinkers) shrinkSlab(draft, shrinker, priority);
  return before - draft.counters[COUNTER.slabPages]!;
}

function shrinkSlab(draft: Draft, shrinker: Shrinker, priority: number): void {
  shrinker.deferred = askForShare(shrinker.count(draft), shrinker.deferred, priority, (nrToScan) => {
    for (const object of shrinker.scan(draft, nrToScan)) {
      draft.spend(draft.platform.costs.kfreeNs);
      dropCacheObject(draft, object);
    }
    return true;
  });
}

/**
 * do_shrink_slab(): `scan` is asked for a round's share of `freeable` things, and of the `deferred` ones of rounds before; it
 * returns false if nothing more can be done (SHRINK_STOP). Returns what is deferred from now on.
 */
export function askForShare(
  freeable: number,
  deferred: number,
  priority: number,
  scan: (nrToScan: number) => boolean,
): number {
  if (freeable === 0) return deferred;
  const share = Math.floor((Math.floor(freeable / 2 ** priority) * 4) / SEEKS);
  let left = Math.min(Math.floor(deferred / 2 ** priority) + share, 2 * freeable);
  let scanned = 0;
  while (left >= BATCH || left >= freeable) {
    const nrToScan = Math.min(BATCH, left);
    if (!scan(nrToScan)) break;
    left -= nrToScan;
    scanned += nrToScan;
  }
  return Math.min(Math.max(0, deferred + share - scanned), 2 * freeable);
}
