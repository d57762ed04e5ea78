/**
 * The kmalloc caches: which sizes there are, and how many objects of each fit in a slab of which order.
 *
 * Sizes: kmalloc_info of mm/slab_common.c; geometry: calculate_order of mm/slub.c, v6.1, with their defaults
 * (slub_max_order 3, slub_min_order 0), checked against the captured kernels for one and for four cpus.
 */

/** KMALLOC_MAX_CACHE_SIZE with SLUB: two pages; larger requests go to the page allocator. */
export const KMALLOC_MAX_CACHE_BYTES = 8192;
/** KMALLOC_MIN_SIZE up to two pages; the two odd sizes serve the gaps where powers of two waste most. */
const SIZES = [8, 16, 32, 64, 96, 128, 192, 256, 512, 1024, 2048, 4096, 8192];
const SLUB_MAX_ORDER = 3;

export interface KmallocCache {
  /** Row of `slabCaches`. */
  readonly index: number;
  readonly name: string;
  readonly sizeBytes: number;
  /** Pages in a slab: 2^order. */
  readonly order: number;
  readonly objectsPerSlab: number;
  /** Its slabs come from ZONE_DMA. */
  readonly dma: boolean;
}

/** Normal caches first, then their DMA twins. */
export function kmallocCaches(pageSizeBytes: number, cpus: number): KmallocCache[] {
  const sizes = SIZES.filter((size) => size <= KMALLOC_MAX_CACHE_BYTES);
  return [false, true].flatMap((dma) =>
    sizes.map((sizeBytes, i) => {
      const order = slabOrder(sizeBytes, pageSizeBytes, cpus);
      const objectsPerSlab = Math.floor((pageSizeBytes << order) / sizeBytes);
      const name = `${dma ? 'dma-' : ''}kmalloc-${sizeName(sizeBytes)}`;
      return { index: i + (dma ? sizes.length : 0), name, sizeBytes, order, objectsPerSlab, dma };
    }),
  );
}

/** The cache that serves a request, or undefined when it is too large for a slab. */
export function cacheFor(
  caches: readonly KmallocCache[],
  sizeBytes: number,
  dma: boolean,
): KmallocCache | undefined {
  return caches.find((cache) => cache.dma === dma && cache.sizeBytes >= sizeBytes);
}

/** The least order that wastes at most a sixteenth of the slab, then an eighth, a quarter, for enough objects. */
function slabOrder(size: number, pageSize: number, cpus: number): number {
  const most = Math.floor((pageSize << SLUB_MAX_ORDER) / size);
  let wanted = Math.min(4 * (bitLength(cpus) + 1), most);
  for (; wanted > 1; wanted--) {
    for (let fraction = 16; fraction >= 4; fraction >>= 1) {
      const order = orderWasting(size, pageSize, wanted, fraction);
      if (order <= SLUB_MAX_ORDER) return order;
    }
  }
  return orderFor(size, pageSize);
}

function orderWasting(size: number, pageSize: number, wanted: number, fraction: number): number {
  for (let order = orderFor(wanted * size, pageSize); order <= SLUB_MAX_ORDER; order++) {
    const slab = pageSize << order;
    if (slab % size <= Math.floor(slab / fraction)) return order;
  }
  return SLUB_MAX_ORDER + 1;
}

/** get_order(): log2 of the pages that `bytes` need, rounded up. */
export function orderFor(bytes: number, pageSize: number): number {
  return bitLength(Math.ceil(bytes / pageSize) - 1);
}

function bitLength(value: number): number {
  return 32 - Math.clz32(value);
}

function sizeName(bytes: number): string {
  return bytes >= 1024 ? `${bytes / 1024}k` : String(bytes);
}
