/**
 * A machine whose memory is as fragmented as that of a kernel that had been running: as many free blocks of each
 * order and migrate type as its /proc/buddyinfo and /proc/pagetypeinfo showed.
 *
 * Those files do not tell where the blocks lay. Here each block below the largest lies beside a buddy that is in use,
 * so that it stays the block that it was; whatever is not free was in use before the first event and stays so.
 */
import { UsageError } from '../base/errors.ts';
import type { Draft } from '../machine/draft.ts';
import { FRAME, USE_RESERVED } from './frames.ts';
import { addToFreeListTail, freePagesCell, headOf, removeFromFreeList } from './free-lists.ts';
import {
  MIGRATE_MOVABLE,
  MIGRATE_NAMES,
  MIGRATE_PCPTYPES,
  MIGRATE_UNMOVABLE,
  setPageblockType,
} from './migrate.ts';
import { MOST_ORDERS, type Zone } from './zones.ts';

export interface InitialZoneMemory {
  /** Name of the zone; one that the layout does not have is left out. */
  readonly zone: string;
  /** By migrate type (as MIGRATE_*, missing ones are none) and order: number of free blocks. */
  readonly freeBlocks: readonly (readonly number[])[];
}

/** First frames of the blocks that may become free, by order. */
type Pool = number[][];

/** Leaves exactly these blocks free. @throws UsageError when a zone has no room for them */
export function startFromMemory(draft: Draft, memory: readonly InitialZoneMemory[]): void {
  for (const zone of draft.platform.zones) {
    const wanted = memory.find((one) => one.zone === zone.name);
    if (wanted !== undefined) new ZoneFiller(draft, zone).fill(wanted.freeBlocks);
  }
}

/** Largest blocks first, so that the small ones go into what is left of the large ones. */
class ZoneFiller {
  private readonly draft: Draft;
  private readonly zone: Zone;
  /** Blocks as boot left them. */
  private readonly whole: Pool;
  /** By migrate type: what is left of blocks that were broken up for it. */
  private readonly pieces: Pool[] = Array.from({ length: MIGRATE_PCPTYPES }, emptyPool);

  constructor(draft: Draft, zone: Zone) {
    this.draft = draft;
    this.zone = zone;
    this.whole = takeEverything(draft, zone);
  }

  fill(freeBlocks: readonly (readonly number[])[]): void {
    for (let order = this.draft.platform.maxOrder - 1; order >= 0; order--)
      for (let type = 0; type < MIGRATE_PCPTYPES; type++)
        for (let left = freeBlocks[type]?.[order] ?? 0; left > 0; left--) this.free(order, type);
    for (const pool of [this.whole, ...this.pieces])
      pool.forEach((blocks, order) => {
        for (const pfn of blocks) reserve(this.draft, pfn, order);
      });
  }

  private free(order: number, type: number): void {
    const pieces = this.pieces[type]!;
    const pfn = pieces[order]!.pop() ?? this.takeWhole(order, type) ?? this.breakUp(order, type);
    if (pfn === undefined) throw tooSmall(this.draft, this.zone, order);
    addToFreeListTail(this.draft, this.zone.index, pfn, order, type);
    this.draft.freeLists[freePagesCell(this.zone.index)]! += 2 ** order;
  }

  private takeWhole(order: number, type: number): number | undefined {
    const pfn = this.whole[order]!.pop();
    if (pfn === undefined) return undefined;
    const { pageblockOrder } = this.draft.platform;
    for (let page = pfn; page < pfn + 2 ** order; page += 2 ** pageblockOrder)
      setPageblockType(this.draft, page, type);
    return pfn;
  }

  /** Halves the smallest larger block until it fits; its buddy stays in use, the other halves may serve later. */
  private breakUp(order: number, type: number): number | undefined {
    const pieces = this.pieces[type]!;
    for (let larger = order + 1; larger < this.draft.platform.maxOrder; larger++) {
      const pfn = pieces[larger]!.pop() ?? this.takeWhole(larger, type);
      if (pfn === undefined) continue;
      for (let half = larger - 1; half > order; half--) pieces[half]!.push(pfn + 2 ** half);
      reserve(this.draft, pfn + 2 ** order, order);
      return pfn;
    }
    return undefined;
  }
}

/** Empties the free lists of a zone; the lowest blocks are the last ones of each order, to be taken first. */
function takeEverything(draft: Draft, zone: Zone): Pool {
  const pool = emptyPool();
  for (let order = 0; order < draft.platform.maxOrder; order++) {
    for (let type = 0; type < MIGRATE_PCPTYPES; type++) {
      for (let pfn = headOf(draft, zone.index, order, type); pfn >= 0; ) {
        removeFromFreeList(draft, zone.index, pfn, order);
        pool[order]!.push(pfn);
        pfn = headOf(draft, zone.index, order, type);
      }
    }
    pool[order]!.sort((a, b) => b - a);
  }
  draft.freeLists[freePagesCell(zone.index)] = 0;
  return pool;
}

function emptyPool(): Pool {
  return Array.from({ length: MOST_ORDERS }, () => []);
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
  return name === 'HighAtomic' ? MIGRATE_UNMOVABLE : MIGRATE_MOVABLE;
}

function tooSmall({ platform }: Draft, zone: Zone, order: number): UsageError {
  const mib = Math.floor((zone.managedPages * 2 ** platform.layout.pageShift) / 2 ** 20);
  return new UsageError(
    `${platform.layout.name}: zone ${zone.name} of ${mib} MiB has no room for all free blocks of the snapshot ` +
      `(found none left of order ${order}); give the machine as much RAM as the recorded one, or more`,
  );
}
