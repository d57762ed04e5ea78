/**
 * Sizes of glibc's malloc, version 2.36, on a 64-bit machine (malloc/malloc.c and malloc/arena.c; sysdeps/generic/malloc-alignment.h).
 * A chunk is what a request becomes: a word for its size before the block, rounded up; the word behind the block belongs
 * to it as well, as long as it is in use.
 *
 *          start                 start + 16                               start + size
 *            | (size before) | size |  block: links while it is free ...  | (its last word) | size of the next
 */
/** SIZE_SZ, CHUNK_HDR_SZ, MALLOC_ALIGNMENT, MINSIZE. */
export const WORD_BYTES = 8;
export const HEADER_BYTES = 16;
export const ALIGNMENT = 16;
export const MIN_CHUNK_BYTES = 32;

export const PAGE_BYTES = 4096;

/** DEFAULT_MMAP_THRESHOLD, _MAX, DEFAULT_TRIM_THRESHOLD, DEFAULT_TOP_PAD, DEFAULT_MMAP_MAX. */
export const MMAP_THRESHOLD = 128 << 10;
export const MMAP_THRESHOLD_MAX = 32 << 20;
export const TRIM_THRESHOLD = 128 << 10;
export const TOP_PAD = 128 << 10;
export const MMAP_MAX = 65_536;
/** FASTBIN_CONSOLIDATION_THRESHOLD: a free chunk that large is worth a look at what could be given back. */
export const CONSOLIDATION_BYTES = 64 << 10;

/** MIN_LARGE_SIZE: chunks below it have a bin for each size. */
export const MIN_LARGE_BYTES = 1024;
/** get_max_fast(), and the sizes below it. */
export const MAX_FAST_BYTES = 128;
/** TCACHE_FILL_COUNT, TCACHE_MAX_BINS and the largest chunk of the last; sizeof (tcache_perthread_struct). */
export const CACHED_PER_SIZE = 7;
const CACHE_BINS = 64;
export const MAX_CACHED_BYTES = MIN_CHUNK_BYTES + (CACHE_BINS - 1) * ALIGNMENT;
export const CACHE_BYTES = CACHE_BINS * (2 + WORD_BYTES);

/** HEAP_MIN_SIZE, HEAP_MAX_SIZE: what is mapped for an arena at once; sizeof (heap_info), and of that and malloc_state. */
export const HEAP_MIN_BYTES = 32 << 10;
export const HEAP_MAX_BYTES = 2 * MMAP_THRESHOLD_MAX;
export const HEAP_INFO_BYTES = 0x30;
export const ARENA_BYTES = HEAP_INFO_BYTES + 0x898;

export function alignUp(bytes: number, to: number): number {
  return Math.ceil(bytes / to) * to;
}

export function alignDown(bytes: number, to: number): number {
  return Math.floor(bytes / to) * to;
}

/** request2size(): of the chunk for a request. */
export function chunkBytes(request: number): number {
  return Math.max(MIN_CHUNK_BYTES, alignUp(request + WORD_BYTES, ALIGNMENT));
}

/** NBINS, and smallbin_index() or largebin_index_64(): the bin of a size; those above 0 and 1 that are used. */
export const BIN_COUNT = 127;

export function binOf(bytes: number): number {
  if (bytes < MIN_LARGE_BYTES) return bytes / ALIGNMENT;
  for (const [shift, base, most] of LARGE_BINS) {
    const steps = Math.floor(bytes / 2 ** shift);
    if (steps <= most) return base + steps;
  }
  return BIN_COUNT - 1;
}

/** Bins ever wider: what a size is divided by, as a power of two, the bin of quotient 0, and the last quotient. */
const LARGE_BINS = [
  [6, 48, 48],
  [9, 91, 20],
  [12, 110, 10],
  [15, 119, 4],
  [18, 124, 2],
] as const;
