/** kmem_cache_create, alloc, free and destroy: slabs of objects of one kind, shared by caches that are alike. */
import { __GFP_DIRECT_RECLAIM } from '../event/gfp.ts';
import { SLAB_FLAGS } from '../event/slab-flags.ts';
import type { Draft } from '../machine/draft.ts';
import type { Handler } from '../machine/handler.ts';
import { BAD_CACHE, CACHE_IN_USE, DMA_MAPPED, EXISTS, NO_CACHE, NO_OBJECT, OK } from '../outcome/outcome.ts';
import { addCache, findMergeable } from '../slab/caches.ts';
import { slabGeometry, slabPlatform } from '../slab/geometry.ts';
import { shrinkCache } from '../slab/shrink.ts';
import { type SlabObject, slabAlloc, slabFree } from '../slab/slab.ts';
import { CACHE, liveObjects } from '../slab/tables.ts';
import { CACHE_OBJECT, isDmaMapped, NO_CLASS, OBJECT } from '../state/objects.ts';
import { nameSlabObject } from './name-frames.ts';

const taken: SlabObject = { slab: 0, index: 0 };

export const kmemCacheCreate: Handler<'kmem_cache_create'> = (
  draft,
  { cache: number, size, align, slabFlags: anyFlags },
) => {
  const { cacheNumbers, slabCaches, platform } = draft;
  draft.spend(platform.costs.cacheNs);
  if (cacheNumbers.get(number, 0) !== 0) return EXISTS;
  const flags = anyFlags & SLAB_FLAGS;
  const request = { objectSizeBytes: size, alignBytes: align, flags };
  const geometry = slabGeometry(request, slabPlatform(platform.layout));
  if (geometry === undefined) return BAD_CACHE;
  let row = findMergeable(draft, request);
  if (row < 0) row = addCache(draft, geometry, flags, number);
  else {
    slabCaches.add(row, CACHE.users, 1);
    const objectSizeBytes = Math.max(size, slabCaches.get(row, CACHE.objectSizeBytes));
    slabCaches.set(row, CACHE.objectSizeBytes, objectSizeBytes);
  }
  cacheNumbers.set(number, 0, row + 1);
  return OK;
};

export const kmemCacheAlloc: Handler<'kmem_cache_alloc'> = (
  draft,
  { object, cache: number, gfp },
  result,
) => {
  draft.spend(draft.platform.costs.kmallocNs);
  if (draft.objects.get(object, OBJECT.class) !== NO_CLASS) return EXISTS;
  const cache = draft.cacheNumbers.get(number, 0) - 1;
  if (cache < 0) return NO_CACHE;
  draft.isAtomic = (gfp & __GFP_DIRECT_RECLAIM) === 0;
  const failure = slabAlloc(draft, cache, gfp, taken);
  if (failure < 0) return -failure;
  const usableBytes = draft.slabCaches.get(cache, CACHE.objectSizeBytes);
  nameSlabObject(draft, object, CACHE_OBJECT, cache, taken, usableBytes, result);
  return OK;
};

export const kmemCacheFree: Handler<'kmem_cache_free'> = (draft, { object }) => {
  draft.spend(draft.platform.costs.kfreeNs);
  const { objects } = draft;
  if (objects.get(object, OBJECT.class) !== CACHE_OBJECT) return NO_OBJECT;
  if (isDmaMapped(draft, object)) return DMA_MAPPED;
  dropCacheObject(draft, object);
  return OK;
};

/** An object that somebody has goes back to its slab. */
export function dropCacheObject(draft: Draft, object: number): void {
  const { objects } = draft;
  slabFree(draft, objects.get(object, OBJECT.extra), objects.get(object, OBJECT.detail));
  objects.clear(object);
}

/** The slabs go with the last cache that shares them, and only when no object is left. */
export const kmemCacheDestroy: Handler<'kmem_cache_destroy'> = (draft, { cache: number }) => {
  const { cacheNumbers, slabCaches } = draft;
  draft.spend(draft.platform.costs.cacheNs);
  const cache = cacheNumbers.get(number, 0) - 1;
  if (cache < 0) return NO_CACHE;
  const isLast = slabCaches.get(cache, CACHE.users) === 1;
  if (isLast && liveObjects(draft, cache) > 0) return CACHE_IN_USE;
  cacheNumbers.set(number, 0, 0);
  if (isLast) {
    shrinkCache(draft, cache);
    slabCaches.clear(cache);
  } else slabCaches.add(cache, CACHE.users, -1);
  return OK;
};
