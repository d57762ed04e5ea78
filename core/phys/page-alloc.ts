/**
 * The page allocator: alloc_pages() and __free_pages() over the zones, their watermarks, the per-cpu lists and the
 * buddy allocator (mm/page_alloc.c, v6.1: get_page_from_freelist, __zone_watermark_ok, __alloc_pages_slowpath).
 *
 * A request that may reclaim gets the pages of all per-cpu lists before it fails, and, on a machine that reclaims,
 * what can be freed, and for large blocks moved (reclaim/).
 */
import {
  __GFP_ATOMIC,
  __GFP_DIRECT_RECLAIM,
  __GFP_HIGHMEM,
  __GFP_MEMALLOC,
  __GFP_NORETRY,
  __GFP_RETRY_MAYFAIL,
  GFP_HIGHUSER_MOVABLE,
  GFP_KERNEL,
} from '../event/gfp.ts';
import type { Draft } from '../machine/draft.ts';
import { COUNTER } from '../outcome/counters.ts';
import { CMA_ONLY, FRAGMENTED, OUT_OF_LOWMEM, OUT_OF_MEMORY, TOO_LARGE } from '../outcome/outcome.ts';
import { freeBlock, takeBlock } from './buddy.ts';
import { ALLOC_CMA, ALLOC_KSWAPD, ALLOC_NOFRAGMENT } from './fallback.ts';
import { FRAME } from './frames.ts';
import {
  boostCell,
  freeCmaPagesOf,
  freePagesOf,
  listLength,
  ordersCell,
  ordersWithBlocks,
} from './free-lists.ts';
import { MIGRATE_CMA, MIGRATE_PCPTYPES, migrateTypeOf, pageblockType } from './migrate.ts';
import { allocFromPcp, drainAllPcps, freeToPcp, takeWaiting } from './pcp.ts';
import { COMPACT, type CompactMode, type Reclaimer } from './reclaimer.ts';
import { PHYS_VAR } from './state.ts';
import { GFP_ZONE_MASK, markFor, type Zone } from './zones.ts';

/** The mark that a zone has to stay above; `none` for those at reclaim, who will give more back (ALLOC_NO_WATERMARKS). */
type Mark = 'low' | 'min' | 'none';

/** Above this order (include/linux/mmzone.h, v6.1) a request is given up after one round of reclaim. */
const PAGE_ALLOC_COSTLY_ORDER = 3;
/** Rounds without any progress before the OOM killer is asked (mm/internal.h, v6.1). */
const MAX_RECLAIM_RETRIES = 16;

/** alloc_pages(): the PFN of a block of 2^order frames, or the negated reason (OUT_OF_MEMORY ...). */
export function allocPages(draft: Draft, order: number, gfp: number, use: number, owner: number): number {
  if (order >= draft.platform.maxOrder) return -TOO_LARGE;
  const { highestZones, mobilityGfp } = draft.platform;
  const asked = highestZones[gfp & GFP_ZONE_MASK]!;
  const flags = gfp & (ALLOC_KSWAPD | (ALLOC_CMA & mobilityGfp));
  let pfn = allocFromZones(draft, asked, order, gfp, 'low', flags | noFragment(draft, asked));
  if (pfn < 0) pfn = allocSlowly(draft, asked, order, gfp, flags);
  if (pfn < 0) return -reasonOfFailure(draft, asked, order, gfp);
  nameFrame(draft, pfn, order, use, owner);
  return pfn;
}

/**
 * alloc_pages_bulk(): single pages as so many calls of `allocPages` give them, written to `pfns` from `from` on, up to
 * `to` at most. How many, at least one; or the negated reason why there is none.
 */
export function allocPageRun(
  draft: Draft,
  gfp: number,
  use: number,
  owner: number,
  pfns: Int32Array,
  from: number,
  to: number,
): number {
  const pfn = allocPages(draft, 0, gfp, use, owner);
  if (pfn < 0) return pfn;
  pfns[from] = pfn;
  if (from + 1 === to) return 1;
  const count = 1 + takeWaitingFromZones(draft, gfp, pfns, from + 1, to);
  for (let i = from + 1; i < from + count; i++) nameFrame(draft, pfns[i]!, 0, use, owner);
  return count;
}

/** What waits on the list that serves the next such request: taking it changes no free pages, so one look at them does. */
function takeWaitingFromZones(draft: Draft, gfp: number, pfns: Int32Array, from: number, to: number): number {
  const { highestZones, mobilityGfp, zones } = draft.platform;
  if (draft.vars[PHYS_VAR.boostedZones] !== 0) return 0;
  const asked = highestZones[gfp & GFP_ZONE_MASK]!;
  const flags = gfp & ALLOC_CMA & mobilityGfp;
  for (let i = asked; i >= 0; i--)
    if (isAboveMark(draft, zones[i]!, asked, 0, gfp, 'low', flags))
      return takeWaiting(draft, zones[i]!, migrateTypeOf(gfp & mobilityGfp), pfns, from, to);
  return 0;
}

