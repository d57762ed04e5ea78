/**
 * The buddy allocator: blocks of 2^order page frames, aligned to their size, split on demand and merged as far
 * as they can be when freed (Knuth; mm/page_alloc.c, v6.1: rmqueue, __rmqueue_smallest, expand, __free_one_page).
 *
 * Each zone keeps one doubly linked list a order, threaded through the frames themselves. An allocation takes
 * the head of the smallest order that has a block and keeps the low half at every split; a freed block becomes
 * the head of its list (LIFO), as the captured kernels show.
 *
 * Left out so far: migrate types and per-cpu lists. Their effect is on which frame is given, not on whether.
 */

import { COUNTER } from '../counters.ts';
import { __GFP_HIGHMEM } from '../event/gfp.ts';
import { FRAGMENTED, OUT_OF_LOWMEM, OUT_OF_MEMORY, TOO_LARGE } from '../outcome.ts';
import type { Draft } from '../state/draft.ts';
import type { TableEdit } from '../state/table.ts';
import { FRAME, FRAME_PREV, USE_FREE, USE_NONE } from './frames.ts';
import { GFP_ZONE_MASK, MAX_ORDER, markFor, type Zone } from './zones.ts';

/** Fields of a row of `freeLists`, one row a zone. */
export const FREE_PAGES = 0;
/** PFN + 1 of the first block of order 0; the next orders follow. */
export const HEAD = 1;
/** Number of blocks of order 0; the next orders follow. */
export const NR_FREE = HEAD + MAX_ORDER;

/**
 * alloc_pages(): the PFN of a block of 2^order frames, or the negated reason (OUT_OF_MEMORY ...).
 * Tries the zones from the highest that `gfp` allows down, first down to their low marks, then to their min marks.
 */
export function allocPages(draft: Draft, order: number, gfp: number, use: number, owner: number): number {
  if (order >= MAX_ORDER) return -TOO_LARGE;
  const { zones } = draft.platform;
  const asked = draft.platform.highestZones[gfp & GFP_ZONE_MASK]!;
  let pfn = allocFromZones(draft, zones, asked, order, gfp, 'low');
  if (pfn < 0) pfn = allocFromZones(draft, zones, asked, order, gfp, 'min');
  if (pfn < 0) return -reasonOfFailure(draft, asked, order, gfp);
  const { frames } = draft;
  frames.set(pfn, FRAME.use, use);
  frames.set(pfn, FRAME.order, order);
  frames.set(pfn, FRAME.next, 0);
  frames.set(pfn, FRAME.owner, owner);
  frames.set(pfn, FRAME.refs, 1);
  return pfn;
}

/** __free_pages(): gives back the block that starts at `pfn`. */
export function freePages(draft: Draft, pfn: number): void {
  freeBlock(draft, zoneOfPfn(draft.platform.zones, pfn), pfn, draft.frames.get(pfn, FRAME.order));
}

export function zoneOfPfn(zones: readonly Zone[], pfn: number): Zone {
  let i = zones.length - 1;
  while (i > 0 && pfn < zones[i]!.startPfn) i--;
  return zones[i]!;
}

/** Free pages of low memory above the min marks: what page tables can still be taken from. */
export function lowmemHeadroom(draft: Draft): number {
  let pages = 0;
  for (const zone of draft.platform.zones) {
    if (zone.name === 'HighMem') continue;
    const reserve = zone.lowmemReserve[zone.lowmemReserve.length - 1]!;
    pages += Math.max(0, draft.freeLists.get(zone.index, FREE_PAGES) - zone.low - reserve);
  }
  return pages;
}

function allocFromZones(
  draft: Draft,
  zones: readonly Zone[],
  asked: number,
  order: number,
  gfp: number,
  mark: 'low' | 'min',
): number {
  for (let i = asked; i >= 0; i--) {
    const zone = zones[i]!;
    const free = draft.freeLists.get(i, FREE_PAGES) - ((1 << order) - 1);
    if (free <= markFor(zone, gfp, mark) + zone.lowmemReserve[asked]!) continue;
    const pfn = takeSmallest(draft, zone, order);
    if (pfn >= 0) return pfn;
  }
  return -1;
}

