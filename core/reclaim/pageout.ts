/**
 * One page of an inactive list: whether it stays, goes back among the active ones, is handed to the disk, or is freed
 * (shrink_folio_list and folio_check_references of mm/vmscan.c, v6.1).
 *
 * A page for the swap area is unmapped and handed to the disk; it is freed when it is looked at again after that. A page
 * that is in the swap area already, and was not written to since, is freed at once. Simplified: dirty pages of files are
 * written at once by whoever reclaims, and freed (no flusher threads, to which the kernel would leave most of them).
 */

import type { Draft } from '../machine/draft.ts';
import { COUNTER } from '../outcome/counters.ts';
import { releasePage } from '../pages/frame-refs.ts';
import {
  ACTIVE_ANON,
  activate,
  clearLruFlag,
  INACTIVE_ANON,
  isFileList,
  lruFlags,
  lruListOf,
  moveToFront,
  PG_DIRTY,
  PG_LAZYFREE,
  PG_REFERENCED,
  PG_WRITEBACK,
  removeFromLru,
} from '../pages/lru.ts';
import { ownerOf, pageInOwner } from '../pages/lru-links.ts';
import { addToSwapCache, freeSwapSlots, SWAP, slotOfPage, takeSwapSlot } from '../pages/swap.ts';
import { shadowOf } from '../pages/workingset.ts';
import { startWriteback } from '../pages/writeback.ts';
import { swapPte } from '../paging/pte.ts';
import { FRAME, frameOwner, USE_ANON, USE_PAGE_CACHE } from '../phys/frames.ts';
import { freePages } from '../phys/page-alloc.ts';
import type { Plug } from './plug.ts';
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
  /** The time on the clock of the disk. */
  readonly nowNs: () => number;
  readonly watch?: ReclaimWatch | undefined;
  /** Where pages wait to be handed to the disk; without it each is handed over at once. */
  readonly plug?: Plug;
  /** Pages go even if they are in use (MADV_PAGEOUT). */
  readonly ignoresReferences?: boolean;
}

/** What became of the page: whether it is free, had to be written before that, or is only on its way to the disk. */
export const KEPT = 0;
export const FREED = 1;
export const WRITTEN = 2;
export const QUEUED = 3;

