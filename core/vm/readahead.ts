/**
 * Reading ahead: a file is read in windows, and the next one as soon as somebody comes to the page that is marked for that
 * (mm/readahead.c, v6.1: page_cache_sync_ra, page_cache_async_ra, ondemand_readahead; mm/filemap.c: do_sync_mmap_readahead,
 * do_async_mmap_readahead). A fault that misses reads the pages around it; from itself on where the mapping is read in order
 * (MADV_SEQUENTIAL), and alone where it is not (MADV_RANDOM). Who comes to a page waits until its window is there.
 *
 * Simplified: who has a file open is not told apart (struct file_ra_state belongs to the file); the disk has read a window
 * `diskReadNs` after it was asked for, however large it is, and those before the last two long ago; what there is no memory for
 * is left out.
 */
import type { Draft } from '../machine/draft.ts';
import type { FileRecord } from '../machine/machine.ts';
import { VM_RAND_READ, VM_SEQ_READ, type Vma } from '../mm/vma.ts';
import { clearLruFlag, lruFlags, PG_READAHEAD, setLruFlag } from '../pages/lru.ts';
import { wallNs } from '../state/cpus.ts';
import { cachedPage, fillPage } from './page-cache.ts';
import { waitForPage } from './swap-in.ts';

/** struct file_ra_state: fields of `readaheads`, by the first slot of the file. */
const RA = {
  start: 0,
  size: 1,
  asyncSize: 2,
  /** 1 + the page that was read last (prev_pos), and how many more faults missed than not (mmap_miss). */
  read: 3,
  misses: 4,
} as const;
/** The last two windows, the last one first: the first page, the page behind it, and when the disk has read it. */
const READ = { first: 5, end: 6, doneNs: 7 } as const;
const READ_FIELDS = 3;

/** MMAP_LOTSAMISS: a file of which so many more faults miss is read page by page. */
const MANY_MISSES = 100;

/** The window that is read next. */
interface Window {
  readonly start: number;
  readonly size: number;
  /** Of its last pages, at the first of which the next window is read. */
  readonly asyncSize: number;
}

export function readsAhead({ platform }: Draft, file: FileRecord): boolean {
  return !file.shmem && platform.readaheadPages > 1;
}

/** A fault has missed: reads what is to come along, the page itself among it. */
export function readAround(draft: Draft, { flags }: Vma, file: FileRecord, page: number): void {
  const { readaheadPages: pages } = draft.platform;
  if ((flags & VM_RAND_READ) !== 0) return;
  if ((flags & VM_SEQ_READ) !== 0) {
    readOnDemand(draft, file, page, pages, false);
    return;
  }
  const row = file.firstSlot;
  const misses = Math.min(draft.readaheads.get(row, RA.misses) + 1, MANY_MISSES * 10);
  draft.readaheads.set(row, RA.misses, misses);
  if (misses > MANY_MISSES) return;
  const start = Math.max(0, page - Math.floor(pages / 2));
  readWindow(draft, file, { start, size: pages, asyncSize: Math.floor(pages / 4) });
}

/** Somebody has come to a cached page, by a fault or by read(), of which so many more are wanted from there on. */
export function comeTo(draft: Draft, file: FileRecord, page: number, pfn: number, wanted: number): void {
  if ((lruFlags(draft, pfn) & PG_READAHEAD) === 0) return;
  clearLruFlag(draft, pfn, PG_READAHEAD);
  readOnDemand(draft, file, page, wanted, true);
}

/** So many pages that were mapped without a fault of their own: the file is worth it (filemap_map_pages). */
export function countHits({ readaheads }: Draft, { firstSlot }: FileRecord, hits: number): void {
  const misses = readaheads.get(firstSlot, RA.misses);
  if (misses > 0) readaheads.set(firstSlot, RA.misses, Math.max(0, misses - hits));
}

export function noteRead({ readaheads }: Draft, { firstSlot }: FileRecord, page: number): void {
  readaheads.set(firstSlot, RA.read, page + 1);
}

/** Whether a cached page is still to be read (!folio_test_uptodate). */
export function isUnderRead(draft: Draft, file: FileRecord, page: number): boolean {
  return leftToReadNs(draft, file, page) > 0;
}

/** Until that is done; nobody can take the page away meanwhile. */
export function waitForRead(draft: Draft, file: FileRecord, page: number, pfn: number): void {
  const leftNs = leftToReadNs(draft, file, page);
  if (leftNs > 0) waitForPage(draft, pfn, leftNs);
}

/** Cpus' clocks may differ, but no window takes longer than the disk. */
function leftToReadNs(draft: Draft, { firstSlot: row }: FileRecord, page: number): number {
  const { readaheads, platform } = draft;
  for (let at = 0; at <= READ_FIELDS; at += READ_FIELDS)
    if (readaheads.get(row, READ.first + at) <= page && page < readaheads.get(row, READ.end + at))
      return Math.min(readaheads.get(row, READ.doneNs + at) - wallNs(draft), platform.costs.diskReadNs);
  return 0;
}

