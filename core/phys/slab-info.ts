/** What /proc/slabinfo tells of the slab caches (get_slabinfo of mm/slub.c, v6.1). */
import type { Machine } from '../state/machine.ts';
import { CACHE } from './slab.ts';

/** A line of /proc/slabinfo, and a little more. */
export interface SlabCacheInfo {
  readonly name: string;
  /** Objects in use, as the kernel counts them: those that a cpu holds ready count as in use. */
  readonly activeObjects: number;
  /** Objects in all slabs, free ones included. */
  readonly totalObjects: number;
  /** Distance of two objects (slabinfo's objsize), and what the user of one may use. */
  readonly sizeBytes: number;
  readonly objectSizeBytes: number;
  readonly objectsPerSlab: number;
  readonly pagesPerSlab: number;
  /** Both are the number of slabs: SLUB does not keep them apart. */
  readonly activeSlabs: number;
  readonly totalSlabs: number;
}

/** All caches in the order of /proc/slabinfo: the newest first. */
export function slabCaches({ platform, slabCaches: table }: Machine): SlabCacheInfo[] {
  return platform.kmallocCaches
    .map(({ index, name, order, objectsPerSlab, sizeBytes, objectSizeBytes }) => {
      const slabs = table.get(index, CACHE.slabs);
      return {
        name,
        activeObjects: table.get(index, CACHE.objects),
        totalObjects: slabs * objectsPerSlab,
        sizeBytes,
        objectSizeBytes,
        objectsPerSlab,
        pagesPerSlab: 2 ** order,
        activeSlabs: slabs,
        totalSlabs: slabs,
      };
    })
    .reverse();
}
