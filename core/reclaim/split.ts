/**
 * Splitting a huge page into base pages (split_huge_page_to_list of mm/huge_memory.c, v6.1), which reclaim does before
 * any of them goes: each then lives on its own, and what nobody maps any more is free.
 *
 * Simplified: a kernel whose swap area allows it writes a huge page in one piece (CONFIG_THP_SWAP).
 */

import type { Draft } from '../machine/draft.ts';
import { COUNTER } from '../outcome/counters.ts';
import { forgetHuge } from '../pages/frame-refs.ts';
import { partsOfHuge } from '../pages/huge-owners.ts';
import { addToLruAfter, keepFirst, lruListOf, removeFromLru } from '../pages/lru.ts';
import { PTE_LARGE, pteFrame } from '../paging/pte.ts';
import { FRAME, USE_ANON } from '../phys/frames.ts';
import { freePages } from '../phys/page-alloc.ts';
import { splitHuge } from '../thp/entries.ts';
import type { ReverseMap } from './rmap.ts';

/** All references to the page have to be those of entries. Its base pages take its place on its list. */
export function splitHugePage(draft: Draft, rmap: ReverseMap, pfn: number): void {
  const { frames, ptes } = draft;
  for (const { mm, vpn, row } of rmap.mappersOf(pfn))
    if ((ptes.get(row, 0) & PTE_LARGE) !== 0) splitHuge(draft, mm, vpn);
  const nrPages = 2 ** frames.get(pfn, FRAME.order);
  const refs = new Int32Array(nrPages);
  for (const { row } of rmap.mappersOf(pfn)) refs[pteFrame(ptes.get(row, 0)) - pfn]!++;
  const parts = partsOfHuge(draft, pfn);
  forgetHuge(draft, pfn, nrPages);
  keepFirst(draft, pfn, nrPages);
  for (let i = nrPages - 1; i >= 0; i--) {
    if (i < parts[parts.length - 1]!.from) parts.pop();
    const { object, page, from } = parts[parts.length - 1]!;
    frames.set(pfn + i, FRAME.use, USE_ANON);
    frames.set(pfn + i, FRAME.order, 0);
    frames.set(pfn + i, FRAME.owner, 0);
    frames.set(pfn + i, FRAME.refs, refs[i]!);
    if (i > 0 && refs[i] !== 0) addToLruAfter(draft, pfn + i, pfn, object, page + i - from);
    if (refs[i] === 0) freePart(draft, pfn + i);
  }
  draft.counters[COUNTER.thpSplitPage]!++;
}

/** The first one is on a list. */
function freePart(draft: Draft, pfn: number): void {
  if (lruListOf(draft, pfn) >= 0) removeFromLru(draft, pfn);
  freePages(draft, pfn);
}
