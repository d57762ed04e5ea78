/** What /proc/slabinfo tells of the slab caches (get_slabinfo of mm/slub.c, v6.1). */

import type { Machine } from '../machine/machine.ts';
import { SLAB_VAR } from './state.ts';

import { CACHE, liveObjects, SLAB, slabList } from './tables.ts';

/** A line of /proc/slabinfo, and a little more. */
export interface SlabCacheInfo {
  readonly name: string;
  /** Objects in use, as the kernel counts them: all but the free ones of slabs that no cpu holds. */
  readonly activeObjects: number;
  /** Objects in all slabs, free ones included. */
  readonly totalObjects: number;
  /** Objects that somebody has. */
  readonly liveObjects: number;
  /** Distance of two objects (slabinfo's objsize), and what the user of one may use. */
  readonly sizeBytes: number;
  readonly objectSizeBytes: number;
  /** Of a slab of the usual order. */
  readonly objectsPerSlab: number;
  readonly pagesPerSlab: number;
  /** Both are the number of slabs: SLUB does not keep them apart. */
  readonly activeSlabs: number;
  readonly totalSlabs: number;
}

/** All caches in the order of /proc/slabinfo: the newest first. Caches that share slabs are one. */
export function slabCaches(machine: Machine): SlabCacheInfo[] {
  const { slabCaches: caches, vars } = machine;
  const rows = Array.from({ length: vars[SLAB_VAR.cacheRows]! }, (_, row) => row);
  return rows
    .filter((row) => caches.get(row, CACHE.users) !== 0)
    .sort((a, b) => caches.get(b, CACHE.born) - caches.get(a, CACHE.born))
    .map((row) => infoOf(machine, row));
}

function infoOf(machine: Machine, row: number): SlabCacheInfo {
  const field = (name: keyof typeof CACHE): number => machine.slabCaches.get(row, CACHE[name]);
  const free = slabList(machine, field('partial')).map(
    (slab) => machine.slabs.get(slab, SLAB.objects) - machine.slabs.get(slab, SLAB.inUse),
  );
  return {
    name: cacheName(machine, row),
    activeObjects: field('objects') - free.reduce((sum, objects) => sum + objects, 0),
    totalObjects: field('objects'),
    liveObjects: liveObjects(machine, row),
    sizeBytes: field('sizeBytes'),
    objectSizeBytes: field('objectSizeBytes'),
    objectsPerSlab: field('objectsPerSlab'),
    pagesPerSlab: 2 ** field('order'),
    activeSlabs: field('slabs'),
    totalSlabs: field('slabs'),
  };
}

/** kmalloc-64; or cache-7, by the number of the first cache that uses these slabs. */
export function cacheName({ platform, slabCaches: caches, vars }: Machine, row: number): string {
  if (row + 1 === vars[SLAB_VAR.nodeCache]) return 'radix_tree_node';
  return platform.kmallocCaches[row]?.name ?? `cache-${caches.get(row, CACHE.number) >>> 0}`;
}
