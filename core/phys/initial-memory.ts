/**
 * A machine whose memory is as fragmented as that of a kernel that had been running: as many free blocks of each
 * order and migrate type as its /proc/buddyinfo and /proc/pagetypeinfo showed.
 *
 * Those files do not tell where the blocks lay. Here each block below MAX_ORDER lies beside a buddy that is in use,
 * so that it stays the block that it was; whatever is not free was in use before the first event and stays so.
 */
import { UsageError } from '../errors.ts';
import type { Draft } from '../state/draft.ts';
import { FRAME, USE_RESERVED } from './frames.ts';
import { addToFreeListTail, freePagesCell, headOf, removeFromFreeList } from './free-lists.ts';
import {
  MIGRATE_MOVABLE,
  MIGRATE_NAMES,
  MIGRATE_PCPTYPES,
  MIGRATE_UNMOVABLE,
  setPageblockType,
} from './migrate.ts';
import { MAX_ORDER, type Zone } from './zones.ts';

export interface InitialZoneMemory {
  /** Name of the zone; one that the layout does not have is left out. */
  readonly zone: string;
  /** By migrate type (as MIGRATE_*, missing ones are none) and order: number of free blocks. */
  readonly freeBlocks: readonly (readonly number[])[];
}

const LARGEST = MAX_ORDER - 1;

/** Leaves exactly these blocks free. @throws UsageError when a zone has no room for them */
export function startFromMemory(draft: Draft, memory: readonly InitialZoneMemory[]): void {
  for (const zone of draft.platform.zones) {
    const wanted = memory.find((one) => one.zone === zone.name);
    if (wanted === undefined) continue;
    const room = takeEverything(draft, zone);
    const needed = largeBlocksNeeded(wanted.freeBlocks);
    if (needed > room.length) throw tooSmall(draft, zone, needed, room.length);
    for (let type = 0; type < MIGRATE_PCPTYPES; type++)
      placeBlocks(draft, zone, type, wanted.freeBlocks[type] ?? [], room);
  }
}

/** Reserves all free blocks of a zone; returns those of the largest order, ascending. */
function takeEverything(draft: Draft, zone: Zone): number[] {
  const largest: number[] = [];
  for (let type = 0; type < MIGRATE_PCPTYPES; type++) {
    for (let order = 0; order < MAX_ORDER; order++) {
      for (let pfn = headOf(draft, zone.index, order, type); pfn >= 0; ) {
        removeFromFreeList(draft, zone.index, pfn, order);
        reserve(draft, pfn, order);
        if (order === LARGEST) largest.push(pfn);
        pfn = headOf(draft, zone.index, order, type);
      }
    }
  }
  draft.freeLists[freePagesCell(zone.index)] = 0;
  return largest.sort((a, b) => a - b);
}

function reserve({ frames }: Draft, pfn: number, order: number): void {
  frames.set(pfn, FRAME.use, USE_RESERVED);
  frames.set(pfn, FRAME.order, order);
  frames.set(pfn, FRAME.owner, 0);
  frames.set(pfn, FRAME.refs, 1);
}

/** Blocks of the largest order that the free blocks and their buddies fill; each type has its own. */
function largeBlocksNeeded(freeBlocks: readonly (readonly number[])[]): number {
  return freeBlocks.reduce((sum, blocks) => {
    const pairs = blocks
      .slice(0, LARGEST)
      .reduce((pages, count, order) => pages + count * 2 ** (order + 1), 0);
    return sum + (blocks[LARGEST] ?? 0) + Math.ceil(pairs / 2 ** LARGEST);
  }, 0);
}

/** Takes large blocks off the front of `room`: whole ones first, then pairs of a free block and one in use. */
function placeBlocks(
  draft: Draft,
  zone: Zone,
  type: number,
  counts: readonly number[],
  room: number[],
): void {
  let at = 0;
  let end = 0;
  for (let order = LARGEST; order >= 0; order--) {
    const size = 2 ** Math.min(order + 1, LARGEST);
    for (let left = counts[order] ?? 0; left > 0; left--) {
      if (at === end) {
        at = room.shift()!;
        end = at + 2 ** LARGEST;
        for (let pfn = at; pfn < end; pfn += 2 ** draft.platform.pageblockOrder)
          setPageblockType(draft, pfn, type);
      }
      addToFreeListTail(draft, zone.index, at, order, type);
      draft.freeLists[freePagesCell(zone.index)]! += 2 ** order;
      if (order < LARGEST) reserve(draft, at + 2 ** order, order);
      at += size;
    }
  }
  reserveRest(draft, at, end);
}

function reserveRest(draft: Draft, start: number, end: number): void {
  for (let pfn = start; pfn < end; ) {
    const order = Math.log2(pfn & -pfn);
    reserve(draft, pfn, order);
    pfn += 2 ** order;
  }
}

/** The lists of a type that has none here: the kernel's reserve is not to be moved, what waits to be moved can be. */
export function migrateTypeNamed(name: string): number {
  const known = (MIGRATE_NAMES as readonly string[]).indexOf(name);
  if (known >= 0) return known;
  return name === 'HighAtomic' ? MIGRATE_UNMOVABLE : MIGRATE_MOVABLE;
}

function tooSmall(draft: Draft, zone: Zone, needed: number, found: number): UsageError {
  const { layout } = draft.platform;
  const mib = (blocks: number): number => (blocks * 2 ** (LARGEST + layout.pageShift)) / 2 ** 20;
  return new UsageError(
    `${layout.name}: zone ${zone.name} has ${mib(found)} MiB to give, expected ${mib(needed)} MiB for the free blocks ` +
      'of the snapshot and what lies between them; give the machine more RAM',
  );
}
