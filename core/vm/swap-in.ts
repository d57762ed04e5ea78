/**
 * Reading pages back from the swap area: what is in the swap cache is there already, what is not brings its neighbours
 * in the area along, more the better that did before (swapin_readahead of mm/swap_state.c, v6.1: swap_cluster_readahead,
 * __swapin_nr_pages).
 *
 * Simplified: the neighbours are read with the page, in one request.
 */

import { GFP_HIGHUSER_MOVABLE } from '../event/gfp.ts';
import type { Draft } from '../machine/draft.ts';
import { COUNTER } from '../outcome/counters.ts';
import { addToLru, clearLruFlag, lruFlags, PG_READAHEAD, setLruFlag } from '../pages/lru.ts';
import { PAGES_VAR } from '../pages/state.ts';
import { addToSwapCache, SWAP, swapCachePage } from '../pages/swap.ts';
import { refault } from '../pages/workingset.ts';
import { FRAME, USE_ANON } from '../phys/frames.ts';
import { allocPages } from '../phys/page-alloc.ts';

/** swapin_readahead_hits when nothing was read yet. */
const FIRST_HITS = 4;

/** The page of a slot, in the swap cache from here on if it was not; a negated reason if there is no memory for it. */
export function swapCacheGet(draft: Draft, slot: number): { pfn: number; wasRead: boolean } {
  const cached = swapCachePage(draft, slot);
  if (cached >= 0) {
    if ((lruFlags(draft, cached) & PG_READAHEAD) !== 0) {
      clearLruFlag(draft, cached, PG_READAHEAD);
      draft.vars[PAGES_VAR.swapHits]!++;
    }
    return { pfn: cached, wasRead: false };
  }
  readNeighbours(draft, slot);
  const early = swapCachePage(draft, slot);
  const pfn = early >= 0 ? early : read(draft, slot);
  if (pfn >= 0) waitForPage(draft, pfn);
  return { pfn, wasRead: true };
}

/** Until the disk has read a page, which nobody can take away meanwhile (folio_wait_locked). */
export function waitForPage(draft: Draft, pfn: number, ns = draft.platform.costs.diskReadNs): void {
  const { frames, reclaimer } = draft;
  if (reclaimer === undefined) {
    draft.spend(ns);
    return;
  }
  frames.add(pfn, FRAME.refs, 1);
  reclaimer.waitForIo(draft, ns);
  frames.add(pfn, FRAME.refs, -1);
}

/** The aligned slots around, as many as the last ones were worth; those in use, and not in memory. */
function readNeighbours(draft: Draft, slot: number): void {
  const pages = readaheadPages(draft, slot);
  const start = Math.max(1, slot - (slot % pages));
  const end = Math.min(slot - (slot % pages) + pages - 1, draft.platform.reclaim!.swapSlots);
  for (let at = start; at <= end; at++) {
    if (swapCachePage(draft, at) >= 0 || draft.swapMap.get(at, SWAP.count) === 0) continue;
    const pfn = read(draft, at);
    if (pfn < 0) return;
    if (at !== slot) setLruFlag(draft, pfn, PG_READAHEAD);
  }
}

/** swapin_nr_pages(): a power of two. */
function readaheadPages({ platform, vars }: Draft, slot: number): number {
  const most = platform.reclaim!.swapReadahead;
  if (most <= 1) return 1;
  const isFirst = vars[PAGES_VAR.swapWindow] === 0;
  const hits = isFirst ? FIRST_HITS : vars[PAGES_VAR.swapHits]!;
  const before = vars[PAGES_VAR.swapBefore]!;
  let pages = hits + 2;
  if (pages === 2) pages = slot === before + 1 || slot === before - 1 ? 2 : 1;
  else pages = Math.max(4, 2 ** Math.ceil(Math.log2(pages)));
  pages = Math.max(Math.min(pages, most), Math.floor(vars[PAGES_VAR.swapWindow]! / 2));
  if (hits === 0) vars[PAGES_VAR.swapBefore] = slot;
  vars[PAGES_VAR.swapHits] = 0;
  vars[PAGES_VAR.swapWindow] = pages;
  return pages;
}

function read(draft: Draft, slot: number): number {
  const pfn = allocPages(draft, 0, GFP_HIGHUSER_MOVABLE, USE_ANON, 0);
  if (pfn < 0) return pfn;
  addToLru(draft, pfn, false, 0, 0);
  addToSwapCache(draft, pfn, slot);
  draft.counters[COUNTER.pswpin]!++;
  refault(draft, pfn, draft.swapMap.get(slot, SWAP.shadow), false);
  draft.swapMap.set(slot, SWAP.shadow, 0);
  draft.frames.set(pfn, FRAME.refs, 1);
  return pfn;
}
