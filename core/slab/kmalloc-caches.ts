/**
 * The kmalloc caches: which sizes there are, for which kinds of request, and which of them serves one.
 *
 * kmalloc_info, create_kmalloc_caches and kmalloc_type of mm/slab_common.c and include/linux/slab.h, v6.1. They are
 * never shared with other caches, since user space may be copied to and from them.
 */
import { __GFP_ACCOUNT, __GFP_DMA, __GFP_RECLAIMABLE } from '../event/gfp.ts';
import { SLAB_CACHE_DMA, SLAB_NO_MERGE, SLAB_RECLAIM_ACCOUNT } from '../event/slab-flags.ts';
import { type SlabGeometry, type SlabPlatform, slabGeometry } from './geometry.ts';

/** Requests are looked up in units of this: KMALLOC_MIN_SIZE where nothing needs more (x86). */
const MIN_BYTES = 8;
/** The two sizes between powers of two, for the gaps where those waste most. */
const ODD_SIZES = [96, 192];

interface KmallocType {
  readonly prefix: string;
  /** SLAB_ flags of its caches. */
  readonly flags: number;
  /** Requests with this bit are served by it; with several bits, by the last type that has one. */
  readonly gfp: number;
}

/** In the order in which the kernel makes them (enum kmalloc_cache_type); the first serves whatever no other does. */
function kmallocTypes({ memcg, zoneDma }: SlabPlatform): KmallocType[] {
  return [
    { prefix: 'kmalloc', flags: 0, gfp: 0 },
    ...(memcg ? [{ prefix: 'kmalloc-cg', flags: 0, gfp: __GFP_ACCOUNT }] : []),
    { prefix: 'kmalloc-rcl', flags: SLAB_RECLAIM_ACCOUNT, gfp: __GFP_RECLAIMABLE },
    ...(zoneDma ? [{ prefix: 'dma-kmalloc', flags: SLAB_CACHE_DMA, gfp: __GFP_DMA }] : []),
  ];
}

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
  return kmallocTypes(platform).flatMap(({ prefix, flags }, type) =>
    sizes.map((objectSizeBytes, i) => {
      // create_boot_cache(): ARCH_KMALLOC_MINALIGN, and powers of two to themselves.
      const alignBytes = ODD_SIZES.includes(objectSizeBytes) ? platform.kmallocMinBytes : objectSizeBytes;
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

/** The gfp bits that choose a type of cache (KMALLOC_NOT_NORMAL_BITS), and how many combinations of them there are. */
const TYPE_BITS = __GFP_DMA | __GFP_RECLAIMABLE | __GFP_ACCOUNT;
const COMBINATIONS = 8;

function combinationOf(gfp: number): number {
  return (
    ((gfp & __GFP_DMA) === 0 ? 0 : 4) |
    ((gfp & __GFP_RECLAIMABLE) === 0 ? 0 : 2) |
    ((gfp & __GFP_ACCOUNT) === 0 ? 0 : 1)
  );
}

/**
 * By combination of TYPE_BITS, then by the size of a request in units of 8 bytes, rounded up: row of the cache that
 * serves it (kmalloc_type, size_index). One cell a size, so that kmalloc need only look.
 */
export function kmallocRows(platform: SlabPlatform): Uint8Array {
  const types = kmallocTypes(platform);
  const sizes = kmallocSizes(platform);
  const perCombination = largestCacheBytes(platform.pageBytes) / MIN_BYTES + 1;
  const rows = new Uint8Array(COMBINATIONS * perCombination);
  for (let combination = 0; combination < COMBINATIONS; combination++) {
    const type = types.findLastIndex(({ gfp }) => gfp === 0 || (combinationOf(gfp) & combination) !== 0);
    const first = combination * perCombination;
    let from = first;
    for (const [size, bytes] of sizes.entries()) {
      const end = first + bytes / MIN_BYTES + 1;
      rows.fill(type * sizes.length + size, from, end);
      from = end;
    }
  }
  return rows;
}

/** Row of the cache that serves a request of 1 to `largestCacheBytes` bytes (kmalloc_slab, kmalloc_type). */
export function kmallocRow(rows: Uint8Array, sizeBytes: number, gfp: number): number {
  const units = (sizeBytes + MIN_BYTES - 1) >>> 3;
  if ((gfp & TYPE_BITS) === 0) return rows[units]!;
  return rows[combinationOf(gfp) * (rows.length / COMBINATIONS) + units]!;
}

function sizeName(bytes: number): string {
  return bytes >= 1024 ? `${bytes / 1024}k` : String(bytes);
}
