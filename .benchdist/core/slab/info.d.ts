/** What /proc/slabinfo tells of the slab caches (get_slabinfo of mm/slub.c, v6.1). */
import type { Machine } from '../state/machine.ts';
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
export declare function slabCaches(machine: Machine): SlabCacheInfo[];
/** kmalloc-64; or cache-7, by the number of the first cache that uses these slabs. */
export declare function cacheName({ platform, slabCaches: caches }: Machine, row: number): string;
