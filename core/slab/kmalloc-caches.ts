/**
 * The kmalloc caches: which sizes there are, for which kinds of request, and which of them serves one.
 *
 * kmalloc_info and create_kmalloc_caches of mm/slab_common.c, v6.1, without memcg (no kmalloc-cg caches). They are
 * never shared with other caches, since user space may be copied to and from them.
 */
import { __GFP_DMA, __GFP_RECLAIMABLE } from '../event/gfp.ts';
import { SLAB_CACHE_DMA, SLAB_NO_MERGE, SLAB_RECLAIM_ACCOUNT } from '../event/slab-flags.ts';
import { type SlabGeometry, type SlabPlatform, slabGeometry } from './geometry.ts';

/** Requests are looked up in units of this: KMALLOC_MIN_SIZE where nothing needs more (x86). */
const MIN_BYTES = 8;
/** The two sizes between powers of two, for the gaps where those waste most. */
const ODD_SIZES = [96, 192];

const NORMAL = { prefix: 'kmalloc', flags: 0 };
const RECLAIM = { prefix: 'kmalloc-rcl', flags: SLAB_RECLAIM_ACCOUNT };
const DMA = { prefix: 'dma-kmalloc', flags: SLAB_CACHE_DMA };
/** In the order in which the kernel makes them (enum kmalloc_cache_type). */
const TYPES = [NORMAL, RECLAIM, DMA];

export interface KmallocCache extends SlabGeometry {
  /** Row of `slabCaches`. */
  readonly index: number;
  readonly name: string;
  /** SLAB_ flags. */
  readonly flags: number;
}

/** Every kmalloc cache, oldest first. */
export function kmallocCaches(platform: SlabPlatform): KmallocCache[] {
  const sizes = kmallocSizes(platform);
  return TYPES.flatMap(({ prefix, flags }, type) =>
    sizes.map((objectSizeBytes, i) => {
      const alignBytes = ODD_SIZES.includes(objectSizeBytes) ? 0 : objectSizeBytes;
      const geometry = slabGeometry({ objectSizeBytes, alignBytes, flags }, platform)!;
      const name = `${prefix}-${sizeName(objectSizeBytes)}`;
      return { ...geometry, index: type * sizes.length + i, name, flags: flags | SLAB_NO_MERGE };
    }),
  );
}

/** KMALLOC_MAX_CACHE_SIZE with SLUB: larger requests go to the page allocator. */
export function largestCacheBytes(pageBytes: number): number {
  return 2 * pageBytes;
}

/** Sizes of the caches of one type, ascending. */
function kmallocSizes({ pageBytes, kmallocMinBytes }: SlabPlatform): number[] {
  const largest = largestCacheBytes(pageBytes);
  // 96 bytes where there are caches of 32, 192 where there are caches of 64.
  const sizes = ODD_SIZES.filter((bytes) => bytes <= largest && kmallocMinBytes <= bytes / 3);
  for (let bytes = kmallocMinBytes; bytes <= largest; bytes *= 2) sizes.push(bytes);
  return sizes.sort((a, b) => a - b);
}

/**
 * By type, then by the size of a request in units of 8 bytes, rounded up: row of the cache that serves it (size_index).
 * One cell a size, so that kmalloc need only look.
 */
export function kmallocRows(caches: readonly KmallocCache[], pageBytes: number): Uint8Array {
  const perType = largestCacheBytes(pageBytes) / MIN_BYTES + 1;
  return Uint8Array.from({ length: TYPES.length * perType }, (_, cell) => {
    const { flags } = TYPES[Math.floor(cell / perType)]!;
    const bytes = (cell % perType) * MIN_BYTES;
    return caches.findIndex((cache) => cache.flags === (flags | SLAB_NO_MERGE) && cache.sizeBytes >= bytes);
  });
}

/** Row of the cache that serves a request of 1 to `largestCacheBytes` bytes (kmalloc_slab, kmalloc_type). */
export function kmallocRow(rows: Uint8Array, sizeBytes: number, gfp: number): number {
  const units = (sizeBytes + MIN_BYTES - 1) >>> 3;
  if ((gfp & (__GFP_DMA | __GFP_RECLAIMABLE)) === 0) return rows[units]!;
  const type = TYPES.indexOf((gfp & __GFP_DMA) === 0 ? RECLAIM : DMA);
  return rows[type * (rows.length / TYPES.length) + units]!;
}

function sizeName(bytes: number): string {
  return bytes >= 1024 ? `${bytes / 1024}k` : String(bytes);
}
