/** Slab caches come and go: rows of `slabCaches` (kmem_cache_create and kmem_cache_destroy, mm/slab_common.c, v6.1). */

import type { Draft } from '../machine/draft.ts';
import { mergesInto, type SlabGeometry, type SlabRequest, slabPlatform } from './geometry.ts';
import { SLAB_VAR } from './state.ts';
import { CACHE } from './tables.ts';

/** The caches of boot; `platform.kmallocCaches` says in which rows they are. */
export function addKmallocCaches(draft: Draft): void {
  for (const cache of draft.platform.kmallocCaches) addCache(draft, cache, cache.flags, 0);
}

/** Makes a cache with no slabs in the first free row; returns that. */
export function addCache(draft: Draft, geometry: SlabGeometry, flags: number, number: number): number {
  const { slabCaches, vars } = draft;
  let row = 0;
  while (row < vars[SLAB_VAR.cacheRows]! && slabCaches.get(row, CACHE.users) !== 0) row++;
  vars[SLAB_VAR.cacheRows] = Math.max(vars[SLAB_VAR.cacheRows]!, row + 1);
  vars[SLAB_VAR.cachesBorn]!++;
  const fields: { [F in keyof typeof CACHE]?: number } = {
    sizeBytes: geometry.sizeBytes,
    objectSizeBytes: geometry.objectSizeBytes,
    order: geometry.order,
    objectsPerSlab: geometry.objectsPerSlab,
    minOrder: geometry.minOrder,
    minObjects: geometry.minObjects,
    minPartial: geometry.minPartial,
    cpuPartialSlabs: geometry.cpuPartialSlabs,
    flags,
    users: 1,
    number,
    born: vars[SLAB_VAR.cachesBorn]!,
  };
  for (const [field, value] of Object.entries(fields))
    slabCaches.set(row, CACHE[field as keyof typeof CACHE], value);
  return row;
}

/**
 * Row of the cache whose slabs a new one can use (find_mergeable); -1 when there is none. There is never more than
 * one: sizes are multiples of 8, so that less than a word is wasted by the same size only, and that would have merged.
 */
export function findMergeable({ slabCaches, vars, platform }: Draft, request: SlabRequest): number {
  const kernel = slabPlatform(platform.layout);
  for (let row = platform.kmallocCaches.length; row < vars[SLAB_VAR.cacheRows]!; row++) {
    if (slabCaches.get(row, CACHE.users) === 0) continue;
    const cache = {
      sizeBytes: slabCaches.get(row, CACHE.sizeBytes),
      flags: slabCaches.get(row, CACHE.flags),
    };
    if (mergesInto(request, cache, kernel)) return row;
  }
  return -1;
}
