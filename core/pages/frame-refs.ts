/** References to frames in use: of the entries that map them, of the page cache, of devices. The last one frees. */

import type { Draft } from '../machine/draft.ts';
import { blockOf, FRAME, USE_ANON } from '../phys/frames.ts';
import { freePages } from '../phys/page-alloc.ts';
import { removeFromLru } from './lru.ts';
import { PAGES_VAR } from './state.ts';

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

/** Drops one reference to a frame; the last one frees it. Returns whether it did. */
export function putFrame(draft: Draft, pfn: number): boolean {
  const counting = countingFrame(draft, pfn);
  if (draft.frames.add(counting, FRAME.refs, -1) > 0) return false;
  // The huge zero page is on no list. Frame 0 is never given out.
  if (counting === draft.vars[PAGES_VAR.hugeZeroPfn]) draft.vars[PAGES_VAR.hugeZeroPfn] = 0;
  else removeFromLru(draft, counting);
  freePages(draft, counting);
  return true;
}
