/** References to frames in use: of the entries that map them, of the page cache, of devices. The last one frees. */

import type { Draft } from '../machine/draft.ts';
import { blockOf, FRAME, USE_ANON } from '../phys/frames.ts';
import { freePages } from '../phys/page-alloc.ts';
import { forgetOwners } from './huge-owners.ts';
import { forgetParts, isHugeAnon, mapPart, unmapPart, unmapWhole } from './huge-parts.ts';
import { lruFlags, PG_WRITEBACK, removeFromLru } from './lru.ts';
import { PAGES_VAR } from './state.ts';
import { putSwapSlot, removeFromSwapCache, SWAP, slotOfPage, swapCachePage } from './swap.ts';
import { forgetWriteback } from './writeback.ts';

/** The frame that counts the references of a frame: of a huge page, also when base pages of it are mapped, the first. */
export function countingFrame({ platform, frames }: Draft, pfn: number): number {
  return platform.thp === undefined ? pfn : blockOf(frames, pfn);
}

/** Whether a frame, or the huge page that it is part of, is a private page of processes. */
export function isAnonFrame(draft: Draft, pfn: number): boolean {
  return draft.frames.get(countingFrame(draft, pfn), FRAME.use) === USE_ANON;
}

export function getFrame(draft: Draft, pfn: number): void {
  draft.frames.add(countingFrame(draft, pfn), FRAME.refs, 1);
}

/**
 * Whether the swap cache has the last reference, and no entry leads there: then the page goes (free_swap_cache).
 * Simplified: also while it is being written.
 */
function isOnlyInSwapCache(draft: Draft, pfn: number, refs: number): boolean {
  if (refs !== 1 || draft.platform.reclaim === undefined) return false;
  const slot = slotOfPage(draft, pfn);
  return slot !== 0 && draft.swapMap.get(slot, SWAP.count) === 0;
}

/** The page of a slot to which no entry refers any more goes too, if nobody maps it (free_swap_and_cache). */
export function putSwapEntry(draft: Draft, slot: number): void {
  putSwapSlot(draft, slot);
  const pfn = swapCachePage(draft, slot);
  if (pfn >= 0 && isOnlyInSwapCache(draft, pfn, draft.frames.get(pfn, FRAME.refs))) releasePage(draft, pfn);
}

/** folio_free_swap(): a page in use gives its slot up, if no entry leads there; it will be written anew. */
export function leaveSwapCache(draft: Draft, pfn: number): void {
  const slot = slotOfPage(draft, pfn);
  const isWritten = (lruFlags(draft, pfn) & PG_WRITEBACK) !== 0;
  if (slot === 0 || isWritten || draft.swapMap.get(slot, SWAP.count) > 0) return;
  removeFromSwapCache(draft, pfn);
  draft.frames.add(pfn, FRAME.refs, -1);
}

/** Frees a page to which nobody refers but perhaps the swap cache. */
export function releasePage(draft: Draft, pfn: number): void {
  if (draft.platform.reclaim !== undefined) {
    if (slotOfPage(draft, pfn) !== 0) removeFromSwapCache(draft, pfn);
    forgetWriteback(draft, pfn);
  }
  removeFromLru(draft, pfn);
  if (isHugeAnon(draft, pfn)) forgetHuge(draft, pfn, 2 ** draft.frames.get(pfn, FRAME.order));
  freePages(draft, pfn);
}

/** Of a huge page nothing is kept but its frames: who maps what, and whose it is. */
export function forgetHuge(draft: Draft, first: number, nrPages: number): void {
  forgetParts(draft, first, nrPages);
  if (draft.platform.reclaim !== undefined) forgetOwners(draft, first, nrPages);
}

/** One more entry maps a base page, which may be a part of a huge one. */
export function mapFrame(draft: Draft, pfn: number): void {
  const counting = countingFrame(draft, pfn);
  draft.frames.add(counting, FRAME.refs, 1);
  if (draft.platform.thp !== undefined && isHugeAnon(draft, counting)) mapPart(draft, pfn);
}

/** An entry that mapped a base page is gone. Returns whether the frame is free now. */
export function unmapFrame(draft: Draft, pfn: number): boolean {
  const counting = countingFrame(draft, pfn);
  if (draft.platform.thp !== undefined && isHugeAnon(draft, counting)) unmapPart(draft, counting, pfn);
  return putFrame(draft, pfn);
}

/** An entry that mapped a huge page, or the huge zero page, is gone. */
export function unmapHugeFrame(draft: Draft, first: number): void {
  if (isHugeAnon(draft, first)) unmapWhole(draft, first);
  putFrame(draft, first);
}

/** Drops one reference to a frame; the last one frees it. Returns whether it did. */
export function putFrame(draft: Draft, pfn: number): boolean {
  const counting = countingFrame(draft, pfn);
  const left = draft.frames.add(counting, FRAME.refs, -1);
  if (left > 0 && !isOnlyInSwapCache(draft, counting, left)) return false;
  // The huge zero page is on no list. Frame 0 is never given out.
  if (counting === draft.vars[PAGES_VAR.hugeZeroPfn]) {
    draft.vars[PAGES_VAR.hugeZeroPfn] = 0;
    freePages(draft, counting);
  } else releasePage(draft, counting);
  return true;
}
