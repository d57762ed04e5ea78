import type { Layout } from '../layout/layout.ts';
/** What a kernel brings to every cache. */
export interface SlabPlatform {
    readonly wordBits: 32 | 64;
    readonly pageBytes: number;
    /** cpus present. */
    readonly cpus: number;
    /** Built with CONFIG_SMP: slabs are kept in lists by cpu (CONFIG_SLUB_CPU_PARTIAL). */
    readonly smp: boolean;
}
export declare function slabPlatform({ wordBits, pageShift, cpus, nrCpus }: Layout): SlabPlatform;
/** What kmem_cache_create() is asked for. */
export interface SlabRequest {
    readonly objectSizeBytes: number;
    /** A power of two; 0 leaves it to the allocator. */
    readonly alignBytes: number;
    /** SLAB_ flags. */
    readonly flags: number;
}
export interface SlabGeometry {
    /** Bytes that the user of an object may use. */
    readonly objectSizeBytes: number;
    /** Distance of two objects. */
    readonly sizeBytes: number;
    readonly alignBytes: number;
    /** Bytes of an object up to its metadata. */
    readonly inuseBytes: number;
    /** Where a free object keeps the pointer to the next one. */
    readonly freePointerOffset: number;
    /** Pages in a slab: 2^order. */
    readonly order: number;
    readonly objectsPerSlab: number;
    /** The same of the smallest slab, taken when no block of `order` is free. */
    readonly minOrder: number;
    readonly minObjects: number;
    /** Empty slabs that are kept. */
    readonly minPartial: number;
    /** Free objects that a cpu may keep in partial slabs, and the slabs that these are taken to be. */
    readonly cpuPartialObjects: number;
    readonly cpuPartialSlabs: number;
}
/** The geometry of a cache; undefined when no slab can hold such an object (kmem_cache_create: -EINVAL). */
export declare function slabGeometry(request: SlabRequest, platform: SlabPlatform): SlabGeometry | undefined;
/** The most objects that a slab of any cache is cut into. */
export declare function mostObjects(platform: SlabPlatform): number;
/** get_order(): log2 of the pages that `bytes` need, rounded up. */
export declare function orderFor(bytes: number, pageBytes: number): number;
/** Whether a cache with these flags may share its slabs with others at all (slab_unmergeable). */
export declare function isMergeable(flags: number): boolean;
/** Whether a new cache can use the slabs of an older one (find_mergeable). */
export declare function mergesInto(request: SlabRequest, cache: {
    readonly sizeBytes: number;
    readonly flags: number;
}, platform: SlabPlatform): boolean;