/** Takes the head of the smallest sufficient order and splits it down, giving back the upper halves. */
function takeSmallest(draft: Draft, zone: Zone, order: number): number {
  const { freeLists, frames, counters } = draft;
  const row = zone.index;
  let found = order;
  while (freeLists.get(row, HEAD + found) === 0) if (++found === MAX_ORDER) return -1;
  const pfn = freeLists.get(row, HEAD + found) - 1;
  unlink(frames, freeLists, row, pfn, found);
  counters[COUNTER.buddySplits]! += found - order;
  while (found > order) {
    found--;
    link(frames, freeLists, row, pfn + (1 << found), found);
  }
  freeLists.add(row, FREE_PAGES, -(1 << order));
  return pfn;
}

/** Merges the block with its buddy for as long as that is a free block of the same order in the same zone. */
export function freeBlock(draft: Draft, zone: Zone, freed: number, freedOrder: number): void {
  const { freeLists, frames, counters } = draft;
  const row = zone.index;
  let pfn = freed;
  let order = freedOrder;
  frames.set(pfn, FRAME.use, USE_NONE);
  for (; order < MAX_ORDER - 1; order++) {
    const buddy = pfn ^ (1 << order);
    if (frames.get(buddy, FRAME.use) !== USE_FREE || frames.get(buddy, FRAME.order) !== order) break;
    if (buddy < zone.startPfn || buddy >= zone.startPfn + zone.spannedPages) break;
    unlink(frames, freeLists, row, buddy, order);
    pfn &= buddy;
    counters[COUNTER.buddyMerges]!++;
  }
  link(frames, freeLists, row, pfn, order);
  freeLists.add(row, FREE_PAGES, 1 << freedOrder);
}

function link(frames: TableEdit, freeLists: TableEdit, row: number, pfn: number, order: number): void {
  const head = freeLists.get(row, HEAD + order);
  frames.set(pfn, FRAME.use, USE_FREE);
  frames.set(pfn, FRAME.order, order);
  frames.set(pfn, FRAME.next, head);
  frames.set(pfn, FRAME_PREV, 0);
  frames.set(pfn, FRAME.refs, 0);
  if (head !== 0) frames.set(head - 1, FRAME_PREV, pfn + 1);
  freeLists.set(row, HEAD + order, pfn + 1);
  freeLists.add(row, NR_FREE + order, 1);
}

function unlink(frames: TableEdit, freeLists: TableEdit, row: number, pfn: number, order: number): void {
  const next = frames.get(pfn, FRAME.next);
  const prev = frames.get(pfn, FRAME_PREV);
  if (prev === 0) freeLists.set(row, HEAD + order, next);
  else frames.set(prev - 1, FRAME.next, next);
  if (next !== 0) frames.set(next - 1, FRAME_PREV, prev);
  frames.set(pfn, FRAME.use, USE_NONE);
  frames.set(pfn, FRAME.next, 0); // in a block in use this cell means a kmap
  freeLists.add(row, NR_FREE + order, -1);
}

/** Which of the three ways of running out this is: no pages, pages in the wrong place, or pages in pieces. */
function reasonOfFailure(draft: Draft, asked: number, order: number, gfp: number): number {
  const { zones } = draft.platform;
  const roomy = (zone: Zone, against: number): boolean =>
    draft.freeLists.get(zone.index, FREE_PAGES) - ((1 << order) - 1) >
    markFor(zone, gfp, 'min') + zone.lowmemReserve[against]!;
  if (zones.slice(0, asked + 1).some((zone) => roomy(zone, asked))) return FRAGMENTED;
  const onlyLow = (gfp & __GFP_HIGHMEM) === 0;
  if (onlyLow && zones.some((zone) => zone.name === 'HighMem' && roomy(zone, zone.index)))
    return OUT_OF_LOWMEM;
  return OUT_OF_MEMORY;
}
