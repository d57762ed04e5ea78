/** Pages of slabs: from the page allocator and back to it (allocate_slab and discard_slab of mm/slub.c, v6.1). */

import {
  __GFP_ATOMIC,
  __GFP_DIRECT_RECLAIM,
  __GFP_DMA,
  __GFP_DMA32,
  __GFP_FS,
  __GFP_HARDWALL,
  __GFP_HIGH,
  __GFP_IO,
  __GFP_KSWAPD_RECLAIM,
  __GFP_MEMALLOC,
  __GFP_RECLAIMABLE,
} from '../event/gfp.ts';
import { SLAB_CACHE_DMA, SLAB_CACHE_DMA32, SLAB_RECLAIM_ACCOUNT } from '../event/slab-flags.ts';
import type { Draft } from '../machine/draft.ts';
import { COUNTER } from '../outcome/counters.ts';
import { FRAME, USE_SLAB } from '../phys/frames.ts';
import { allocPages, freePages } from '../phys/page-alloc.ts';
import { SLAB_VAR } from './state.ts';

import { CACHE, SLAB } from './tables.ts';

const __GFP_RECLAIM = __GFP_DIRECT_RECLAIM | __GFP_KSWAPD_RECLAIM;
/**
 * What of a request reaches the page allocator: how hard to try, not where (GFP_RECLAIM_MASK, GFP_CONSTRAINT_MASK).
 * The zone and the migrate type are the cache's; high memory is never asked for.
 */
const REQUEST_MASK =
  __GFP_RECLAIM | __GFP_HIGH | __GFP_ATOMIC | __GFP_IO | __GFP_FS | __GFP_HARDWALL | __GFP_MEMALLOC;

/** A slab with all objects free, on no list; the negated reason when no page can be had. */
export function newSlab(draft: Draft, cache: number, gfp: number): number {
  const { slabs, slabCaches, vars } = draft;
  const isReused = vars[SLAB_VAR.freeSlab] !== 0;
  // Before the pages, for which reclaim may need slabs itself.
  const slab = takeRow(draft);
  const pfn = slabPages(
    draft,
    cache,
    (gfp & REQUEST_MASK) | cacheGfp(slabCaches.get(cache, CACHE.flags)),
    slab,
  );
  if (pfn < 0) {
    // A failure leaves everything as it was.
    if (!isReused && vars[SLAB_VAR.slabRows] === slab) vars[SLAB_VAR.slabRows] = slab - 1;
    else giveRow(draft, slab);
    return pfn;
  }
  const order = draft.frames.get(pfn, FRAME.order);
  const isWhole = order === slabCaches.get(cache, CACHE.order);
  const objects = slabCaches.get(cache, isWhole ? CACHE.objectsPerSlab : CACHE.minObjects);
  slabs.clear(slab);
  slabs.set(slab, SLAB.pfn, pfn);
  slabs.set(slab, SLAB.cache, cache + 1);
  slabs.set(slab, SLAB.objects, objects);
  slabCaches.add(cache, CACHE.slabs, 1);
  slabCaches.add(cache, CACHE.objects, objects);
  draft.counters[COUNTER.slabPages]! += 1 << order;
  return slab;
}

/** A block of the cache's order, without much effort; else the smallest that holds an object. */
function slabPages(draft: Draft, cache: number, gfp: number, slab: number): number {
  const order = draft.slabCaches.get(cache, CACHE.order);
  const minOrder = draft.slabCaches.get(cache, CACHE.minOrder);
  const mayReclaim = (gfp & __GFP_DIRECT_RECLAIM) !== 0;
  const first = mayReclaim && order > minOrder ? gfp & ~__GFP_RECLAIM : gfp;
  const pfn = allocPages(draft, order, first, USE_SLAB, slab);
  return pfn >= 0 ? pfn : allocPages(draft, minOrder, gfp, USE_SLAB, slab);
}

/** Gives the pages of an empty slab back, and its row to the free rows. */
export function discardSlab(draft: Draft, cache: number, slab: number): void {
  const { slabs, slabCaches } = draft;
  const pfn = slabs.get(slab, SLAB.pfn);
  draft.counters[COUNTER.slabPages]! -= 1 << draft.frames.get(pfn, FRAME.order);
  slabCaches.add(cache, CACHE.slabs, -1);
  slabCaches.add(cache, CACHE.objects, -slabs.get(slab, SLAB.objects));
  freePages(draft, pfn);
  forgetLinks(draft, slab);
  slabs.clear(slab);
  giveRow(draft, slab);
}

/** A row of `slabs` that no slab has. */
function takeRow({ slabs, vars }: Draft): number {
  const reused = vars[SLAB_VAR.freeSlab]!;
  if (reused === 0) return ++vars[SLAB_VAR.slabRows]!;
  vars[SLAB_VAR.freeSlab] = slabs.get(reused, SLAB.next);
  return reused;
}

function giveRow({ slabs, vars }: Draft, slab: number): void {
  slabs.set(slab, SLAB.next, vars[SLAB_VAR.freeSlab]!);
  vars[SLAB_VAR.freeSlab] = slab;
}

/** Links of a slab that is no more would be state without meaning: the digest must not see them. */
function forgetLinks({ slabs, slabLinks, platform }: Draft, slab: number): void {
  const first = slab * platform.slabLinkRoom - 1;
  for (let at = slabs.get(slab, SLAB.free); at !== 0; ) {
    const next = slabLinks.get(first + at, 0);
    slabLinks.set(first + at, 0, 0);
    at = next;
  }
}

/** Zone and migrate type of a cache's slabs (s->allocflags). */
function cacheGfp(flags: number): number {
  return (
    ((flags & SLAB_CACHE_DMA) === 0 ? 0 : __GFP_DMA) |
    ((flags & SLAB_CACHE_DMA32) === 0 ? 0 : __GFP_DMA32) |
    ((flags & SLAB_RECLAIM_ACCOUNT) === 0 ? 0 : __GFP_RECLAIMABLE)
  );
}
