/**
 * The page cache: pages of files, found by (file, page). Every file owns a run of slots, one a page; a slot holds
 * the PFN of the cached page or nothing. Shared anonymous memory is a file that is not on disk (as in the kernel).
 * A page stays until its file is dropped or it is reclaimed; shared memory then goes to the swap area.
 */

import { __GFP_FS, __GFP_NORETRY, GFP_HIGHUSER_MOVABLE } from '../event/gfp.ts';
import type { Draft } from '../machine/draft.ts';
import type { FileRecord } from '../machine/machine.ts';
import { COUNTER } from '../outcome/counters.ts';
import { putSwapEntry } from '../pages/frame-refs.ts';
import {
  addToLru,
  clearLruFlag,
  lruFlags,
  PG_DIRTY,
  PG_READAHEAD,
  PG_WRITEBACK,
  removeFromLru,
} from '../pages/lru.ts';
import { setOwner } from '../pages/lru-links.ts';
import { putSwapSlot, removeFromSwapCache } from '../pages/swap.ts';
import { refault } from '../pages/workingset.ts';
import { forgetWriteback } from '../pages/writeback.ts';
import { FRAME, USE_ANON, USE_PAGE_CACHE } from '../phys/frames.ts';
import { allocPages, freePages } from '../phys/page-alloc.ts';
import { addFileEntry, dropFileTree, dropLeaf, forEachLeafNode } from '../slab/tree-nodes.ts';
import { swapCacheGet, waitForPage } from './swap-in.ts';

/** Slots that all files together may have: pages of cache, far beyond any RAM. */
export const PAGE_CACHE_SLOTS = 2 ** 31;

/** Makes a file known; its pages get slots. False when no slots are left. */
export function createFile(draft: Draft, id: number, lengthBytes: number, shmem: boolean): boolean {
  const nrPages = Math.ceil(lengthBytes / draft.platform.mmu.pageBytes);
  const firstSlot = nrPages === 0 ? 0 : draft.pageCacheSlots.takeLowest(nrPages);
  if (firstSlot === undefined) return false;
  draft.records.setFile(id, { id, lengthBytes, nrPages, firstSlot, shmem, mappings: 0 });
  return true;
}

/** Shared anonymous memory is a file of its own, numbered below zero; object 0 is an object like others. */
export function hiddenFile(object: number): number {
  return -1 - object;
}

/** The object that the pages of such a file are. */
export function hiddenObject(file: number): number {
  return -1 - file;
}

/** PFN of a cached page, or below zero. */
export function cachedPage(draft: Draft, file: FileRecord, page: number): number {
  return draft.pageCache.get(file.firstSlot + page, 0) - 1;
}

/** readahead_gfp_mask() of include/linux/pagemap.h, within memalloc_nofs_save() of page_cache_ra_unbounded(), v6.1. */
const GFP_READAHEAD = (GFP_HIGHUSER_MOVABLE & ~__GFP_FS) | __GFP_NORETRY;

/**
 * Brings a page into the cache: its PFN, or a negated reason. The cache holds one reference.
 * @param isWaitedFor the cpu waits until it is there, and much is done for it; not for what is read ahead
 */
export function fillPage(draft: Draft, file: FileRecord, page: number, isWaitedFor = true): number {
  const slot = file.firstSlot + page;
  if (draft.pageCache.get(slot, 0) < 0) return fillFromSwap(draft, file, page);
  const gfp = isWaitedFor ? GFP_HIGHUSER_MOVABLE : GFP_READAHEAD;
  const pfn = allocPages(draft, 0, gfp, USE_PAGE_CACHE, slot);
  if (pfn < 0) return pfn;
  const { reclaim } = draft.platform;
  if (reclaim !== undefined) addFileEntry(draft, file, page);
  draft.pageCache.set(slot, 0, pfn + 1);
  addToLru(draft, pfn, !file.shmem, file.id, page);
  if (reclaim !== undefined && !file.shmem) {
    const shadow = draft.shadows.get(slot, 0);
    if (shadow !== 0) {
      refault(draft, pfn, shadow, true);
      draft.shadows.set(slot, 0, 0);
    }
  }
  draft.counters[COUNTER.pageCachePages]!++;
  if (file.shmem) draft.spend(draft.platform.costs.clearPageNs);
  else {
    draft.spend(draft.platform.costs.fileReadNs);
    if (isWaitedFor) waitForPage(draft, pfn);
  }
  return pfn;
}

