/**
 * Fallback: what happens when a migrate type has no block left. The largest block of another type is taken,
 * with the rest of its pageblock where that is worth it, so that the types stay apart as far as they can
 * (mm/page_alloc.c, v6.1: __rmqueue_fallback, find_suitable_fallback, steal_suitable_fallback, boost_watermark).
 *
 * A boosted watermark wakes kswapd to work it off. Simplified: on a machine that does not reclaim it is as if that were done
 * at once; only requests that may not wake it (no __GFP_KSWAPD_RECLAIM) leave the boost behind.
 */

import { __GFP_KSWAPD_RECLAIM, __GFP_MOVABLE } from '../event/gfp.ts';
import type { Draft } from '../machine/draft.ts';
import { COUNTER } from '../outcome/counters.ts';
import { FRAME, USE_ANON, USE_FREE, USE_NONE, USE_PAGE_CACHE } from './frames.ts';
import { addToFreeListTail, boostCell, headOf, ordersCell, removeFromFreeList } from './free-lists.ts';
import {
  MIGRATE_MOVABLE,
  MIGRATE_RECLAIMABLE,
  MIGRATE_UNMOVABLE,
  pageblockType,
  setPageblockType,
} from './migrate.ts';
import { PHYS_VAR } from './state.ts';
import type { Zone } from './zones.ts';

/** By the type that ran out: the others, the better ones first. */
const FALLBACKS = [
  [MIGRATE_RECLAIMABLE, MIGRATE_MOVABLE],
  [MIGRATE_RECLAIMABLE, MIGRATE_UNMOVABLE],
  [MIGRATE_UNMOVABLE, MIGRATE_MOVABLE],
] as const;

/** watermark_boost_factor, in ten thousandths of the high mark. */
const BOOST_FACTOR = 15_000;

/** Flags of a request, beside its order and type: only whole pageblocks may be taken from other types. */
export const ALLOC_NOFRAGMENT = 0x100;
/** The request may have pages of CMA, for what can be moved (gfp_to_alloc_flags_cma); the same bit as in gfp. */
export const ALLOC_CMA = __GFP_MOVABLE;
/** The request may wake kswapd; the same bit as in gfp. */
export const ALLOC_KSWAPD = __GFP_KSWAPD_RECLAIM;

/** Moves a block of at least this order to the lists of `migrateType`; false when no other type has one. */
export function stealFallback(
  draft: Draft,
  zone: Zone,
  order: number,
  migrateType: number,
  allocFlags: number,
): boolean {
  const smallest = allocFlags & ALLOC_NOFRAGMENT ? Math.max(order, draft.platform.pageblockOrder) : order;
  const [first, second] = FALLBACKS[migrateType]!;
  const firstOrders = draft.freeLists[ordersCell(zone.index, first)]!;
  const orders = firstOrders | draft.freeLists[ordersCell(zone.index, second)]!;
  const sufficient = orders & (-1 << smallest);
  if (sufficient === 0) return false;
  let found = 31 - Math.clz32(sufficient);
  const wholeBlock = worthWholeBlock(draft, found, migrateType);
  // One small page in a strange pageblock does less harm than a piece out of a large block.
  if (!wholeBlock && found > order) {
    const fitting = orders & (-1 << order);
    found = 31 - Math.clz32(fitting & -fitting);
  }
  const from = (firstOrders >>> found) & 1 ? first : second;
  const pfn = headOf(draft, zone.index, found, from);
  steal(draft, zone, pfn, found, migrateType, allocFlags);
  draft.counters[COUNTER.migrateTypeFallbacks]!++;
  return true;
}

/** can_steal_fallback(): the types that cannot move had better have a pageblock of their own, whatever the order. */
function worthWholeBlock(draft: Draft, order: number, migrateType: number): boolean {
  return order >= draft.platform.pageblockOrder >>> 1 || migrateType !== MIGRATE_MOVABLE;
}

function steal(
  draft: Draft,
  zone: Zone,
  pfn: number,
  order: number,
  migrateType: number,
  allocFlags: number,
): void {
  const { pageblockOrder } = draft.platform;
  if (order >= pageblockOrder) {
    for (let block = 0; block < 1 << order; block += 1 << pageblockOrder)
      setPageblockType(draft, pfn + block, migrateType);
    moveToList(draft, zone, pfn, order, migrateType);
    return;
  }
  const wakes = (allocFlags & ALLOC_KSWAPD) !== 0;
  if (wakes && draft.reclaimer === undefined) draft.freeLists[boostCell(zone.index)] = 0;
  else if (boostWatermark(draft, zone) && wakes) draft.vars[PHYS_VAR.boostedZones]! |= 1 << zone.index;
  const wholeBlock = worthWholeBlock(draft, order, migrateType);
  if (!wholeBlock || !claimPageblock(draft, zone, pfn, migrateType))
    moveToList(draft, zone, pfn, order, migrateType);
}

/** Moves every free block of the pageblock; it changes its type when half of it is free or alike. False when it cannot. */
function claimPageblock(draft: Draft, zone: Zone, pfn: number, migrateType: number): boolean {
  const nrPages = 1 << draft.platform.pageblockOrder;
  const start = pfn & -nrPages;
  if (start + nrPages > zone.startPfn + zone.spannedPages) return false;
  const { freePages, movablePages } = moveFreeBlocks(
    draft,
    zone,
    start < zone.startPfn ? pfn : start,
    start + nrPages,
    migrateType,
  );
  const wasMovable = pageblockType(draft, pfn) === MIGRATE_MOVABLE;
  const alikePages =
    migrateType === MIGRATE_MOVABLE ? movablePages : wasMovable ? nrPages - freePages - movablePages : 0;
  if (freePages + alikePages >= nrPages / 2) setPageblockType(draft, pfn, migrateType);
  return true;
}

function moveFreeBlocks(
  draft: Draft,
  zone: Zone,
  start: number,
  end: number,
  migrateType: number,
): { freePages: number; movablePages: number } {
  const { frames } = draft;
  let freePages = 0;
  let movablePages = 0;
  for (let pfn = start; pfn < end; ) {
    const use = frames.get(pfn, FRAME.use);
    const nrPages = use === USE_NONE ? 1 : 1 << frames.get(pfn, FRAME.order);
    if (use === USE_FREE) {
      moveToList(draft, zone, pfn, frames.get(pfn, FRAME.order), migrateType);
      freePages += nrPages;
    } else if (use === USE_ANON || use === USE_PAGE_CACHE) movablePages += nrPages;
    pfn += nrPages;
  }
  return { freePages, movablePages };
}

function moveToList(draft: Draft, zone: Zone, pfn: number, order: number, migrateType: number): void {
  removeFromFreeList(draft, zone.index, pfn, order);
  addToFreeListTail(draft, zone.index, pfn, order, migrateType);
}

/** Raises the zone's marks by a pageblock, so that reclaim makes room before the types mix further. */
function boostWatermark(draft: Draft, zone: Zone): boolean {
  const nrPages = 1 << draft.platform.pageblockOrder;
  if (nrPages * 4 > zone.managedPages) return false;
  const most = Math.max(Math.floor((zone.high * BOOST_FACTOR) / 10_000), nrPages);
  const cell = boostCell(zone.index);
  draft.freeLists[cell] = Math.min(draft.freeLists[cell]! + nrPages, most);
  return true;
}