/** Looks at the page at the back of an inactive list. */
export function reclaimPage(draft: Draft, control: PageoutControl, pfn: number): number {
  const list = lruListOf(draft, pfn);
  const flags = lruFlags(draft, pfn);
  // Out of the way until it is written.
  if ((flags & PG_WRITEBACK) !== 0) return keepActive(draft, pfn, flags);
  const mappers = control.rmap.mappersOf(pfn);
  const { count, isLocked, isExecutable } = testAndClearAccessed(draft, mappers);
  const wasReferenced = (flags & PG_REFERENCED) !== 0;
  if (isLocked) return keepActive(draft, pfn, flags);
  if (count > 0 && !control.ignoresReferences) {
    const isWorthIt = wasReferenced || count > 1 || (isExecutable && isFileList(list));
    if (isWorthIt) return keepActive(draft, pfn, flags | PG_REFERENCED);
    return keep(draft, pfn, list, flags | PG_REFERENCED);
  }
  const unreferenced = flags & ~PG_REFERENCED;
  if (isPinned(draft, pfn, mappers)) return keep(draft, pfn, list, unreferenced);
  if (draft.frames.get(pfn, FRAME.order) > 0 && control.mayDoIo && freeSwapSlots(draft) > 0) {
    clearLruFlag(draft, pfn, PG_REFERENCED);
    splitHugePage(draft, control.rmap, pfn);
    return KEPT;
  }
  if ((flags & PG_LAZYFREE) !== 0) return discardLazily(draft, pfn, mappers, unreferenced);
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
export function isPinned(draft: Draft, pfn: number, mappers: readonly Mapper[]): boolean {
  const { frames } = draft;
  const cached = frames.get(pfn, FRAME.use) === USE_PAGE_CACHE || slotOfPage(draft, pfn) !== 0 ? 1 : 0;
  return frames.get(pfn, FRAME.refs) !== mappers.length + cached;
}

/** What MADV_FREE gave up is nobody's, unless somebody has written to it since (try_to_unmap_one). */
function discardLazily(draft: Draft, pfn: number, mappers: readonly Mapper[], flags: number): number {
  if (isMappedDirty(draft, mappers)) {
    moveToFront(draft, pfn, ACTIVE_ANON, flags & ~PG_LAZYFREE);
    draft.counters[COUNTER.pgactivate]!++;
    return KEPT;
  }
  unmapPage(draft, mappers, 0);
  draft.spend(draft.platform.costs.pageFreeNs);
  draft.frames.add(pfn, FRAME.refs, -mappers.length);
  releasePage(draft, pfn);
  return FREED;
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
  tell(draft, control, pfn, true);
  if (isDirty) {
    draft.spend(draft.platform.costs.diskWriteNs);
    draft.counters[COUNTER.fileWritebacks]!++;
  }
  dropPage(draft, pfn, mappers);
  draft.spend(draft.platform.costs.pageFreeNs);
  freePages(draft, pfn);
  return isDirty ? WRITTEN : FREED;
}

/** Takes a page of a file out of the cache, and from who maps it; the frame is the caller's. */
export function dropPage(draft: Draft, pfn: number, mappers: readonly Mapper[]): void {
  unmapPage(draft, mappers, 0);
  draft.shadows.set(frameOwner(draft.frames, pfn), 0, shadowOf(draft, pfn));
  leaveCache(draft, pfn, 0);
  removeFromLru(draft, pfn);
}

/** An anonymous page, or one of shared memory, which the page cache goes on to know by its slot. */
function swapOut(
  draft: Draft,
  control: PageoutControl,
  pfn: number,
  mappers: readonly Mapper[],
  flags: number,
): number {
  const isNew = slotOfPage(draft, pfn) === 0;
  if (isNew && !control.mayDoIo) return keep(draft, pfn, INACTIVE_ANON, flags);
  if (isNew && freeSwapSlots(draft) === 0) return keepActive(draft, pfn, flags);
  tell(draft, control, pfn, false);
  // PG_DIRTY is of page cache pages alone, which are new to the swap cache.
  const isDirty = isNew || isMappedDirty(draft, mappers);
  if (isNew) enterSwapCache(draft, pfn);
  moveToSlot(draft, pfn, mappers);
  if (!isDirty) {
    const slot = slotOfPage(draft, pfn);
    draft.swapMap.set(slot, SWAP.shadow, shadowOf(draft, pfn));
    draft.spend(draft.platform.costs.pageFreeNs);
    releasePage(draft, pfn);
    return FREED;
  }
  moveToFront(draft, pfn, INACTIVE_ANON, flags & ~PG_DIRTY);
  draft.spend(draft.platform.costs.diskSubmitNs);
  draft.counters[COUNTER.pswpout]!++;
  if (control.plug === undefined) startWriteback(draft, pfn, control.nowNs);
  else control.plug.add(pfn);
  return QUEUED;
}

/** add_to_swap(): the swap cache has a reference of its own. */
function enterSwapCache(draft: Draft, pfn: number): void {
  addToSwapCache(draft, pfn, takeSwapSlot(draft, 0));
  draft.frames.add(pfn, FRAME.refs, 1);
}

/** Who knew the page by its frame knows it by its slot from here on. */
function moveToSlot(draft: Draft, pfn: number, mappers: readonly Mapper[]): void {
  const { frames, swapMap } = draft;
  const slot = slotOfPage(draft, pfn);
  const isShmem = frames.get(pfn, FRAME.use) === USE_PAGE_CACHE;
  swapMap.add(slot, SWAP.count, isShmem ? 1 : mappers.length);
  unmapPage(draft, mappers, isShmem ? 0 : swapPte(slot));
  frames.add(pfn, FRAME.refs, -mappers.length);
  if (!isShmem) return;
  leaveCache(draft, pfn, -slot);
  frames.add(pfn, FRAME.refs, -1);
  frames.set(pfn, FRAME.use, USE_ANON);
  frames.set(pfn, FRAME.owner, 0);
}

function leaveCache(draft: Draft, pfn: number, cell: number): void {
  draft.pageCache.set(frameOwner(draft.frames, pfn), 0, cell);
  draft.counters[COUNTER.pageCachePages]!--;
}

function tell(draft: Draft, { watch }: PageoutControl, pfn: number, isFile: boolean): void {
  watch?.victim?.(ownerOf(draft, pfn), pageInOwner(draft, pfn), isFile);
}
