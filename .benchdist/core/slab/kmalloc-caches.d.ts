import { type SlabGeometry, type SlabPlatform } from './geometry.ts';
export interface KmallocCache extends SlabGeometry {
    /** Row of `slabCaches`. */
    readonly index: number;
    readonly name: string;
    /** SLAB_ flags. */
    readonly flags: number;
}
/** Every kmalloc cache, oldest first. */
export declare function kmallocCaches(platform: SlabPlatform): KmallocCache[];
/** KMALLOC_MAX_CACHE_SIZE with SLUB: larger requests go to the page allocator. */
export declare function largestCacheBytes(pageBytes: number): number;
/**
 * By type, then by the size of a request in units of 8 bytes, rounded up: row of the cache that serves it (size_index).
 * One cell a size, so that kmalloc need only look.
 */
export declare function kmallocRows(caches: readonly KmallocCache[], pageBytes: number): Uint8Array;
/** Row of the cache that serves a request of 1 to `largestCacheBytes` bytes (kmalloc_slab, kmalloc_type). */
export declare function kmallocRow(rows: Uint8Array, sizeBytes: number, gfp: number): number;
