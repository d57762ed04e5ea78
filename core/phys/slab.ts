/**
 * The slab allocator behind kmalloc: slabs of 2^order pages cut into equal objects (SLUB, mm/slub.c, v6.1).
 *
 * A cache allocates from its current slab until that is full, then from its partial slabs, then from a new one.
 * A freed object becomes the first free object of its slab, so kfree and kmalloc of one size is LIFO.
 * Simplified: one current slab a cache, not one a cpu; an empty slab goes back to the page allocator at once
 * (the kernel keeps up to min_partial of them), so freeing everything returns every page.
 */

import { COUNTER } from '../counters.ts';
import { __GFP_DMA, __GFP_HIGHMEM, __GFP_MOVABLE } from '../event/gfp.ts';
import { SLAB_CACHE_DMA } from '../event/slab-flags.ts';
import type { Draft } from '../state/draft.ts';
import { VAR } from '../state/machine.ts';
import { USE_SLAB } from './frames.ts';
import type { KmallocCache } from './kmalloc-caches.ts';
import { allocPages, freePages } from './page-alloc.ts';

/** Fields of a row of `slabs`. Rows are numbered from 1; 0 means none. */
export const SLAB = {
  pfn: 0,
  /** Row of `slabCaches` + 1; 0 when the row is free. */
  cache: 1,
  inUse: 2,
  /** Index + 1 of the first free object that was in use before. */
  free: 3,
  /** Objects from this index on were never given out. */
  fresh: 4,
  /** Neighbours in the list of partial slabs; `next` also links the free rows. */
  next: 5,
  prev: 6,
} as const;

/** Fields of a row of `slabCaches`. */
export const CACHE = { current: 0, partial: 1, slabs: 2, objects: 3 } as const;

export interface SlabObject {
  slab: number;
  index: number;
}

/** Takes an object of a cache; the negated reason when no page can be had. Fills `into`. */
export function slabAlloc(draft: Draft, cache: KmallocCache, gfp: number, into: SlabObject): number {
  const { slabs, slabCaches } = draft;
  let slab = slabCaches.get(cache.index, CACHE.current);
  if (slab === 0 || slabs.get(slab, SLAB.inUse) === cache.objectsPerSlab) {
    slab = nextSlab(draft, cache, gfp);
    if (slab < 0) return slab;
    slabCaches.set(cache.index, CACHE.current, slab);
  }
  into.slab = slab;
  into.index = takeObject(draft, slab);
  slabs.add(slab, SLAB.inUse, 1);
  slabCaches.add(cache.index, CACHE.objects, 1);
  return 0;
}

export function slabFree(draft: Draft, slab: number, index: number): void {
  const { slabs, slabCaches } = draft;
  const cache = draft.platform.kmallocCaches[slabs.get(slab, SLAB.cache) - 1]!;
  draft.slabLinks.set(slab * draft.platform.slabLinkRoom + index, 0, slabs.get(slab, SLAB.free));
  slabs.set(slab, SLAB.free, index + 1);
  const left = slabs.add(slab, SLAB.inUse, -1);
  slabCaches.add(cache.index, CACHE.objects, -1);
  const isCurrent = slabCaches.get(cache.index, CACHE.current) === slab;
  if (left === 0) discardSlab(draft, cache, slab, isCurrent);
  else if (!isCurrent && left === cache.objectsPerSlab - 1) pushPartial(draft, cache, slab);
}

/** The most recently freed object, or the next one that was never used. */
function takeObject(draft: Draft, slab: number): number {
  const { slabs } = draft;
  const free = slabs.get(slab, SLAB.free);
  if (free === 0) return slabs.add(slab, SLAB.fresh, 1) - 1;
  const link = slab * draft.platform.slabLinkRoom + free - 1;
  slabs.set(slab, SLAB.free, draft.slabLinks.get(link, 0));
  draft.slabLinks.set(link, 0, 0);
  return free - 1;
}

/** A slab with a free object: the first partial one, else a new one. */
function nextSlab(draft: Draft, cache: KmallocCache, gfp: number): number {
  const partial = draft.slabCaches.get(cache.index, CACHE.partial);
  if (partial === 0) return newSlab(draft, cache, gfp);
  unlinkPartial(draft, cache, partial);
  return partial;
}

function newSlab(draft: Draft, cache: KmallocCache, gfp: number): number {
  const { slabs, vars } = draft;
  const reused = vars[VAR.freeSlab]!;
  const slab = reused === 0 ? vars[VAR.slabRows]! + 1 : reused;
  const zone = (cache.flags & SLAB_CACHE_DMA) === 0 ? 0 : __GFP_DMA;
  const pfn = allocPages(draft, cache.order, (gfp & ~(__GFP_HIGHMEM | __GFP_MOVABLE)) | zone, USE_SLAB, slab);
  if (pfn < 0) return pfn;
  if (reused === 0) vars[VAR.slabRows] = slab;
  else vars[VAR.freeSlab] = slabs.get(slab, SLAB.next);
  slabs.clear(slab);
  slabs.set(slab, SLAB.pfn, pfn);
  slabs.set(slab, SLAB.cache, cache.index + 1);
  draft.slabCaches.add(cache.index, CACHE.slabs, 1);
  draft.counters[COUNTER.slabPages]! += 1 << cache.order;
  return slab;
}

/** Gives an empty slab's pages back and its row to the free rows. */
function discardSlab(draft: Draft, cache: KmallocCache, slab: number, isCurrent: boolean): void {
  const { slabs, slabCaches, vars } = draft;
  if (isCurrent) slabCaches.set(cache.index, CACHE.current, 0);
  else if (cache.objectsPerSlab > 1) unlinkPartial(draft, cache, slab);
  freePages(draft, slabs.get(slab, SLAB.pfn));
  forgetLinks(draft, cache, slab);
  slabs.clear(slab);
  slabs.set(slab, SLAB.next, vars[VAR.freeSlab]!);
  vars[VAR.freeSlab] = slab;
  slabCaches.add(cache.index, CACHE.slabs, -1);
  draft.counters[COUNTER.slabPages]! -= 1 << cache.order;
}

/** Links of a slab that is no more would be state without meaning: the digest must not see them. */
function forgetLinks(draft: Draft, cache: KmallocCache, slab: number): void {
  const first = slab * draft.platform.slabLinkRoom;
  const used = draft.slabs.get(slab, SLAB.fresh);
  for (let i = 0; i < used && i < cache.objectsPerSlab; i++) draft.slabLinks.set(first + i, 0, 0);
}

function pushPartial(draft: Draft, cache: KmallocCache, slab: number): void {
  const { slabs, slabCaches } = draft;
  const head = slabCaches.get(cache.index, CACHE.partial);
  slabs.set(slab, SLAB.next, head);
  slabs.set(slab, SLAB.prev, 0);
  if (head !== 0) slabs.set(head, SLAB.prev, slab);
  slabCaches.set(cache.index, CACHE.partial, slab);
}

function unlinkPartial(draft: Draft, cache: KmallocCache, slab: number): void {
  const { slabs } = draft;
  const next = slabs.get(slab, SLAB.next);
  const prev = slabs.get(slab, SLAB.prev);
  if (prev === 0) draft.slabCaches.set(cache.index, CACHE.partial, next);
  else slabs.set(prev, SLAB.next, next);
  if (next !== 0) slabs.set(next, SLAB.prev, prev);
  slabs.set(slab, SLAB.next, 0);
  slabs.set(slab, SLAB.prev, 0);
}
