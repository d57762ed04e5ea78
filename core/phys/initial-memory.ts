/**
 * A machine whose memory is as fragmented as that of a kernel that had been running: as many free blocks of each
 * order and migrate type as its /proc/buddyinfo and /proc/pagetypeinfo showed.
 *
 * Those files do not tell where the blocks lay. Here each block below the largest lies beside a buddy of which a page is
 * in use, so that it stays the block that it was; whatever is not free was in use before the first event and stays so.
 * That needs no more pages in use than the kernel's own memory had, so that its machine always has room for it.
 */
import { UsageError } from '../base/errors.ts';
import type { Draft } from '../machine/draft.ts';
import { FRAME, USE_RESERVED } from './frames.ts';
import {
  addToFreeListTail,
  freeCmaCell,
  freeCmaPagesOf,
  freePagesCell,
  headOf,
  removeFromFreeList,
} from './free-lists.ts';
import {
  MIGRATE_CMA,
  MIGRATE_MOVABLE,
  MIGRATE_NAMES,
  MIGRATE_UNMOVABLE,
  setPageblockType,
} from './migrate.ts';
import { type Block, Room } from './room.ts';
import { MOST_ORDERS, type Zone } from './zones.ts';

export interface InitialZoneMemory {
  /** Name of the zone; one that the layout does not have is left out. */
  readonly zone: string;
  /** By migrate type (as MIGRATE_*, missing ones are none) and order: number of free blocks. */
  readonly freeBlocks: readonly (readonly number[])[];
  /** What the kernel's zone was like, in pages: holds for a zone that lies where its lay. */
  readonly marks?: ZoneMarks;
}

export interface ZoneMarks {
  readonly startPfn: number;
  readonly spanned: number;
  readonly managed: number;
  readonly min: number;
  readonly low: number;
  readonly high: number;
  /** By name of the zone that was asked for: pages that such a request must leave alone. */
  readonly lowmemReserve?: Readonly<Record<string, number>>;
  /** Limits of the per-cpu lists; see Zone. */
  readonly pcp?: { readonly batch: number; readonly high: number };
}

/** A zone as the kernel had it, where it is the same zone. */
export function zoneOfMemory(
  zone: Zone,
  memory: readonly InitialZoneMemory[] = [],
  zones: readonly Zone[] = [],
): Zone {
  const marks = memory.find((one) => one.zone === zone.name)?.marks;
  if (marks === undefined || marks.startPfn !== zone.startPfn || marks.spanned !== zone.spannedPages)
    return zone;
  const { managed, min, low, high, pcp, lowmemReserve } = marks;
  return {
    ...zone,
    ...{ managedPages: managed, min, low, high },
    ...(pcp && { pcpBatch: pcp.batch, pcpHigh: pcp.high }),
    ...(lowmemReserve && {
      lowmemReserve: zones.map(({ name }, i) => lowmemReserve[name] ?? zone.lowmemReserve[i]!),
    }),
  };
}

/**
 * Leaves exactly these blocks free. `spare`: frames that boot keeps, which may serve where a kernel kept less.
 * @throws UsageError when a zone has no room for them
 */
export function startFromMemory(
  draft: Draft,
  memory: readonly InitialZoneMemory[],
  spare: readonly Block[],
): void {
  for (const zone of draft.platform.zones) {
    const wanted = memory.find((one) => one.zone === zone.name);
    if (wanted === undefined) continue;
    const last = zone.startPfn + zone.spannedPages;
    const own = spare.filter(({ pfn, order }) => pfn >= zone.startPfn && pfn + 2 ** order <= last);
    fillZone(draft, zone, wanted.freeBlocks, own);
  }
}

/** What of CMA was free lies in CMA, if this machine has any in the zone; else it counts as movable. */
function fillZone(
  draft: Draft,
  zone: Zone,
  freeBlocks: readonly (readonly number[])[],
  spare: readonly Block[],
): void {
  const usual = [...MIGRATE_NAMES.keys()];
  const [unmovable = [], movable = [], reclaimable = []] = freeBlocks;
  const cma = freeBlocks[MIGRATE_CMA] ?? [];
  if (freeCmaPagesOf(draft, zone.index) === 0) {
    const either = Array.from(
      { length: MOST_ORDERS },
      (_, order) => (movable[order] ?? 0) + (cma[order] ?? 0),
    );
    fillTypes(draft, zone, usual, [unmovable, either, reclaimable], spare);
    return;
  }
  fillTypes(draft, zone, usual, [unmovable, movable, reclaimable], spare);
  if (freeBlocks[MIGRATE_CMA] !== undefined) fillTypes(draft, zone, [MIGRATE_CMA], [cma], []);
}

