/**
 * The geometry of a slab cache: how large its objects become, how they are aligned, and how many go into a slab.
 *
 * The arithmetic is that of mm/slub.c (calculate_sizes, calculate_order, set_min_partial, set_cpu_partial) and
 * mm/slab_common.c (calculate_alignment, find_mergeable), v6.1, with their defaults: slub_max_order 3, slub_min_order
 * 0, no debugging. It follows from the request, the word size, the page size and the number of cpus, and is equal to
 * what the captured kernels print for every cache.
 */
import {
  SLAB_ACCOUNT,
  SLAB_CACHE_DMA,
  SLAB_CACHE_DMA32,
  SLAB_CONSTRUCTOR,
  SLAB_HWCACHE_ALIGN,
  SLAB_NO_MERGE,
  SLAB_NOLEAKTRACE,
  SLAB_RECLAIM_ACCOUNT,
  SLAB_TRACE,
  SLAB_TYPESAFE_BY_RCU,
} from '../event/slab-flags.ts';
import type { Layout } from '../layout/layout.ts';
import { MOST_ORDERS } from '../phys/zones.ts';

/** What a kernel brings to every cache. */
export interface SlabPlatform {
  readonly pointerBytes: number;
  /** cache_line_size(), the least alignment of any object, and the least size of a kmalloc cache. */
  readonly cacheLineBytes: number;
  readonly minAlignBytes: number;
  readonly kmallocMinBytes: number;
  readonly pageBytes: number;
  /** Slabs are blocks of lower orders than this. */
  readonly maxOrder: number;
  /** cpus present. */
  readonly cpus: number;
  /** Built with CONFIG_SMP: slabs are kept in lists by cpu (CONFIG_SLUB_CPU_PARTIAL). */
  readonly smp: boolean;
  /** CONFIG_ZONE_DMA and CONFIG_MEMCG_KMEM: each has kmalloc caches of its own. */
  readonly zoneDma: boolean;
  readonly memcg: boolean;
}

/** What a layout brings to every cache. */
export function slabPlatform({
  arch,
  pageShift,
  cpus,
  nrCpus,
  possibleCpus,
  kernel,
  build,
}: Layout): SlabPlatform {
  const { pointerBytes, port } = arch;
  return {
    pointerBytes,
    cacheLineBytes: port.cacheLineBytes,
    minAlignBytes: port.slabMinAlignBytes,
    kmallocMinBytes: port.kmallocMinBytes,
    pageBytes: 2 ** pageShift,
    maxOrder: Math.min(build?.maxOrder ?? port.maxOrder ?? kernel.maxOrder, MOST_ORDERS),
    // Where one is present the kernel does not trust that (calculate_order).
    cpus: cpus > 1 ? cpus : possibleCpus,
    smp: nrCpus > 1,
    zoneDma: build?.zoneDma ?? true,
    memcg: build?.memcg ?? false,
  };
}

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

/** PAGE_ALLOC_COSTLY_ORDER. */
const SLUB_MAX_ORDER = 3;
/** MIN_PARTIAL and MAX_PARTIAL of mm/slub.c. */
const MIN_PARTIAL = 5;
const MAX_PARTIAL = 10;

/** The geometry of a cache; undefined when no slab can hold such an object (kmem_cache_create: -EINVAL). */
export function slabGeometry(request: SlabRequest, platform: SlabPlatform): SlabGeometry | undefined {
  const { objectSizeBytes } = request;
  if (objectSizeBytes < 1 || !isAlignment(request.alignBytes)) return undefined;
  const alignBytes = slabAlignment(request, platform);
  const { inuseBytes, freePointerOffset, endBytes } = placeFreePointer(request, platform);
  const sizeBytes = roundUp(endBytes, alignBytes);
  const order = slabOrder(sizeBytes, platform);
  if (order >= platform.maxOrder) return undefined;
  const { pageBytes } = platform;
  const minOrder = orderFor(sizeBytes, pageBytes);
  const objectsPerSlab = objectsIn(order, sizeBytes, pageBytes);
  const cpuPartialObjects = cpuPartial(sizeBytes, platform);
  return {
    objectSizeBytes,
    sizeBytes,
    alignBytes,
    inuseBytes,
    freePointerOffset,
    order,
    objectsPerSlab,
    minOrder,
    minObjects: objectsIn(minOrder, sizeBytes, pageBytes),
    minPartial: clamp(Math.floor((bitLength(sizeBytes) - 1) / 2), MIN_PARTIAL, MAX_PARTIAL),
    cpuPartialObjects,
    cpuPartialSlabs: Math.ceil((2 * cpuPartialObjects) / objectsPerSlab),
  };
}

/** The most objects that a slab of any cache is cut into. */
export function mostObjects(platform: SlabPlatform): number {
  let most = 0;
  const { minAlignBytes } = platform;
  for (let sizeBytes = minAlignBytes; sizeBytes <= platform.pageBytes; sizeBytes += minAlignBytes)
    most = Math.max(most, objectsIn(slabOrder(sizeBytes, platform), sizeBytes, platform.pageBytes));
  return most;
}

