/**
 * Compaction: pages are moved from the bottom of a zone to free places at its top, until a block is free that is large
 * enough (mm/compaction.c, v6.1: try_to_compact_pages, compact_zone, isolate_migratepages_block, isolate_freepages).
 *
 * Simplified: both scanners go pageblock by pageblock (no fast_find_migrateblock, no fast_isolate_freepages); who needs a
 * block of order 4 or more compacts, for smaller ones pages are reclaimed; there is no kcompactd.
 */
import type { Draft } from '../machine/draft.ts';
import { COUNTER } from '../outcome/counters.ts';
import { lruFlags, PG_WRITEBACK } from '../pages/lru.ts';
import { freeBlock } from '../phys/buddy.ts';
import { FRAME, USE_ANON, USE_FREE, USE_KMALLOC_LARGE, USE_SLAB } from '../phys/frames.ts';
import {
  freeCmaCell,
  freePagesCell,
  freePagesOf,
  nrFree,
  ordersWithBlocks,
  removeFromFreeList,
} from '../phys/free-lists.ts';
import { MIGRATE_CMA, MIGRATE_MOVABLE, pageblockType } from '../phys/migrate.ts';
import { freePages } from '../phys/page-alloc.ts';
import { drainAllPcps } from '../phys/pcp.ts';
import { COMPACT, type Compacted, type CompactMode } from '../phys/reclaimer.ts';
import type { Zone } from '../phys/zones.ts';
import { allowUpTo, defer, isDeferred } from './compaction-defer.ts';
import { COMPACTION, compactionCell } from './compaction-state.ts';
import { isMovable, movePage } from './migrate.ts';
import { ReverseMap } from './rmap.ts';

/** COMPACT_CLUSTER_MAX: pages that are moved at a time. */
const CLUSTER = 32;
/** sysctl_extfrag_threshold: below it a request fails for want of memory rather than for fragmentation. */
const EXTFRAG_THRESHOLD = 500;
/** Larger blocks of these say how large they are, so that they are one step (PageCompound). */
const COMPOUND: readonly number[] = [USE_ANON, USE_SLAB, USE_KMALLOC_LARGE];
/** The whole zone is gone through, whatever becomes free (order -1). */
export const ALL_OF_IT = -1;

/** struct compact_control. */
interface Control {
  readonly draft: Draft;
  readonly zone: Zone;
  readonly order: number;
  readonly mode: CompactMode;
  readonly rmap: ReverseMap;
  /** Pages of a pageblock. */
  readonly blockPages: number;
  /** Where the scanners are: pages to be moved are looked for from here on upwards, free ones from there downwards. */
  migratePfn: number;
  freePfn: number;
  /** Free pages that were taken off their lists. */
  readonly free: number[];
}

/** try_to_compact_pages(), zone by zone: what came of it. */
export function compactZones(draft: Draft, highestZone: number, order: number, mode: CompactMode): Compacted {
  let best: Compacted = COMPACT.skipped;
  for (let index = highestZone; index >= 0; index--) {
    const zone = draft.platform.zones[index]!;
    if (zone.managedPages === 0) continue;
    const status = isDeferred(draft, zone, order)
      ? COMPACT.deferred
      : compactZone(draft, zone, highestZone, order, mode);
    best = Math.max(best, status) as Compacted;
    if (status === COMPACT.success) {
      allowUpTo(draft, zone, order);
      break;
    }
    if (mode !== 'async' && status === COMPACT.complete) defer(draft, zone, order);
  }
  return best;
}

/** /proc/sys/vm/compact_memory: all of each zone (compact_node). */
export function compactNode(draft: Draft): void {
  for (const zone of draft.platform.zones.toReversed())
    if (zone.managedPages > 0) compactZone(draft, zone, zone.index, ALL_OF_IT, 'sync');
}

function compactZone(
  draft: Draft,
  zone: Zone,
  highestZone: number,
  order: number,
  mode: CompactMode,
): Compacted {
  if (order !== ALL_OF_IT && !isSuitable(draft, zone, highestZone, order)) return COMPACT.skipped;
  const control = begin(draft, zone, order, mode);
  let status: Compacted | undefined;
  while (status === undefined) {
    status = finished(control);
    if (status === undefined && !moveFromNextBlock(control)) status = COMPACT.complete;
  }
  for (const pfn of control.free) giveBack(control, pfn);
  remember(control, status);
  return status;
}

