/**
 * The buddy allocator: blocks of 2^order page frames, aligned to their size, split on demand and merged as far
 * as they can be when freed (Knuth; mm/page_alloc.c, v6.1: __rmqueue, __rmqueue_smallest, expand, __free_one_page).
 *
 * An allocation takes the first block of the smallest order that its migrate type has, and keeps the low half at
 * every split. A freed block becomes the first of its list, unless it may soon merge: then the last. Pageblocks of CMA
 * stay apart: movable requests have them before they take from other types, no other request ever does.
 */

import type { Draft } from '../machine/draft.ts';
import { COUNTER } from '../outcome/counters.ts';
import { ALLOC_CMA, stealFallback } from './fallback.ts';
import { FRAME, USE_FREE, USE_NONE } from './frames.ts';
import {
  addToFreeList,
  addToFreeListTail,
  freeCmaCell,
  freeLowPages,
  freePagesCell,
  headOf,
  ordersCell,
  removeFromFreeList,
} from './free-lists.ts';
import { MIGRATE_CMA, pageblockType } from './migrate.ts';
import type { Zone } from './zones.ts';

/** Neighbouring blocks of one order; the first begins at `pfn`. */
export interface BlockRun {
  pfn: number;
  count: number;
  /** Of the pageblock. */
  migrateType: number;
}

const one: BlockRun = { pfn: 0, count: 0, migrateType: 0 };

/** A block of 2^order frames of this type, or one of another type that becomes this type; its first PFN, or -1. */
export function takeBlock(
  draft: Draft,
  zone: Zone,
  order: number,
  migrateType: number,
  allocFlags: number,
): number {
  if (allocFlags & ALLOC_CMA && cmaBlocksFirst(draft, zone, order) > 0) {
    if (takeCmaRun(draft, zone, order, 1, one)) return one.pfn;
  }
  return takeRun(draft, zone, order, migrateType, allocFlags, 1, one) ? one.pfn : -1;
}

/**
 * How many blocks a request that may have CMA takes there first: as long as more than half of the zone's free pages are
 * CMA's. Of a batch for a cpu's lists only CMA's are counted as it goes (rmqueue_bulk).
 */
export function cmaBlocksFirst({ freeLists, platform }: Draft, zone: Zone, order: number): number {
  const cma = freeLists[freeCmaCell(zone.index)]!;
  if (cma === 0 || !platform.layout.kernel.balancesCma) return 0;
  const half = freeLists[freePagesCell(zone.index)]! >>> 1;
  return Math.ceil(Math.max(cma - half, 0) / (1 << order));
}

/**
 * At most `most` blocks, the same that so many calls of `takeBlock` would give, as far as they are neighbours: all
 * come out of one larger block, for nothing smaller is left when that is split. False when there is none.
 */
export function takeRun(
  draft: Draft,
  zone: Zone,
  order: number,
  migrateType: number,
  allocFlags: number,
  most: number,
  run: BlockRun,
): boolean {
  const row = zone.index;
  let sufficient = draft.freeLists[ordersCell(row, migrateType)]! & (-1 << order);
  if (sufficient === 0) {
    if ((allocFlags & ALLOC_CMA) !== 0 && takeCmaRun(draft, zone, order, most, run)) return true;
    if (!stealFallback(draft, zone, order, migrateType, allocFlags)) return false;
    sufficient = draft.freeLists[ordersCell(row, migrateType)]! & (-1 << order);
  }
  const found = 31 - Math.clz32(sufficient & -sufficient);
  run.pfn = headOf(draft, row, found, migrateType);
  run.count = Math.min(most, 1 << (found - order));
  run.migrateType = migrateType;
  removeFromFreeList(draft, row, run.pfn, found);
  keepRest(draft, row, run.pfn + (run.count << order), run.pfn + (1 << found), migrateType, run.count);
  draft.freeLists[freePagesCell(row)]! -= run.count << order;
  if (migrateType === MIGRATE_CMA) draft.freeLists[freeCmaCell(row)]! -= run.count << order;
  if (zone.name !== 'HighMem') noteLowest(draft);
  return true;
}