function nameFrame({ frames }: Draft, pfn: number, order: number, use: number, owner: number): void {
  const frame = frames.toWrite(pfn);
  const at = frames.cellOf(pfn);
  frame[at + FRAME.use] = use;
  frame[at + FRAME.order] = order;
  frame[at + FRAME.owner] = owner;
  frame[at + FRAME.refs] = 1;
}

/** Gives back the first `count` of single pages, as so many calls of `freePages` do. */
export function freePageRun(draft: Draft, pfns: Int32Array, count: number): void {
  const { zones } = draft.platform;
  for (let i = 0; i < count; i++) freeToPcp(draft, zoneOfPfn(zones, pfns[i]!), pfns[i]!, 0);
}

/** __free_pages(): gives back the block that starts at `pfn`. */
export function freePages(draft: Draft, pfn: number): void {
  const zone = zoneOfPfn(draft.platform.zones, pfn);
  const order = draft.frames.get(pfn, FRAME.order);
  if ((draft.platform.pcpLists.orders >>> order) & 1) freeToPcp(draft, zone, pfn, order);
  else freeBlock(draft, zone, pfn, order, pageblockType(draft, pfn));
}

/** The zone that a frame belongs to: the highest that begins at or below it. */
export function zoneOfPfn(zones: readonly Zone[], pfn: number): Zone {
  let i = zones.length - 1;
  while (i > 0 && pfn < zones[i]!.startPfn) i--;
  return zones[i]!;
}

/**
 * alloc_flags_nofragment(): where there is a zone DMA32, be it empty, a request for Normal tries the zones below before
 * it mixes types in Normal.
 */
function noFragment({ platform }: Draft, asked: number): number {
  return platform.hasDma32 && platform.zones[asked]!.name === 'Normal' ? ALLOC_NOFRAGMENT : 0;
}

/** From the highest zone that the request may use down to the lowest: the first that stays above its mark. */
function allocFromZones(
  draft: Draft,
  asked: number,
  order: number,
  gfp: number,
  mark: Mark,
  allocFlags: number,
): number {
  const { zones, mobilityGfp, pcpLists } = draft.platform;
  const isListed = ((pcpLists.orders >>> order) & 1) !== 0;
  const migrateType = migrateTypeOf(gfp & mobilityGfp);
  for (let i = asked; i >= 0; i--) {
    const zone = zones[i]!;
    if (!isAboveMark(draft, zone, asked, order, gfp, mark, allocFlags)) continue;
    const pfn = isListed
      ? allocFromPcp(draft, zone, order, migrateType, allocFlags)
      : takeBlock(draft, zone, order, migrateType, allocFlags);
    if (draft.vars[PHYS_VAR.boostedZones] !== 0) tellOfBoost(draft, zone, allocFlags);
    if (pfn >= 0) return pfn;
  }
  return -1;
}

/** ZONE_BOOSTED_WATERMARK: kswapd is woken for the zone whose marks were raised, and no other (rmqueue). */
function tellOfBoost(draft: Draft, { index }: Zone, allocFlags: number): void {
  const boosted = draft.vars[PHYS_VAR.boostedZones]!;
  if (((boosted >>> index) & 1) === 0 || (allocFlags & ALLOC_KSWAPD) === 0) return;
  draft.vars[PHYS_VAR.boostedZones] = boosted & ~(1 << index);
  draft.reclaimer?.wakeKswapd(draft, index);
}

/** Mixing types is better than going below the low marks; that is better than failing. */
function allocSlowly(draft: Draft, asked: number, order: number, gfp: number, flags: number): number {
  let pfn = -1;
  if (noFragment(draft, asked) !== 0) pfn = allocFromZones(draft, asked, order, gfp, 'low', flags);
  if (pfn >= 0) return pfn;
  const { reclaimer } = draft;
  if ((gfp & __GFP_DIRECT_RECLAIM) !== 0 && reclaimer?.giveWay(draft)) {
    pfn = allocFromZones(draft, asked, order, gfp, 'low', flags | noFragment(draft, asked));
    if (pfn >= 0) return pfn;
  }
  if (flags & ALLOC_KSWAPD) {
    if (reclaimer === undefined) forgetBoosts(draft);
    else reclaimer.wakeKswapd(draft, asked);
  }
  pfn = allocFromZones(draft, asked, order, gfp, 'min', flags);
  if (pfn < 0 && reclaimer !== undefined && (gfp & __GFP_MEMALLOC) !== 0)
    pfn = allocFromZones(draft, asked, order, gfp, 'none', flags);
  if (pfn >= 0 || (gfp & __GFP_DIRECT_RECLAIM) === 0) return pfn;
  if (reclaimer !== undefined) {
    const compacted = allocByCompaction(draft, reclaimer, asked, order, gfp, flags, 'async');
    if (compacted >= 0) return compacted;
    // Who does not want much done about it (huge pages of nobody who asked) leaves it at that if it was of no use.
    const isUseless = compacted === -COMPACT.skipped - 1 || compacted === -COMPACT.deferred - 1;
    if (order > PAGE_ALLOC_COSTLY_ORDER && isUseless && (gfp & __GFP_NORETRY) !== 0) return -1;
    return allocByReclaim(draft, reclaimer, asked, order, gfp, flags);
  }
  drainAllPcps(draft);
  return allocFromZones(draft, asked, order, gfp, 'min', flags);
}

