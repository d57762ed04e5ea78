/**
 * One page of an inactive list: whether it stays, goes back among the active ones, or is freed
 * (shrink_folio_list and folio_check_references of mm/vmscan.c, v6.1).
 *
 * Simplified: what has to be written is written at once by whoever reclaims, and freed (no writeback pages, no flusher
 * threads: the kernel would leave most dirty pages of files to those).
 */

import type { Draft } from '../machine/draft.ts';
import { COUNTER } from '../outcome/counters.ts';
import {
  activate,
  INACTIVE_ANON,
  isFileList,
  LRU,
  lruFlags,
  lruListOf,
  moveToFront,
  PG_DIRTY,
  PG_REFERENCED,
  removeFromLru,
} from '../pages/lru.ts';
import { freeSwapSlots, takeSwapSlot } from '../pages/swap.ts';
import { swapPte } from '../paging/pte.ts';
import { FRAME, frameOwner, USE_PAGE_CACHE } from '../phys/frames.ts';
import { freePages } from '../phys/page-alloc.ts';
import { isMappedDirty, type Mapper, type ReverseMap, testAndClearAccessed, unmapPage } from './rmap.ts';
import { splitHugePage } from './split.ts';
import type { ReclaimWatch } from './watch.ts';

/** What a round of reclaim may do. */
export interface PageoutControl {
  readonly rmap: ReverseMap;
  /** __GFP_FS: dirty pages of files may be written. */
  readonly mayEnterFs: boolean;
  /** __GFP_IO: anonymous pages may be written to the swap area. */
  readonly mayDoIo: boolean;
  readonly watch?: ReclaimWatch | undefined;
}

/** What became of the page: whether it is free, and whether it had to be written. */
export const KEPT = 0;
export const FREED = 1;
export const WRITTEN = 2;

/** Looks at the page at the back of an inactive list. */
export function reclaimPage(draft: Draft, control: PageoutControl, pfn: number): number {
  const list = lruListOf(draft, pfn);
  const flags = lruFlags(draft, pfn);
  const mappers = control.rmap.mappersOf(pfn);
  const { count, isLocked, isExecutable } = testAndClearAccessed(draft, mappers);
  const wasReferenced = (flags & PG_REFERENCED) !== 0;
  if (isLocked) return keepActive(draft, pfn, flags);
  if (count > 0) {
    const isWorthIt = wasReferenced || count > 1 || (isExecutable && isFileList(list));
    if (isWorthIt) return keepActive(draft, pfn, flags | PG_REFERENCED);
    return keep(draft, pfn, list, flags | PG_REFERENCED);
  }
  const unreferenced = flags & ~PG_REFERENCED;
  if (isPinned(draft, pfn, mappers)) return keep(draft, pfn, list, unreferenced);
  if (draft.frames.get(pfn, FRAME.order) > 0 && control.mayDoIo && freeSwapSlots(draft) > 0) {
    splitHugePage(draft, control.rmap, pfn);
    return KEPT;
  }
  return isFileList(list)
    ? dropFilePage(draft, control, pfn, mappers, flags)
    : swapOut(draft, control, pfn, mappers, unreferenced);
}

function keep(draft: Draft, pfn: number, list: number, flags: number): number {
  moveToFront(draft, pfn, list, flags);
  return KEPT;
}

function keepActive(draft: Draft, pfn: number, flags: number): number {
  activate(draft, pfn, flags);
  return KEPT;
}

/** Somebody is at work on the page, beside those who map it (folio_ref_freeze). */
export function isPinned({ frames }: Draft, pfn: number, mappers: readonly Mapper[]): boolean {
  const cached = frames.get(pfn, FRAME.use) === USE_PAGE_CACHE ? 1 : 0;
  return frames.get(pfn, FRAME.refs) !== mappers.length + cached;
}

function dropFilePage(
  draft: Draft,
  control: PageoutControl,
  pfn: number,
  mappers: readonly Mapper[],
  flags: number,
): number {
  const isDirty = (flags & PG_DIRTY) !== 0 || isMappedDirty(draft, mappers);
  // FOLIOREF_RECLAIM_CLEAN: read() used it a while ago.
  const mayWrite = control.mayEnterFs && (flags & PG_REFERENCED) === 0;
  if (isDirty && !mayWrite)
    return keep(draft, pfn, lruListOf(draft, pfn), (flags & ~PG_REFERENCED) | PG_DIRTY);
  control.watch?.victim?.(draft.lru.get(pfn, LRU.of), draft.lru.get(pfn, LRU.page), true);
  unmapPage(draft, mappers, 0);
  if (isDirty) {
    draft.spend(draft.platform.costs.diskWriteNs);
    draft.counters[COUNTER.fileWritebacks]!++;
  }
  leaveCache(draft, pfn, 0);
  free(draft, pfn);
  return isDirty ? WRITTEN : FREED;
}

/** An anonymous page, or one of shared memory, which the page cache goes on to know by its slot. */
function swapOut(
  draft: Draft,
  control: PageoutControl,
  pfn: number,
  mappers: readonly Mapper[],
  flags: number,
): number {
  if (!control.mayDoIo) return keep(draft, pfn, INACTIVE_ANON, flags);
  if (freeSwapSlots(draft) === 0) return keepActive(draft, pfn, flags);
  control.watch?.victim?.(draft.lru.get(pfn, LRU.of), draft.lru.get(pfn, LRU.page), false);
  const isCached = draft.frames.get(pfn, FRAME.use) === USE_PAGE_CACHE;
  const slot = takeSwapSlot(draft, isCached ? 1 : mappers.length);
  unmapPage(draft, mappers, isCached ? 0 : swapPte(slot));
  if (isCached) leaveCache(draft, pfn, -slot);
  draft.spend(draft.platform.costs.diskWriteNs);
  draft.counters[COUNTER.pswpout]!++;
  free(draft, pfn);
  return WRITTEN;
}

/** Takes a page out of the cache, and from who maps it; the frame is the caller's. */
export function dropPage(draft: Draft, pfn: number, mappers: readonly Mapper[]): void {
  unmapPage(draft, mappers, 0);
  leaveCache(draft, pfn, 0);
  removeFromLru(draft, pfn);
}

function leaveCache(draft: Draft, pfn: number, cell: number): void {
  draft.pageCache.set(frameOwner(draft.frames, pfn), 0, cell);
  draft.counters[COUNTER.pageCachePages]!--;
}

function free(draft: Draft, pfn: number): void {
  removeFromLru(draft, pfn);
  freePages(draft, pfn);
}
