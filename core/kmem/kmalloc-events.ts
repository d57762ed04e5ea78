/** kmalloc and kfree: small requests from the slabs of the kmalloc caches, large ones from the page allocator. */
import { __GFP_DMA32, __GFP_HIGHMEM } from '../event/gfp.ts';
import type { Draft } from '../machine/draft.ts';
import type { FoldResult, Handler } from '../machine/handler.ts';
import { DMA_MAPPED, EXISTS, NO_OBJECT, OK, TOO_LARGE } from '../outcome/outcome.ts';
import { USE_KMALLOC_LARGE } from '../phys/frames.ts';
import { allocPages, freePages } from '../phys/page-alloc.ts';
import { orderFor } from '../slab/geometry.ts';
import { kmallocRow, largestCacheBytes } from '../slab/kmalloc-caches.ts';
import { type SlabObject, slabAlloc, slabFree } from '../slab/slab.ts';
import { CACHE } from '../slab/tables.ts';
import { KMALLOC, KMALLOC_LARGE, KMALLOC_NOTHING, NO_CLASS, OBJECT } from '../state/objects.ts';
import { nameFrames, nameSlabObject, pageBytes } from './name-frames.ts';

const taken: SlabObject = { slab: 0, index: 0 };

export const kmalloc: Handler<'kmalloc'> = (draft, { object, size: sizeBytes, gfp }, result) => {
  draft.spend(draft.platform.costs.kmallocNs);
  if (draft.objects.get(object, OBJECT.class) !== NO_CLASS) return EXISTS;
  if (sizeBytes === 0) return kmallocNothing(draft, object);
  if (sizeBytes > largestCacheBytes(pageBytes(draft)))
    return kmallocLarge(draft, object, sizeBytes, gfp, result);
  const cache = kmallocRow(draft.platform.kmallocRows, sizeBytes, gfp);
  const failure = slabAlloc(draft, cache, gfp, taken);
  if (failure < 0) return -failure;
  const usableBytes = draft.slabCaches.get(cache, CACHE.sizeBytes); // ksize()
  nameSlabObject(draft, object, KMALLOC, cache, taken, usableBytes, result);
  return OK;
};

export const kfree: Handler<'kfree'> = (draft, { object }) => {
  draft.spend(draft.platform.costs.kfreeNs);
  const { objects } = draft;
  const row = objects.toRead(object);
  const at = objects.cellOf(object);
  const cls = row[at + OBJECT.class];
  if (cls !== KMALLOC && cls !== KMALLOC_LARGE && cls !== KMALLOC_NOTHING) return NO_OBJECT;
  if (row[at + OBJECT.dma] !== 0) return DMA_MAPPED;
  if (cls === KMALLOC) slabFree(draft, row[at + OBJECT.extra]!, row[at + OBJECT.detail]!);
  else if (cls === KMALLOC_LARGE) freePages(draft, row[at + OBJECT.pfn]!);
  objects.clear(object);
  return OK;
};

/** A request of no bytes gets ZERO_SIZE_PTR, which may be freed and points to no memory. */
function kmallocNothing({ objects }: Draft, object: number): number {
  objects.set(object, OBJECT.class, KMALLOC_NOTHING);
  objects.set(object, OBJECT.vpn, -1);
  return OK;
}

/** More than two pages: a power of two of them (kmalloc_large, mm/slab_common.c, v6.1), never in high memory. */
function kmallocLarge(
  draft: Draft,
  object: number,
  sizeBytes: number,
  gfp: number,
  result: FoldResult,
): number {
  const order = orderFor(sizeBytes, pageBytes(draft));
  if (order >= draft.platform.maxOrder) return TOO_LARGE;
  const lowGfp = gfp & ~(__GFP_HIGHMEM | __GFP_DMA32);
  const pfn = allocPages(draft, order, lowGfp, USE_KMALLOC_LARGE, object);
  if (pfn < 0) return -pfn;
  nameFrames(draft, object, KMALLOC_LARGE, pfn, pageBytes(draft) << order, result);
  return OK;
}
