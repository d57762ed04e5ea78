/** alloc_pages and kmalloc: memory that the kernel reaches by a constant offset, or page frames without address. */
import type { FoldResult, Handler } from '../fold-event.ts';
import { forgetKmaps } from '../kmap/kmap.ts';
import { ADDRESS_LOGICAL, ADDRESS_PHYSICAL, EXISTS, NO_OBJECT, OK, TOO_LARGE } from '../outcome.ts';
import type { Draft } from '../state/draft.ts';
import { KMALLOC, KMALLOC_LARGE, NO_CLASS, OBJECT, PAGES } from '../state/objects.ts';
import { USE_KMALLOC_LARGE, USE_PAGES } from './frames.ts';
import { kmallocRow, largestCacheBytes } from './kmalloc-caches.ts';
import { allocPages, freePages } from './page-alloc.ts';
import { SLAB, type SlabObject, slabAlloc, slabFree } from './slab.ts';
import { orderFor } from './slab-geometry.ts';
import { MAX_ORDER } from './zones.ts';

const taken: SlabObject = { slab: 0, index: 0 };

export const pageAlloc: Handler = (draft, { object, a: order, b: gfp }, result) => {
  draft.spend(draft.platform.costs.pageAllocNs);
  if (draft.objects.get(object, OBJECT.class) !== NO_CLASS) return EXISTS;
  const pfn = allocPages(draft, order, gfp, USE_PAGES, object);
  if (pfn < 0) return -pfn;
  nameFrames(draft, object, PAGES, pfn, pageBytes(draft) << order, result);
  draft.objects.set(object, OBJECT.extra, order);
  return OK;
};

export const pageFree: Handler = (draft, { cpu, object }) => {
  draft.spend(draft.platform.costs.pageFreeNs);
  if (draft.objects.get(object, OBJECT.class) !== PAGES) return NO_OBJECT;
  const pfn = draft.objects.get(object, OBJECT.pfn);
  if (draft.objects.get(object, OBJECT.vpn) < 0)
    forgetKmaps(draft, cpu, pfn, 1 << draft.objects.get(object, OBJECT.extra));
  freePages(draft, pfn);
  draft.objects.clear(object);
  return OK;
};

export const kmalloc: Handler = (draft, { object, a: sizeBytes, b: gfp }, result) => {
  draft.spend(draft.platform.costs.kmallocNs);
  if (draft.objects.get(object, OBJECT.class) !== NO_CLASS) return EXISTS;
  if (sizeBytes > largestCacheBytes(pageBytes(draft)))
    return kmallocLarge(draft, object, sizeBytes, gfp, result);
  const { kmallocCaches, kmallocRows } = draft.platform;
  const cache = kmallocCaches[kmallocRow(kmallocRows, sizeBytes, gfp)]!;
  const failure = slabAlloc(draft, cache, gfp, taken);
  if (failure < 0) return -failure;
  const offset = taken.index * cache.sizeBytes;
  const { pageShift } = draft.platform.mmu;
  const pfn = draft.slabs.get(taken.slab, SLAB.pfn) + (offset >>> pageShift);
  nameFrames(draft, object, KMALLOC, pfn, cache.sizeBytes, result);
  const { objects } = draft;
  objects.set(object, OBJECT.start, offset & (pageBytes(draft) - 1));
  objects.set(object, OBJECT.extra, taken.slab);
  objects.set(object, OBJECT.detail, taken.index);
  return OK;
};

export const kfree: Handler = (draft, { object }) => {
  draft.spend(draft.platform.costs.kfreeNs);
  const { objects } = draft;
  const cls = objects.get(object, OBJECT.class);
  if (cls === KMALLOC) slabFree(draft, objects.get(object, OBJECT.extra), objects.get(object, OBJECT.detail));
  else if (cls === KMALLOC_LARGE) freePages(draft, objects.get(object, OBJECT.pfn));
  else return NO_OBJECT;
  objects.clear(object);
  return OK;
};

/** Above two pages kmalloc rounds up to a power of two pages (kmalloc_large, mm/slab_common.c, v6.1). */
function kmallocLarge(
  draft: Draft,
  object: number,
  sizeBytes: number,
  gfp: number,
  result: FoldResult,
): number {
  const order = orderFor(sizeBytes, pageBytes(draft));
  if (order >= MAX_ORDER) return TOO_LARGE;
  const pfn = allocPages(draft, order, gfp, USE_KMALLOC_LARGE, object);
  if (pfn < 0) return -pfn;
  nameFrames(draft, object, KMALLOC_LARGE, pfn, pageBytes(draft) << order, result);
  return OK;
}

/** Notes where a physically contiguous object lies: at __va of its frame, or nowhere if that is high memory. */
function nameFrames(
  draft: Draft,
  object: number,
  cls: number,
  pfn: number,
  sizeBytes: number,
  result: FoldResult,
): void {
  const { objects, platform } = draft;
  const isHigh = platform.layout.highstartPfn !== undefined && pfn >= platform.layout.highstartPfn;
  const vpn = isHigh ? -1 : platform.directMapVpn + pfn;
  objects.set(object, OBJECT.class, cls);
  objects.set(object, OBJECT.vpn, vpn);
  objects.set(object, OBJECT.start, 0);
  objects.set(object, OBJECT.sizeBytes, sizeBytes);
  objects.set(object, OBJECT.pfn, pfn);
  result.pfn = pfn;
  result.vpn = isHigh ? 0 : vpn;
  result.address = isHigh ? ADDRESS_PHYSICAL : ADDRESS_LOGICAL;
}

function pageBytes(draft: Draft): number {
  return 2 ** draft.platform.mmu.pageShift;
}