/** The same of CMA's own blocks (__rmqueue_cma_fallback). */
export function takeCmaRun(draft: Draft, zone: Zone, order: number, most: number, run: BlockRun): boolean {
  const orders = draft.freeLists[ordersCell(zone.index, MIGRATE_CMA)]!;
  return (orders & (-1 << order)) !== 0 && takeRun(draft, zone, order, MIGRATE_CMA, 0, most, run);
}

function noteLowest(draft: Draft): void {
  const free = freeLowPages(draft.platform.zones, draft);
  if (free < draft.counters[COUNTER.lowFreeLowest]!) draft.counters[COUNTER.lowFreeLowest] = free;
}

/** Gives back what is left of a split block, [start, end): a block for each bit, the smallest at its beginning. */
function keepRest(
  draft: Draft,
  row: number,
  start: number,
  end: number,
  migrateType: number,
  taken: number,
): void {
  let blocks = taken;
  for (let pfn = start; pfn < end; blocks++) {
    const order = 31 - Math.clz32(pfn & -pfn);
    addToFreeList(draft, row, pfn, order, migrateType);
    pfn += 1 << order;
  }
  // A block that ends up as n was split n - 1 times.
  draft.counters[COUNTER.buddySplits]! += blocks - 1;
}

/** Merges the block with its buddy for as long as that is a free block of the same order in the same zone. */
export function freeBlock(
  draft: Draft,
  zone: Zone,
  freed: number,
  freedOrder: number,
  migrateType: number,
): void {
  const row = zone.index;
  let pfn = freed;
  let order = freedOrder;
  const { maxOrder, cmaApartOrder } = draft.platform;
  const largest = maxOrder - 1;
  draft.frames.set(pfn, FRAME.use, USE_NONE);
  for (; order < largest; order++) {
    const buddy = pfn ^ (1 << order);
    if (!isFreeBlock(draft, zone, buddy, order)) break;
    if (order >= cmaApartOrder && !mayMerge(draft, buddy, migrateType)) break;
    removeFromFreeList(draft, row, buddy, order);
    pfn &= buddy;
    draft.counters[COUNTER.buddyMerges]!++;
  }
  if (mayMergeSoon(draft, zone, pfn, order)) addToFreeListTail(draft, row, pfn, order, migrateType);
  else addToFreeList(draft, row, pfn, order, migrateType);
  draft.freeLists[freePagesCell(row)]! += 1 << freedOrder;
  if (migrateType === MIGRATE_CMA) draft.freeLists[freeCmaCell(row)]! += 1 << freedOrder;
}

/** Whole pageblocks of CMA and of other types are never one block (migratetype_is_mergeable). */
function mayMerge(draft: Draft, buddy: number, migrateType: number): boolean {
  return (migrateType === MIGRATE_CMA) === (pageblockType(draft, buddy) === MIGRATE_CMA);
}

function isFreeBlock({ frames }: Draft, zone: Zone, pfn: number, order: number): boolean {
  if (pfn < zone.startPfn || pfn >= zone.startPfn + zone.spannedPages) return false;
  const frame = frames.toRead(pfn);
  const at = frames.cellOf(pfn);
  return frame[at + FRAME.use] === USE_FREE && frame[at + FRAME.order] === order;
}

/** buddy_merge_likely(): once this block's buddy is free too, the pair would merge with a free block at once. */
function mayMergeSoon(draft: Draft, zone: Zone, pfn: number, order: number): boolean {
  if (order >= draft.platform.maxOrder - 2) return false;
  const pair = pfn & ~(1 << order);
  return isFreeBlock(draft, zone, pair ^ (1 << (order + 1)), order + 1);
}