/** get_order(): log2 of the pages that `bytes` need, rounded up. */
export function orderFor(bytes: number, pageBytes: number): number {
  return bitLength(Math.ceil(bytes / pageBytes) - 1);
}

const NEVER_MERGE = SLAB_TRACE | SLAB_TYPESAFE_BY_RCU | SLAB_NOLEAKTRACE | SLAB_NO_MERGE | SLAB_CONSTRUCTOR;
const MERGE_SAME = SLAB_RECLAIM_ACCOUNT | SLAB_CACHE_DMA | SLAB_CACHE_DMA32;

/** Whether a cache with these flags may share its slabs with others at all (slab_unmergeable). */
function isMergeable(flags: number): boolean {
  return (flags & NEVER_MERGE) === 0;
}

/** Whether a new cache can use the slabs of an older one (find_mergeable). */
export function mergesInto(
  request: SlabRequest,
  cache: { readonly sizeBytes: number; readonly flags: number },
  platform: SlabPlatform,
): boolean {
  if (!isMergeable(request.flags) || !isMergeable(cache.flags)) return false;
  const mergeSame = platform.memcg ? MERGE_SAME | SLAB_ACCOUNT : MERGE_SAME;
  if ((request.flags & mergeSame) !== (cache.flags & mergeSame)) return false;
  const wordBytes = platform.pointerBytes;
  const alignBytes = slabAlignment(request, platform);
  const sizeBytes = roundUp(roundUp(request.objectSizeBytes, wordBytes), alignBytes);
  const wastedBytes = cache.sizeBytes - sizeBytes;
  return wastedBytes >= 0 && wastedBytes < wordBytes && cache.sizeBytes % alignBytes === 0;
}

/** calculate_alignment(). */
function slabAlignment(
  { objectSizeBytes, alignBytes, flags }: SlabRequest,
  { pointerBytes, cacheLineBytes, minAlignBytes }: SlabPlatform,
): number {
  let lineBytes = 1;
  if ((flags & SLAB_HWCACHE_ALIGN) !== 0) {
    lineBytes = cacheLineBytes;
    while (objectSizeBytes <= lineBytes / 2) lineBytes /= 2;
  }
  return roundUp(Math.max(alignBytes, lineBytes, minAlignBytes), pointerBytes);
}

/**
 * A free object holds the pointer to the next one in its middle, away from what overruns of its neighbours hit. An
 * object that must not be written to while free has it behind its end.
 */
function placeFreePointer(
  { objectSizeBytes, flags }: SlabRequest,
  { pointerBytes: wordBytes }: SlabPlatform,
): { inuseBytes: number; freePointerOffset: number; endBytes: number } {
  const inuseBytes = roundUp(objectSizeBytes, wordBytes);
  if ((flags & (SLAB_TYPESAFE_BY_RCU | SLAB_CONSTRUCTOR)) !== 0)
    return { inuseBytes, freePointerOffset: inuseBytes, endBytes: inuseBytes + wordBytes };
  const middle = Math.floor(objectSizeBytes / 2);
  return { inuseBytes, freePointerOffset: middle - (middle % wordBytes), endBytes: inuseBytes };
}

/** calculate_order(): the least order that wastes at most 1/16 of the slab, then 1/8, 1/4, for enough objects. */
function slabOrder(sizeBytes: number, { pageBytes, cpus }: SlabPlatform): number {
  const most = objectsIn(SLUB_MAX_ORDER, sizeBytes, pageBytes);
  let wanted = Math.min(4 * (bitLength(cpus) + 1), most);
  for (; wanted > 1; wanted--) {
    for (let fraction = 16; fraction >= 4; fraction /= 2) {
      const order = orderWasting(sizeBytes, pageBytes, wanted, fraction);
      if (order <= SLUB_MAX_ORDER) return order;
    }
  }
  return orderFor(sizeBytes, pageBytes);
}

function orderWasting(sizeBytes: number, pageBytes: number, wanted: number, fraction: number): number {
  for (let order = orderFor(wanted * sizeBytes, pageBytes); order <= SLUB_MAX_ORDER; order++) {
    const slabBytes = pageBytes * 2 ** order;
    if (slabBytes % sizeBytes <= Math.floor(slabBytes / fraction)) return order;
  }
  return SLUB_MAX_ORDER + 1;
}

function objectsIn(order: number, sizeBytes: number, pageBytes: number): number {
  return Math.floor((pageBytes * 2 ** order) / sizeBytes);
}

/** set_cpu_partial(). */
function cpuPartial(sizeBytes: number, { pageBytes, smp }: SlabPlatform): number {
  if (!smp) return 0;
  if (sizeBytes >= pageBytes) return 6;
  if (sizeBytes >= 1024) return 24;
  return sizeBytes >= 256 ? 52 : 120;
}

function isAlignment(bytes: number): boolean {
  return bytes === 0 || Number.isInteger(Math.log2(bytes));
}

function roundUp(value: number, unit: number): number {
  return Math.ceil(value / unit) * unit;
}

function bitLength(value: number): number {
  return 32 - Math.clz32(value);
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