/**
 * Of each of these types so many blocks by order, out of what is free of them all. Largest blocks first, so that the small
 * ones go into what is left of the large ones.
 */
function fillTypes(
  draft: Draft,
  zone: Zone,
  types: readonly number[],
  freeBlocks: readonly (readonly number[])[],
  spare: readonly Block[],
): void {
  const { maxOrder, pageblockOrder } = draft.platform;
  const wanted = freeBlocks.map((counts) => cutToOrders(counts, maxOrder));
  const room = new Room(takeEverything(draft, zone, types), spare, pageblockOrder, wanted);
  for (let order = maxOrder - 1; order >= 0; order--)
    for (let i = 0; i < types.length; i++)
      for (let left = wanted[i]![order]!; left > 0; left--) {
        const found = room.take(order, i);
        if (found === undefined) throw tooSmall(draft, zone, order);
        const type = types[found.type]!;
        addToFreeListTail(draft, zone.index, found.pfn, order, type);
        countFree(draft, zone, type, 2 ** order);
      }
  room.forEachTerritory(({ start, end }, i) => {
    for (let page = start; page < end; page += 2 ** pageblockOrder) setPageblockType(draft, page, types[i]!);
  });
  room.forEachLeft(({ pfn, order }) => reserve(draft, pfn, order));
  // What is spare beside frame 0 was one block with it.
  if (room.gaveSpare && zone.startPfn <= 1) reserve(draft, 0, 0);
}

/** Blocks that are larger than any of this kernel are several of its largest. */
function cutToOrders(counts: readonly number[], maxOrder: number): number[] {
  const cut = Array.from({ length: maxOrder }, (_, order) => counts[order] ?? 0);
  counts.slice(maxOrder).forEach((count, above) => {
    cut[maxOrder - 1]! += count * 2 ** (above + 1);
  });
  return cut;
}

function countFree({ freeLists }: Draft, { index }: Zone, type: number, nrPages: number): void {
  freeLists[freePagesCell(index)]! += nrPages;
  if (type === MIGRATE_CMA) freeLists[freeCmaCell(index)]! += nrPages;
}

/** Empties the free lists of these types. */
function takeEverything(draft: Draft, zone: Zone, types: readonly number[]): Block[] {
  const blocks: Block[] = [];
  for (let order = 0; order < draft.platform.maxOrder; order++) {
    for (const type of types) {
      for (let pfn = headOf(draft, zone.index, order, type); pfn >= 0; ) {
        removeFromFreeList(draft, zone.index, pfn, order);
        countFree(draft, zone, type, -(2 ** order));
        blocks.push({ pfn, order });
        pfn = headOf(draft, zone.index, order, type);
      }
    }
  }
  return blocks;
}

function reserve({ frames }: Draft, pfn: number, order: number): void {
  frames.set(pfn, FRAME.use, USE_RESERVED);
  frames.set(pfn, FRAME.order, order);
  frames.set(pfn, FRAME.next, 0);
  frames.set(pfn, FRAME.owner, 0);
  frames.set(pfn, FRAME.refs, 1);
}

/** The lists of a type that has none here: the kernel's reserve is not to be moved, what waits to be moved can be. */
export function migrateTypeNamed(name: string): number {
  const known = (MIGRATE_NAMES as readonly string[]).indexOf(name);
  if (known >= 0) return known;
  if (name === 'CMA') return MIGRATE_CMA;
  return name === 'HighAtomic' || name === 'Reserve' ? MIGRATE_UNMOVABLE : MIGRATE_MOVABLE;
}

function tooSmall({ platform }: Draft, zone: Zone, order: number): UsageError {
  const mib = Math.floor((zone.managedPages * 2 ** platform.layout.pageShift) / 2 ** 20);
  return new UsageError(
    `${platform.layout.name}: zone ${zone.name} of ${mib} MiB has no room for all free blocks of the snapshot ` +
      `(found none left of order ${order}); give the machine as much RAM as the recorded one, or more, or leave it to the snapshot`,
  );
}
