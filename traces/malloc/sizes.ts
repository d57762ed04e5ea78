/**
 * Sizes of glibc's malloc, version 2.36 (malloc/malloc.c and malloc/arena.c), which follow from two numbers of a machine: the
 * bytes of a word, and the alignment of blocks (sysdeps/generic/malloc-alignment.h and sysdeps/i386/malloc-alignment.h).
 * A chunk is what a request becomes: a word for its size before the block, rounded up; the word behind the block belongs
 * to it as well, as long as it is in use.
 *
 *          start                 start + 2 words                          start + size
 *            | (size before) | size |  block: links while it is free ...  | (its last word) | size of the next
 */
export const PAGE_BYTES = 4096;

/** DEFAULT_MMAP_THRESHOLD, DEFAULT_TRIM_THRESHOLD, DEFAULT_TOP_PAD, DEFAULT_MMAP_MAX. */
export const MMAP_THRESHOLD = 128 << 10;
export const TRIM_THRESHOLD = 128 << 10;
export const TOP_PAD = 128 << 10;
export const MMAP_MAX = 65_536;
/** FASTBIN_CONSOLIDATION_THRESHOLD: a free chunk that large is worth a look at what could be given back. */
export const CONSOLIDATION_BYTES = 64 << 10;
/** TCACHE_FILL_COUNT, TCACHE_MAX_BINS. */
export const CACHED_PER_SIZE = 7;
const CACHE_BINS = 64;
/** HEAP_MIN_SIZE: what is mapped for an arena at once. */
export const HEAP_MIN_BYTES = 32 << 10;
/** NBINS less one; those above 0 and 1 are used. */
export const BIN_COUNT = 127;
const SMALL_BINS = 64;

/** What a machine makes of them; all in bytes, but where it says otherwise. */
export interface MallocSizes {
  /** Of the machine, for people. */
  readonly machine: string;
  /** SIZE_SZ. */
  readonly wordBytes: number;
  /** MALLOC_ALIGNMENT. */
  readonly alignment: number;
  /** CHUNK_HDR_SZ: where the block begins in its chunk. */
  readonly headerBytes: number;
  /** MINSIZE. */
  readonly minChunkBytes: number;
  /** DEFAULT_MMAP_THRESHOLD_MAX. */
  readonly mmapThresholdMax: number;
  /** MIN_LARGE_SIZE: chunks below it have a bin for each size. */
  readonly minLargeBytes: number;
  /** get_max_fast(). */
  readonly maxFastBytes: number;
  /** The largest chunk of a thread's cache, and sizeof (tcache_perthread_struct). */
  readonly maxCachedBytes: number;
  readonly cacheBytes: number;
  /** HEAP_MAX_SIZE, sizeof (heap_info), and of that and malloc_state. */
  readonly heapMaxBytes: number;
  readonly heapInfoBytes: number;
  readonly arenaBytes: number;
  /** NARENAS_FROM_NCORES: a number. */
  readonly arenasPerCpu: number;
  /** largebin_index(): see `binOf`. */
  readonly largeBins: readonly LargeBins[];
}

/** Bins ever wider: what a size is divided by, as a power of two, the bin of quotient 0, and the last quotient. */
type LargeBins = readonly [shift: number, base: number, most: number];

const WIDE_BINS: readonly LargeBins[] = [
  [9, 91, 20],
  [12, 110, 10],
  [15, 119, 4],
  [18, 124, 2],
];

function sizesOf(machine: string, wordBytes: number, alignment: number, narrowBins: LargeBins): MallocSizes {
  const isWide = wordBytes === 8;
  const headerBytes = 2 * wordBytes;
  const minChunkBytes = alignUp(4 * wordBytes, alignment);
  const mmapThresholdMax = isWide ? 32 << 20 : 512 << 10;
  const heapInfoBytes = 5 * wordBytes + modulo(-3 * wordBytes, alignment);
  const correction = alignment > headerBytes ? 1 : 0;
  return {
    machine,
    wordBytes,
    alignment,
    headerBytes,
    minChunkBytes,
    mmapThresholdMax,
    minLargeBytes: (SMALL_BINS - correction) * alignment,
    maxFastBytes: alignDown(17 * wordBytes, alignment),
    maxCachedBytes: minChunkBytes + (CACHE_BINS - 1) * alignment,
    cacheBytes: CACHE_BINS * (2 + wordBytes),
    heapMaxBytes: 2 * mmapThresholdMax,
    heapInfoBytes,
    arenaBytes: heapInfoBytes + stateBytes(wordBytes, alignment),
    arenasPerCpu: isWide ? 8 : 2,
    largeBins: [narrowBins, ...WIDE_BINS],
  };
}

/** sizeof (struct malloc_state): three ints, fast bins, top and remainder, bins, their map, lists and counts. */
function stateBytes(wordBytes: number, alignment: number): number {
  const largestFast = alignUp((80 * wordBytes) / 4 + wordBytes, alignment);
  // fastbin_index() divides by two words
  const fastBins = largestFast / (2 * wordBytes) - 1;
  return alignUp(12, wordBytes) + (fastBins + 2 + 2 * BIN_COUNT + 5) * wordBytes + 16;
}

export const SIZES_64: MallocSizes = sizesOf('a 64-bit machine', 8, 16, [6, 48, 48]);
/** i386 aligns for vectors from glibc 2.26 on. */
export const SIZES_32_WIDE: MallocSizes = sizesOf(
  'a 32-bit machine that aligns blocks to 16 bytes',
  4,
  16,
  [6, 49, 45],
);
/** 32-bit ARM, and most others of 32 bits. */
export const SIZES_32: MallocSizes = sizesOf(
  'a 32-bit machine that aligns blocks to 8 bytes',
  4,
  8,
  [6, 56, 38],
);

export function alignUp(bytes: number, to: number): number {
  return Math.ceil(bytes / to) * to;
}

export function alignDown(bytes: number, to: number): number {
  return Math.floor(bytes / to) * to;
}

function modulo(bytes: number, by: number): number {
  return bytes - alignDown(bytes, by);
}

/** request2size(): of the chunk for a request. */
export function chunkBytes({ minChunkBytes, wordBytes, alignment }: MallocSizes, request: number): number {
  return Math.max(minChunkBytes, alignUp(request + wordBytes, alignment));
}

/** Where the first block of a heap lies: behind the cache of its thread. */
export function firstBlock(sizes: MallocSizes): number {
  return firstChunkFrom(sizes, 0) + chunkBytes(sizes, sizes.cacheBytes) + sizes.headerBytes;
}

/** smallbin_index() or largebin_index(): the bin of a size. */
export function binOf(
  { minLargeBytes, alignment, headerBytes, largeBins }: MallocSizes,
  bytes: number,
): number {
  if (bytes < minLargeBytes) return bytes / alignment + (alignment > headerBytes ? 1 : 0);
  for (const [shift, base, most] of largeBins) {
    const steps = Math.floor(bytes / 2 ** shift);
    if (steps <= most) return base + steps;
  }
  return BIN_COUNT - 1;
}

/** The first place from `address` on where a chunk begins whose block is aligned. */
export function firstChunkFrom({ alignment, headerBytes }: MallocSizes, address: number): number {
  return alignUp(address + headerBytes, alignment) - headerBytes;
}