/** ondemand_readahead(). `isMarked`: the page is there, and was marked for that; else it is missing. */
export function readOnDemand(
  draft: Draft,
  file: FileRecord,
  page: number,
  wanted: number,
  isMarked: boolean,
): void {
  const most = draft.platform.readaheadPages;
  const next = nextWindow(draft, file, page, wanted, isMarked);
  if (next === undefined) return;
  // It would begin with its own mark: then the window after it is read along.
  const hitsItself = page === next.start && next.size === next.asyncSize;
  const more = nextSize(next.size, most);
  if (!hitsItself) readWindow(draft, file, next);
  else if (next.size + more <= most)
    readWindow(draft, file, { start: page, size: next.size + more, asyncSize: more });
  else readWindow(draft, file, { start: page, size: most, asyncSize: most >> 1 });
}

function nextWindow(
  draft: Draft,
  file: FileRecord,
  page: number,
  wanted: number,
  isMarked: boolean,
): Window | undefined {
  const most = draft.platform.readaheadPages;
  const { start, size, asyncSize, read } = stateOf(draft, file);
  if (page === 0) return firstWindow(page, wanted, most);
  if (page === start + size - asyncSize || page === start + size) {
    const next = nextSize(size, most);
    return { start: start + size, size: next, asyncSize: next };
  }
  if (isMarked) return windowAfterCached(draft, file, page, wanted);
  const isNext = read > 0 && page - (read - 1) <= 1 && page >= read - 1;
  if (wanted > most || isNext) return firstWindow(page, wanted, most);
  const before = cachedBefore(draft, file, page, most);
  if (before > wanted) {
    const length = before >= page ? before * 2 : before;
    return { start: page, size: Math.min(length + wanted, most), asyncSize: 1 };
  }
  // A read of what was asked for and no more, which says nothing of the next.
  readPages(draft, file, page, wanted, 0);
  return undefined;
}

/** The mark is of a window that nobody knows of any more. */
function windowAfterCached(draft: Draft, file: FileRecord, page: number, wanted: number): Window | undefined {
  const most = draft.platform.readaheadPages;
  let start = page + 1;
  while (start - page <= most && start < file.nrPages && cachedPage(draft, file, start) >= 0) start++;
  if (start - page > most) return undefined;
  const size = nextSize(start - page + wanted, most);
  return { start, size, asyncSize: size };
}

/** count_history_pages(): pages right before it that somebody who reads in order has left behind. */
function cachedBefore(draft: Draft, file: FileRecord, page: number, most: number): number {
  let before = 0;
  while (before < Math.min(most, page) && cachedPage(draft, file, page - 1 - before) >= 0) before++;
  return before;
}

function firstWindow(start: number, wanted: number, most: number): Window {
  const pages = 2 ** Math.ceil(Math.log2(wanted));
  const size = pages <= most / 32 ? pages * 4 : pages <= most / 4 ? pages * 2 : most;
  return { start, size, asyncSize: size > wanted ? size - wanted : size };
}

/** get_next_ra_size(). */
function nextSize(size: number, most: number): number {
  if (size < most / 16) return 4 * size;
  return size <= most / 2 ? 2 * size : most;
}

function stateOf({ readaheads }: Draft, { firstSlot }: FileRecord): Window & { readonly read: number } {
  return {
    start: readaheads.get(firstSlot, RA.start),
    size: readaheads.get(firstSlot, RA.size),
    asyncSize: readaheads.get(firstSlot, RA.asyncSize),
    read: readaheads.get(firstSlot, RA.read),
  };
}

function readWindow(draft: Draft, file: FileRecord, { start, size, asyncSize }: Window): void {
  const { readaheads } = draft;
  readaheads.set(file.firstSlot, RA.start, start);
  readaheads.set(file.firstSlot, RA.size, size);
  readaheads.set(file.firstSlot, RA.asyncSize, asyncSize);
  readPages(draft, file, start, size, asyncSize);
}

/** page_cache_ra_unbounded(): those of them that are not there. */
function readPages(draft: Draft, file: FileRecord, start: number, size: number, asyncSize: number): void {
  const { readaheads, platform } = draft;
  const end = Math.min(start + size, file.nrPages);
  let [first, behind] = [-1, -1];
  for (let page = start; page < end; page++) {
    if (cachedPage(draft, file, page) >= 0) continue;
    const pfn = fillPage(draft, file, page, false);
    if (pfn < 0) break;
    if (page === end - asyncSize) setLruFlag(draft, pfn, PG_READAHEAD);
    if (first < 0) first = page;
    behind = page + 1;
  }
  if (first < 0) return;
  const row = file.firstSlot;
  for (const field of [READ.first, READ.end, READ.doneNs])
    readaheads.set(row, field + READ_FIELDS, readaheads.get(row, field));
  readaheads.set(row, READ.first, first);
  readaheads.set(row, READ.end, behind);
  readaheads.set(row, READ.doneNs, wallNs(draft) + platform.costs.diskReadNs);
}
