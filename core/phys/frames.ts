/**
 * Rows of the `frames` table: one page frame each, as struct page is in the kernel.
 *
 * Frames come in blocks of 2^order. Only the first frame of a block says what the block is; the others are
 * zero, so that walking the blocks from PFN 0 visits every frame exactly once (law 6 rests on this).
 */

import { MOST_ORDERS } from './zones.ts';

/** Fields of a row. */
export const FRAME = {
  /** One of the uses below, for the first frame of a block. */
  use: 0,
  order: 1,
  /** FREE: PFN + 1 of the next block of its list. In use: pkmap slot + 1 (struct page has such unions too). */
  next: 2,
  /** FREE: PFN + 1 of the previous block. In use: what `use` says; read it with `frameOwner`. */
  owner: 3,
  /** In use: number of references (mappings, plus one for the page cache). FREE, PCP: migrate type. */
  refs: 4,
} as const;

/** The owner of a frame in use: a number of 32 bits, which a cell keeps as a signed one. */
export function frameOwner(frames: { get(row: number, field: number): number }, pfn: number): number {
  return frames.get(pfn, FRAME.owner) >>> 0;
}

/** First frame of the block of a frame: only it says what the block is, so look upwards in size. */
export function blockOf(frames: { get(row: number, field: number): number }, pfn: number): number {
  for (let order = 0; order < MOST_ORDERS; order++) {
    const first = pfn - (pfn % (1 << order));
    if (frames.get(first, FRAME.use) !== USE_NONE) return first;
  }
  return pfn;
}

/** The same, or undefined for a frame that is in none: no RAM, or no whole frame of it. */
export function blockWith(
  frames: { get(row: number, field: number): number },
  pfn: number,
): number | undefined {
  const first = blockOf(frames, pfn);
  const isInside =
    frames.get(first, FRAME.use) !== USE_NONE && pfn < first + (1 << frames.get(first, FRAME.order));
  return isInside ? first : undefined;
}

/** The same cells under their other names. */
export const FRAME_PREV = FRAME.owner;
export const FRAME_KMAP = FRAME.next;
/** Of a block on a free list: the type of that list; on a per-cpu list: of the list that it goes back to. */
export const FRAME_MIGRATE_TYPE = FRAME.refs;

/** Inside a block, or no RAM. */
export const USE_NONE = 0;
export const USE_FREE = 1;
/** Kernel image, memory map, firmware: never given out. */
export const USE_RESERVED = 2;
/** page_alloc; owner: object. */
export const USE_PAGES = 3;
/** owner: slab row. */
export const USE_SLAB = 4;
/** kmalloc too large for a slab; owner: object. */
export const USE_KMALLOC_LARGE = 5;
/** owner: object. */
export const USE_VMALLOC = 6;
/** owner: row of `tables`. */
export const USE_PAGE_TABLE = 7;
/** Private page of a process. */
export const USE_ANON = 8;
/** owner: page cache slot. */
export const USE_PAGE_CACHE = 9;
/** owner: pid. */
export const USE_KERNEL_STACK = 10;
/** On a per-cpu list: free for the cpu that freed it, in use as far as the buddy allocator knows. */
export const USE_PCP = 11;

/** What a page frame is used for, by the number in its `use`. */
export const USE_NAMES = [
  'none',
  'free',
  'reserved',
  'pages',
  'slab',
  'kmalloc-large',
  'vmalloc',
  'page table',
  'anonymous',
  'page cache',
  'kernel stack',
  'per-cpu list',
] as const;