/** Where the last one stopped, or at the ends of the zone. */
function begin(draft: Draft, zone: Zone, order: number, mode: CompactMode): Control {
  const { compaction, platform } = draft;
  const blockPages = 2 ** platform.pageblockOrder;
  const cell = (field: number): number => compaction[compactionCell(zone.index, field)]!;
  const end = zone.startPfn + zone.spannedPages;
  const isWhole = order === ALL_OF_IT;
  const knownMigrate = isWhole ? 0 : cell(COMPACTION.migratePfn);
  const knownFree = isWhole ? 0 : cell(COMPACTION.freePfn);
  return {
    draft,
    zone,
    order,
    mode,
    blockPages,
    rmap: new ReverseMap(draft),
    free: [],
    migratePfn: knownMigrate === 0 ? zone.startPfn : knownMigrate,
    freePfn: knownFree === 0 ? Math.floor((end - 1) / blockPages) * blockPages : knownFree,
  };
}

/** __compaction_suitable(): enough is free, but in pieces. */
function isSuitable(draft: Draft, zone: Zone, highestZone: number, order: number): boolean {
  const free = freePagesOf(draft, zone.index);
  const isAbove = free > zone.low + (2 << order) + zone.lowmemReserve[highestZone]!;
  if (!isAbove) return false;
  const index = fragmentationIndex(draft, zone, order, free);
  return index < 0 || index > EXTFRAG_THRESHOLD;
}

/** fragmentation_index() of mm/vmstat.c, v6.1: 0 for want of memory, 1000 for pieces; below 0 there is a block. */
function fragmentationIndex(draft: Draft, zone: Zone, order: number, free: number): number {
  let blocks = 0;
  for (let size = 0; size < draft.platform.maxOrder; size++) {
    const count = nrFree(draft, zone.index, size);
    if (size >= order && count > 0) return -1000;
    blocks += count;
  }
  if (blocks === 0) return 0;
  return 1000 - Math.floor((1000 + Math.floor((free * 1000) / 2 ** order)) / blocks);
}

/** compact_finished(): only at the end of a pageblock. */
function finished({ draft, zone, order, migratePfn, freePfn, blockPages }: Control): Compacted | undefined {
  if (Math.floor(freePfn / blockPages) <= Math.floor(migratePfn / blockPages)) return COMPACT.complete;
  if (order === ALL_OF_IT || migratePfn % blockPages !== 0) return undefined;
  return ordersWithBlocks(draft, zone.index) >>> order !== 0 ? COMPACT.success : undefined;
}

/** The next pageblock with pages that can be moved is emptied, as far as that goes. False: there are no free pages left. */
function moveFromNextBlock(control: Control): boolean {
  const { draft, blockPages, mode } = control;
  const start = control.migratePfn;
  const end = (Math.floor(start / blockPages) + 1) * blockPages;
  const type = pageblockType(draft, start);
  // suitable_migration_source(): who waits for nobody takes blocks of its own kind.
  if (mode === 'async' && type !== MIGRATE_MOVABLE && type !== MIGRATE_CMA) {
    control.migratePfn = end;
    return true;
  }
  for (let at = start, most = CLUSTER; at < end; most = blockPages) {
    const { pages, next } = isolate(control, at, end, most);
    at = next;
    control.migratePfn = at;
    if (!moveAll(control, pages)) return false;
  }
  // What was freed waits on the lists of a cpu, where it cannot become one block.
  drainAllPcps(draft);
  return true;
}

/** isolate_migratepages_block(): pages to be moved, `most` of them. Who is in a hurry gives a block up that keeps a page. */
function isolate(
  { draft, rmap, mode }: Control,
  start: number,
  end: number,
  most: number,
): { pages: number[]; next: number } {
  const { frames, counters } = draft;
  const pages: number[] = [];
  let pfn = start;
  let isGivenUp = false;
  while (pfn < end && pages.length < most && !isGivenUp) {
    const use = frames.get(pfn, FRAME.use);
    const size = 2 ** frames.get(pfn, FRAME.order);
    if (use !== USE_FREE) {
      if (canMove(draft, rmap, pfn)) pages.push(pfn);
      else isGivenUp = mode === 'async';
    }
    const isOneStep = isGivenUp || use === USE_FREE || COMPOUND.includes(use);
    counters[COUNTER.compactMigrateScanned]! += isOneStep ? 1 : Math.min(size, end - pfn);
    pfn += size;
  }
  const kept = isGivenUp ? [] : pages;
  counters[COUNTER.compactIsolated]! += kept.length;
  return { pages: kept, next: isGivenUp ? end : Math.min(pfn, end) };
}