/** __alloc_pages_direct_compact(): a block, or less than 0: one less than the negated result. */
function allocByCompaction(
  draft: Draft,
  reclaimer: Reclaimer,
  asked: number,
  order: number,
  gfp: number,
  flags: number,
  mode: CompactMode,
): number {
  if (order <= PAGE_ALLOC_COSTLY_ORDER) return -COMPACT.complete - 1;
  const { counters } = draft;
  const result = reclaimer.compact(draft, asked, order, mode);
  if (result <= COMPACT.deferred) return -result - 1;
  counters[COUNTER.compactStall]!++;
  const pfn = allocFromZones(draft, asked, order, gfp, 'min', flags);
  counters[pfn >= 0 ? COUNTER.compactSuccess : COUNTER.compactFail]!++;
  return pfn >= 0 ? pfn : -result - 1;
}

/** Makes room, as long as that helps; then kills, as long as that helps (__alloc_pages_slowpath, should_reclaim_retry). */
function allocByReclaim(
  draft: Draft,
  reclaimer: Reclaimer,
  asked: number,
  order: number,
  gfp: number,
  flags: number,
): number {
  const triesOnce =
    (gfp & __GFP_NORETRY) !== 0 || (order > PAGE_ALLOC_COSTLY_ORDER && (gfp & __GFP_RETRY_MAYFAIL) === 0);
  for (let round = 1, idleRounds = 0; ; round++) {
    if (round > 1 && (flags & ALLOC_KSWAPD) !== 0) reclaimer.wakeKswapd(draft, asked);
    let pfn = round === 1 ? -1 : allocFromZones(draft, asked, order, gfp, 'min', flags);
    if (pfn >= 0) return pfn;
    const freed = reclaimer.reclaim(draft, asked, gfp);
    if (freed > 0) pfn = allocFreed(draft, asked, order, gfp, flags);
    if (pfn >= 0) return pfn;
    const mode = (gfp & __GFP_NORETRY) === 0 ? 'sync' : 'async';
    pfn = allocByCompaction(draft, reclaimer, asked, order, gfp, flags, mode);
    if (pfn >= 0 || triesOnce) return Math.max(pfn, -1);
    // Pages of a larger block need not come free together.
    if (order > 0 && round >= MAX_RECLAIM_RETRIES && freed > 0) return -1;
    idleRounds = freed > 0 && order <= PAGE_ALLOC_COSTLY_ORDER ? 0 : idleRounds + 1;
    if (idleRounds <= MAX_RECLAIM_RETRIES && reclaimer.mayRetry(draft, asked, order, gfp)) continue;
    if (!reclaimer.killForMemory(draft, gfp)) return -1;
    idleRounds = 0;
  }
}

/** Of what was reclaimed, at last of what lies on per-cpu lists (__alloc_pages_direct_reclaim). */
function allocFreed(draft: Draft, asked: number, order: number, gfp: number, flags: number): number {
  const pfn = allocFromZones(draft, asked, order, gfp, 'min', flags);
  if (pfn >= 0) return pfn;
  drainAllPcps(draft);
  return allocFromZones(draft, asked, order, gfp, 'min', flags);
}

/** Where no kswapd is simulated it is as if it had worked off the boosts; see fallback.ts. */
function forgetBoosts(draft: Draft): void {
  for (const { index } of draft.platform.zones) draft.freeLists[boostCell(index)] = 0;
}

function isAboveMark(
  draft: Draft,
  zone: Zone,
  asked: number,
  order: number,
  gfp: number,
  mark: Mark,
  allocFlags: number,
): boolean {
  const mayHaveCma = (allocFlags & ALLOC_CMA) !== 0;
  if (mark === 'none') return ordersFor(draft, zone.index, mayHaveCma) >>> order !== 0;
  const free = usablePages(draft, zone.index, mayHaveCma) - ((1 << order) - 1);
  const ignoresBoost = mark === 'min' && order === 0 && (gfp & __GFP_ATOMIC) !== 0;
  const boost = ignoresBoost ? 0 : draft.freeLists[boostCell(zone.index)]!;
  if (free <= markFor(zone, gfp, mark, boost) + zone.lowmemReserve[asked]!) return false;
  return order === 0 || ordersFor(draft, zone.index, mayHaveCma) >>> order !== 0;
}

