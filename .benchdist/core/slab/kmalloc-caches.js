/**
 * The kmalloc caches: which sizes there are, for which kinds of request, and which of them serves one.
 *
 * kmalloc_info and create_kmalloc_caches of mm/slab_common.c, v6.1, without memcg (no kmalloc-cg caches). They are
 * never shared with other caches, since user space may be copied to and from them.
 */
import { __GFP_DMA, __GFP_RECLAIMABLE } from '../event/gfp.js';
import { SLAB_CACHE_DMA, SLAB_NO_MERGE, SLAB_RECLAIM_ACCOUNT } from '../event/slab-flags.js';
import { slabGeometry } from './geometry.js';
/** KMALLOC_MIN_SIZE of x86. */
const MIN_BYTES = 8;
/** The two sizes between powers of two, for the gaps where those waste most. */
const ODD_SIZES = [96, 192];
const NORMAL = { prefix: 'kmalloc', flags: 0 };
const RECLAIM = { prefix: 'kmalloc-rcl', flags: SLAB_RECLAIM_ACCOUNT };
const DMA = { prefix: 'dma-kmalloc', flags: SLAB_CACHE_DMA };
/** In the order in which the kernel makes them (enum kmalloc_cache_type). */
const TYPES = [NORMAL, RECLAIM, DMA];
/** Every kmalloc cache, oldest first. */
export function kmallocCaches(platform) {
    const sizes = kmallocSizes(platform.pageBytes);
    return TYPES.flatMap(({ prefix, flags }, type) => sizes.map((objectSizeBytes, i) => {
        const alignBytes = ODD_SIZES.includes(objectSizeBytes) ? 0 : objectSizeBytes;
        const geometry = slabGeometry({ objectSizeBytes, alignBytes, flags }, platform);
        const name = `${prefix}-${sizeName(objectSizeBytes)}`;
        return { ...geometry, index: type * sizes.length + i, name, flags: flags | SLAB_NO_MERGE };
    }));
}
/** KMALLOC_MAX_CACHE_SIZE with SLUB: larger requests go to the page allocator. */
export function largestCacheBytes(pageBytes) {
    return 2 * pageBytes;
}
/** Sizes of the caches of one type, ascending. */
function kmallocSizes(pageBytes) {
    const sizes = ODD_SIZES.slice();
    for (let bytes = MIN_BYTES; bytes <= largestCacheBytes(pageBytes); bytes *= 2)
        sizes.push(bytes);
    return sizes.sort((a, b) => a - b);
}
/**
 * By type, then by the size of a request in units of 8 bytes, rounded up: row of the cache that serves it (size_index).
 * One cell a size, so that kmalloc need only look.
 */
export function kmallocRows(caches, pageBytes) {
    const perType = largestCacheBytes(pageBytes) / MIN_BYTES + 1;
    return Uint8Array.from({ length: TYPES.length * perType }, (_, cell) => {
        const { flags } = TYPES[Math.floor(cell / perType)];
        const bytes = (cell % perType) * MIN_BYTES;
        return caches.findIndex((cache) => cache.flags === (flags | SLAB_NO_MERGE) && cache.sizeBytes >= bytes);
    });
}
/** Row of the cache that serves a request of 1 to `largestCacheBytes` bytes (kmalloc_slab, kmalloc_type). */
export function kmallocRow(rows, sizeBytes, gfp) {
    const units = (sizeBytes + MIN_BYTES - 1) >>> 3;
    if ((gfp & (__GFP_DMA | __GFP_RECLAIMABLE)) === 0)
        return rows[units];
    const type = TYPES.indexOf((gfp & __GFP_DMA) === 0 ? RECLAIM : DMA);
    return rows[type * (rows.length / TYPES.length) + units];
}
function sizeName(bytes) {
    return bytes >= 1024 ? `${bytes / 1024}k` : String(bytes);
}
//# sourceMappingURL=kmalloc-caches.js.map