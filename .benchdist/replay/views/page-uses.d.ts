import type { Machine } from '../../core/state/machine.ts';
/** In pages. */
export interface PageUses {
    /** Private pages of processes. */
    anon: number;
    /** Page cache, shared memory included. */
    cache: number;
    shmem: number;
    /** Page cache that some process maps. */
    mapped: number;
    /** Slabs, and kmalloc too large for one. */
    slab: number;
    /** Slabs of caches whose objects can be reclaimed (SLAB_RECLAIM_ACCOUNT). */
    reclaimableSlab: number;
    kernelStack: number;
}
/** By zone index. */
export declare function usesByZone(machine: Machine): PageUses[];
export declare function totalUses(machine: Machine): PageUses;