/** __zone_watermark_unusable_free(): free pages of CMA are none for a request that may not have them. */
function usablePages(draft: Draft, zone: number, mayHaveCma: boolean): number {
  return freePagesOf(draft, zone) - (mayHaveCma ? 0 : freeCmaPagesOf(draft, zone));
}

function ordersFor(draft: Draft, zone: number, mayHaveCma: boolean): number {
  const orders = ordersWithBlocks(draft, zone);
  return mayHaveCma ? orders | draft.freeLists[ordersCell(zone, MIGRATE_CMA)]! : orders;
}

/**
 * Pages that can surely be had without anybody having to reclaim or to be woken for it, page tables too, on any cpu: free
 * pages of low memory above the low marks. Counted up to `enough`.
 */
export function quietHeadroom(draft: Draft, enough: number): number {
  if (draft.reclaimer === undefined) return lowmemHeadroom(draft, enough);
  if (draft.vars[PHYS_VAR.kswapdBusy] !== 0) return 0;
  const { highestZones } = draft.platform;
  const user = highestZones[GFP_HIGHUSER_MOVABLE & GFP_ZONE_MASK]!;
  const kernel = highestZones[GFP_KERNEL & GFP_ZONE_MASK]!;
  const pages = unboosted(draft, user, enough);
  // Without high memory the zone is one of low memory, and has no more than all of that.
  if (user === kernel) return pages;
  return Math.min(pages, unboosted(draft, kernel, enough), lowmemHeadroom(draft, enough));
}

/** Pages of the zone that serves such requests which are free in whole pageblocks: taking those boosts no mark. */
function unboosted(draft: Draft, asked: number, enough: number): number {
  const { zones, pageblockOrder } = draft.platform;
  for (let i = asked; i >= 0; i--) {
    const zone = zones[i]!;
    const mark = zone.low + draft.freeLists[boostCell(i)]! + zone.lowmemReserve[asked]!;
    const above = usablePages(draft, i, false) - mark - 2 * zone.pcpBatch;
    if (above <= -2 * zone.pcpBatch) continue;
    const spare = 1 << pageblockOrder;
    const most = Math.min(above, enough);
    return Math.max(0, Math.min(pagesInPageblocks(draft, i, most + spare) - spare, above));
  }
  return 0;
}

/** The largest blocks first, counted up to `enough`. */
function pagesInPageblocks(draft: Draft, zone: number, enough: number): number {
  const { pageblockOrder, maxOrder } = draft.platform;
  let pages = 0;
  for (let order = maxOrder - 1; order >= pageblockOrder && pages < enough; order--)
    for (let type = 0; type < MIGRATE_PCPTYPES; type++)
      pages += listLength(draft, zone, order, type) << order;
  return pages;
}

function lowmemHeadroom(draft: Draft, enough: number): number {
  const { zones } = draft.platform;
  let pages = 0;
  for (let i = zones.length - 1; i >= 0 && pages < enough; i--) {
    const zone = zones[i]!;
    if (zone.name === 'HighMem') continue;
    const reserve = zone.lowmemReserve[zone.lowmemReserve.length - 1]!;
    const mark = zone.low + draft.freeLists[boostCell(zone.index)]! + reserve;
    // A refill takes a batch at once, for page tables and for user pages.
    pages += Math.max(0, usablePages(draft, zone.index, false) - mark - 2 * zone.pcpBatch);
  }
  return pages;
}

/** Which way of running out this is: no pages, pages in the wrong place or for others only, or pages in pieces. */
function reasonOfFailure(draft: Draft, asked: number, order: number, gfp: number): number {
  const { zones } = draft.platform;
  const mayHaveCma = (gfp & ALLOC_CMA) !== 0;
  const roomy = (zone: Zone, against: number, withCma = mayHaveCma): boolean =>
    usablePages(draft, zone.index, withCma) - ((1 << order) - 1) >
    markFor(zone, gfp, 'min', 0) + zone.lowmemReserve[against]!;
  const served = zones.slice(0, asked + 1);
  if (served.some((zone) => roomy(zone, asked))) return FRAGMENTED;
  if (served.some((zone) => roomy(zone, asked, true))) return CMA_ONLY;
  const onlyLow = (gfp & __GFP_HIGHMEM) === 0;
  if (onlyLow && zones.some((zone) => zone.name === 'HighMem' && roomy(zone, zone.index)))
    return OUT_OF_LOWMEM;
  return OUT_OF_MEMORY;
}