/** shmem_swapin_folio(): the page moves from the swap cache to the page cache, and its slot is given up. */
function fillFromSwap(draft: Draft, file: FileRecord, page: number): number {
  const slot = file.firstSlot + page;
  const swapSlot = -draft.pageCache.get(slot, 0);
  const { pfn } = swapCacheGet(draft, swapSlot);
  if (pfn < 0) return pfn;
  const { frames } = draft;
  // The swap cache's reference is the page cache's from here on.
  removeFromSwapCache(draft, pfn);
  putSwapSlot(draft, swapSlot);
  forgetWriteback(draft, pfn);
  clearLruFlag(draft, pfn, PG_WRITEBACK);
  frames.set(pfn, FRAME.use, USE_PAGE_CACHE);
  frames.set(pfn, FRAME.owner, slot);
  setOwner(draft, pfn, file.id, page);
  draft.pageCache.set(slot, 0, pfn + 1);
  draft.counters[COUNTER.pageCachePages]!++;
  return pfn;
}

/** Whether a page of shared memory is in the swap area. */
export function isSwappedOut(draft: Draft, file: FileRecord, page: number): boolean {
  return draft.pageCache.get(file.firstSlot + page, 0) < 0;
}

/**
 * posix_fadvise(POSIX_FADV_DONTNEED): pages that nobody maps go if they are clean. Dirty ones are written, and are still
 * under way when it comes to dropping, so they stay, clean from here on (generic_fadvise of mm/fadvise.c:
 * __filemap_fdatawrite_range without waiting, invalidate_mapping_pagevec; v6.1). The time of the disk is nobody's.
 * Simplified: what is dirty by entries that map it is not written; it stays anyway.
 */
export function invalidatePages(draft: Draft, file: FileRecord): void {
  const { pageCache } = draft;
  pageCache.forEachUsed(file.firstSlot, file.firstSlot + file.nrPages, (slot) => {
    const pfn = pageCache.get(slot, 0) - 1;
    if (pfn < 0 || isInUse(draft, pfn)) return;
    if ((lruFlags(draft, pfn) & PG_DIRTY) === 0) freeCachedPage(draft, slot, pfn);
    else {
      clearLruFlag(draft, pfn, PG_DIRTY);
      draft.counters[COUNTER.fileWritebacks]!++;
    }
  });
  if (draft.platform.reclaim !== undefined) dropEmptyLeaves(draft, file);
}

/** Leaves of the file's tree in which there is neither a page nor the shadow of one, and with the last of them the tree. */
function dropEmptyLeaves(draft: Draft, file: FileRecord): void {
  if (isEmpty(draft, file, 0, file.nrPages)) dropFileTree(draft, file);
  else
    forEachLeafNode(draft, file, (first, count) => {
      if (isEmpty(draft, file, first, count)) dropLeaf(draft, file, first);
    });
}

function isEmpty(
  { pageCache, shadows }: Draft,
  { firstSlot }: FileRecord,
  page: number,
  count: number,
): boolean {
  const slot = firstSlot + page;
  const end = slot + count;
  return pageCache.nextUsed(slot, end) === end && shadows.nextUsed(slot, end) === end;
}

/** Somebody maps it, or a device uses it. */
function isInUse({ frames }: Draft, pfn: number): boolean {
  return frames.get(pfn, FRAME.refs) > 1;
}

function freeCachedPage(draft: Draft, slot: number, pfn: number): void {
  forgetPage(draft, slot, pfn);
  removeFromLru(draft, pfn);
  freePages(draft, pfn);
}

/**
 * Takes the pages of shared memory that ends out of the cache, written to or not. One that a device still uses is freed
 * when it is done.
 */
function truncatePages(draft: Draft, file: FileRecord): void {
  const { pageCache } = draft;
  pageCache.forEachUsed(file.firstSlot, file.firstSlot + file.nrPages, (slot) => {
    const cell = pageCache.get(slot, 0);
    if (cell > 0) truncatePage(draft, slot, cell - 1);
    else {
      pageCache.set(slot, 0, 0);
      putSwapEntry(draft, -cell);
    }
  });
  if (draft.platform.reclaim !== undefined) dropFileTree(draft, file);
}

function truncatePage(draft: Draft, slot: number, pfn: number): void {
  if (!isInUse(draft, pfn)) {
    freeCachedPage(draft, slot, pfn);
    return;
  }
  forgetPage(draft, slot, pfn);
  draft.frames.add(pfn, FRAME.refs, -1);
  draft.frames.set(pfn, FRAME.use, USE_ANON);
  draft.frames.set(pfn, FRAME.owner, 0);
}

function forgetPage(draft: Draft, slot: number, pfn: number): void {
  draft.pageCache.set(slot, 0, 0);
  clearLruFlag(draft, pfn, PG_DIRTY | PG_READAHEAD);
  draft.counters[COUNTER.pageCachePages]!--;
}

/** Counts a mapping that came or went; shared anonymous memory ends with its last one. */
export function countMapping(draft: Draft, id: number, delta: number): void {
  const file = draft.records.file(id)!;
  const mappings = file.mappings + delta;
  if (mappings > 0 || !file.shmem) {
    draft.records.setFile(id, { ...file, mappings });
    return;
  }
  truncatePages(draft, file);
  draft.pageCacheSlots.release(file.firstSlot, file.firstSlot + file.nrPages);
  draft.records.setFile(id, undefined);
}