/** Nobody waits for the disk here. */
function canMove(draft: Draft, rmap: ReverseMap, pfn: number): boolean {
  return isMovable(draft, rmap, pfn) && (lruFlags(draft, pfn) & PG_WRITEBACK) === 0;
}

function moveAll(control: Control, pages: readonly number[]): boolean {
  const { draft, rmap } = control;
  const { frames, counters } = draft;
  for (let i = 0; i < pages.length; i++) {
    const from = pages[i]!;
    if (control.free.length === 0) isolateFree(control, pages.length - i);
    const to = control.free.shift();
    if (to === undefined) {
      counters[COUNTER.pgmigrateFail]! += pages.length - i;
      return false;
    }
    frames.set(to, FRAME.use, frames.get(from, FRAME.use));
    frames.set(to, FRAME.order, 0);
    frames.set(to, FRAME.next, 0);
    movePage(draft, from, to, rmap.mappersOf(from));
    freePages(draft, from);
    counters[COUNTER.pgmigrateSuccess]!++;
  }
  return true;
}

/** isolate_freepages(): from the top of the zone downwards, at least `wanted` if there are so many. */
function isolateFree(control: Control, wanted: number): void {
  const { draft, zone, blockPages, free } = control;
  const lowest = (Math.floor(control.migratePfn / blockPages) + 1) * blockPages;
  let block = Math.floor(control.freePfn / blockPages) * blockPages;
  let from = control.freePfn;
  for (; block >= lowest && free.length < wanted; block -= blockPages, from = block) {
    const end = Math.min(block + blockPages, zone.startPfn + zone.spannedPages);
    if (!isTarget(draft, block)) continue;
    const next = isolateFreeBlock(control, from, end, wanted);
    if (free.length >= wanted) {
      control.freePfn = next >= end ? block - blockPages : next;
      return;
    }
  }
  control.freePfn = block;
}

/** suitable_migration_target(): of movable pages, and not free as a whole. */
function isTarget({ frames, platform, pageblocks }: Draft, block: number): boolean {
  const type = pageblocks.get(block >>> platform.pageblockOrder, 0);
  const isFree =
    frames.get(block, FRAME.use) === USE_FREE && frames.get(block, FRAME.order) >= platform.pageblockOrder;
  return !isFree && (type === MIGRATE_MOVABLE || type === MIGRATE_CMA);
}

/** isolate_freepages_block(): blocks are taken whole. Returns where it stopped. */
function isolateFreeBlock(
  { draft, zone, free }: Control,
  start: number,
  end: number,
  wanted: number,
): number {
  const { frames, freeLists, counters } = draft;
  let pfn = start;
  while (pfn < end && free.length < wanted) {
    const pages = 2 ** frames.get(pfn, FRAME.order);
    if (frames.get(pfn, FRAME.use) === USE_FREE) {
      removeFromFreeList(draft, zone.index, pfn, frames.get(pfn, FRAME.order));
      freeLists[freePagesCell(zone.index)]! -= pages;
      if (pageblockType(draft, pfn) === MIGRATE_CMA) freeLists[freeCmaCell(zone.index)]! -= pages;
      for (let page = pfn; page < pfn + pages; page++) free.push(page);
      counters[COUNTER.compactIsolated]! += pages;
      counters[COUNTER.compactFreeScanned]! += pages;
    } else counters[COUNTER.compactFreeScanned]!++;
    pfn += pages;
  }
  return pfn;
}

function giveBack({ draft, zone }: Control, pfn: number): void {
  freeBlock(draft, zone, pfn, 0, pageblockType(draft, pfn));
}

/** The next one goes on from there; where the scanners have met, from the ends. */
function remember({ draft, zone, order, migratePfn, freePfn, free }: Control, status: Compacted): void {
  if (order === ALL_OF_IT) return;
  const { compaction } = draft;
  const isOver = status === COMPACT.complete;
  const highest = free.length === 0 ? freePfn : Math.max(freePfn, ...free);
  const blockPages = 2 ** draft.platform.pageblockOrder;
  compaction[compactionCell(zone.index, COMPACTION.migratePfn)] = isOver ? 0 : migratePfn;
  compaction[compactionCell(zone.index, COMPACTION.freePfn)] = isOver
    ? 0
    : Math.floor(highest / blockPages) * blockPages;
}
