/**
 * The free lists of a traced kernel as far as its trace and snapshots tell, in the lists of core/phys: of blocks that
 * came back since the trace began it is known where they are, of those before only how many there were of each order
 * and migrate type. Each of the latter has a place on its list, and a frame number out of range in place of its own.
 *
 * Whether a block that came back merged with its buddy is not known when the buddy's state is not: then it is doubtful
 * where the block stands, and so is what is given next once it stands in front.
 */

import type { Draft } from '../../../core/machine/draft.ts';
import { freeBlock, takeBlock } from '../../../core/phys/buddy.ts';
import {
  FRAME,
  FRAME_MIGRATE_TYPE,
  USE_FREE,
  USE_NONE,
  USE_PAGES,
  USE_PCP,
} from '../../../core/phys/frames.ts';
import {
  addToFreeList,
  headOf,
  listLength,
  ordersCell,
  removeFromFreeList,
} from '../../../core/phys/free-lists.ts';
import { MAX_ORDER, type Zone } from '../../../core/phys/zones.ts';
import { DoubtfulBlocks } from './doubtful-blocks.ts';
import { LAST_PFN } from './machine-beside.ts';

/** Frames from here on stand for blocks whose place is not known. */
const NOWHERE = LAST_PFN;

/** What stands in front of the list that would serve a request. */
export interface Front {
  readonly order: number;
  /** -1 when its place is not known. */
  readonly pfn: number;
}

export class KnownBlocks {
  private readonly draft: Draft;
  private nextNowhere = NOWHERE;
  /** Blocks that may have merged with a buddy of unknown state, by their first frame. */
  private readonly doubtful: DoubtfulBlocks;
  /** Zones and types whose blocks were counted. */
  private readonly counted = new Set<number>();

  constructor(draft: Draft) {
    this.draft = draft;
    this.doubtful = new DoubtfulBlocks(draft);
  }

  /** The block that a request would get a part of; undefined when no list has one, a reason when it cannot be told. */
  front(zone: Zone, order: number, migratetype: number): Front | string | undefined {
    if (!this.isCounted(zone, migratetype)) return 'free blocks of this type not counted by a snapshot yet';
    const sufficient = this.ordersOf(zone, migratetype) & (-1 << order);
    // A block that is too small may be a part of one that is not.
    if (this.doubtful.has(zone, migratetype, order))
      return 'a block may have merged with one of before the trace';
    if (sufficient === 0) return undefined;
    const found = lowestBit(sufficient);
    const head = headOf(this.draft, zone.index, found, migratetype);
    if (this.doubtful.includes(head)) return 'a block may have merged with one of before the trace';
    return { order: found, pfn: head >= NOWHERE ? -1 : head };
  }

  /** The allocator's own answer, where `front` is known. */
  predict(zone: Zone, order: number, migratetype: number): number {
    return takeBlock(this.draft, zone, order, migratetype, 0);
  }

  /** Takes a prediction back. */
  putBack(zone: Zone, pfn: number, order: number, migratetype: number): void {
    freeBlock(this.draft, zone, pfn, order, migratetype);
  }

  /** The kernel gave this block; what was left of a larger one goes to the lists of `restType`. */
  take(
    zone: Zone,
    pfn: number,
    order: number,
    migratetype: number,
    restType = migratetype,
    atLeast = order,
  ): void {
    const whole = this.blockAround(pfn, order) ?? this.unseenBlock(zone, pfn, migratetype, atLeast);
    this.clear(zone, pfn, order);
    if (whole === undefined) return;
    if (whole.pfn < NOWHERE) this.remove(zone, whole.pfn);
    const start = whole.pfn < NOWHERE ? whole.pfn : pfn;
    this.keepAround(zone, start, whole.order, pfn, order, restType);
  }

  /** A block is in use; nothing in it is free, whatever was thought. */
  use(zone: Zone, pfn: number, order: number): void {
    const around = this.blockAround(pfn, order);
    if (around !== undefined) this.take(zone, pfn, order, this.typeOf(around.pfn));
    else this.clear(zone, pfn, order);
    this.draft.frames.set(pfn, FRAME.use, USE_PAGES);
    this.draft.frames.set(pfn, FRAME.order, order);
  }

  /** The known free block that a block is a part of. */
  private blockAround(pfn: number, order: number): Front | undefined {
    for (let larger = order; larger < MAX_ORDER; larger++) {
      const start = pfn & -(1 << larger);
      if (this.isFree(start) && this.orderOf(start) === larger) return { pfn: start, order: larger };
    }
    return undefined;
  }

  /** The smallest block of unknown place that may begin at `pfn`; what stood in front of it did not belong there. */
  private unseenBlock(zone: Zone, pfn: number, migratetype: number, atLeast: number): Front | undefined {
    if (!this.isCounted(zone, migratetype)) return undefined;
    for (let larger = atLeast; larger < MAX_ORDER && pfn % 2 ** larger === 0; larger++) {
      const nowhere = this.nowhereOf(zone, larger, migratetype);
      if (nowhere === undefined || !this.isUnseen(pfn, larger)) continue;
      removeFromFreeList(this.draft, zone.index, nowhere, larger);
      return { pfn: nowhere, order: larger };
    }
    return undefined;
  }

  private nowhereOf(zone: Zone, order: number, migratetype: number): number | undefined {
    for (let pfn = headOf(this.draft, zone.index, order, migratetype); pfn >= 0; pfn = this.next(pfn))
      if (pfn >= NOWHERE) return pfn;
    return undefined;
  }

  private next(pfn: number): number {
    return this.draft.frames.get(pfn, FRAME.next) - 1;
  }

  /** Free blocks within one that was given were parts of a larger one. */
  private clear(zone: Zone, pfn: number, order: number): void {
    for (let inside = pfn; inside < pfn + 2 ** order; inside++)
      if (this.isFree(inside) && this.orderOf(inside) < order) this.remove(zone, inside);
  }

  private remove(zone: Zone, pfn: number): void {
    this.doubtful.delete(pfn);
    removeFromFreeList(this.draft, zone.index, pfn, this.orderOf(pfn));
  }

  /** Gives back what is left of a block around a part of it. */
  private keepAround(
    zone: Zone,
    start: number,
    wholeOrder: number,
    pfn: number,
    order: number,
    migratetype: number,
  ): void {
    let at = start;
    for (let half = wholeOrder - 1; half >= order; half--) {
      const upper = at + 2 ** half;
      const rest = pfn < upper ? upper : at;
      addToFreeList(this.draft, zone.index, rest, half, migratetype);
      at = pfn < upper ? at : upper;
    }
  }

  /** A block came back to the buddy allocator. */
  free(zone: Zone, pfn: number, order: number, migratetype: number): void {
    this.use(zone, pfn, order);
    for (let frame = pfn; frame < pfn + 2 ** order; frame++)
      this.draft.frames.set(frame, FRAME.use, USE_NONE);
    const isDoubtful = this.mayMerge(zone, pfn, order);
    freeBlock(this.draft, zone, pfn, order, migratetype);
    const merged = this.blockAround(pfn, order)!;
    for (let part = pfn, size = order; size < merged.order; part &= -(2 << size), size++)
      this.doubtful.delete(part ^ (1 << size));
    if (isDoubtful) this.doubtful.add(zone, merged.pfn);
  }

  /** Whether it depends on a buddy of unknown state to what the block merges, or where on its list it goes. */
  private mayMerge(zone: Zone, freed: number, freedOrder: number): boolean {
    let pfn = freed;
    for (let order = freedOrder; order < MAX_ORDER - 1; order++) {
      const buddy = pfn ^ (1 << order);
      if (!contains(zone, buddy)) return false;
      const isWholeAndFree = this.isFree(buddy) && this.orderOf(buddy) === order;
      if (isWholeAndFree && this.doubtful.includes(buddy)) return true;
      if (!isWholeAndFree) return this.isUnclear(buddy, order) || this.tailIsDoubtful(zone, pfn, order);
      pfn &= buddy;
    }
    return false;
  }

  /** buddy_merge_likely() looks at the buddy of the pair. */
  private tailIsDoubtful(zone: Zone, pfn: number, order: number): boolean {
    if (order >= MAX_ORDER - 2) return false;
    const above = (pfn & ~(1 << order)) ^ (1 << (order + 1));
    return contains(zone, above) && this.isUnclear(above, order + 1);
  }

  /** Whether the frames may be a free block, or may not. */
  private isUnclear(pfn: number, order: number): boolean {
    const { frames } = this.draft;
    for (let frame = pfn; frame < pfn + 2 ** order; frame++) {
      const use = frames.get(frame, FRAME.use);
      if (use !== USE_NONE && !(use === USE_FREE && this.doubtful.includes(frame))) return false;
    }
    return this.blockAround(pfn, order + 1) === undefined && !this.isInUse(pfn, order);
  }

  /** Whether nothing is known of any frame of a block. */
  private isUnseen(pfn: number, order: number): boolean {
    const { frames } = this.draft;
    for (let frame = pfn; frame < pfn + 2 ** order; frame++)
      if (frames.get(frame, FRAME.use) !== USE_NONE) return false;
    return this.blockAround(pfn, order) === undefined && !this.isInUse(pfn, order);
  }

  /** Whether a larger block in use covers it. */
  private isInUse(pfn: number, order: number): boolean {
    const { frames } = this.draft;
    for (let larger = order + 1; larger < MAX_ORDER; larger++) {
      const start = pfn & -(1 << larger);
      const use = frames.get(start, FRAME.use);
      if ((use === USE_PAGES || use === USE_PCP) && frames.get(start, FRAME.order) >= larger) return true;
    }
    return false;
  }

  private isFree(pfn: number): boolean {
    return this.draft.frames.get(pfn, FRAME.use) === USE_FREE;
  }

  private orderOf(pfn: number): number {
    return this.draft.frames.get(pfn, FRAME.order);
  }

  private typeOf(pfn: number): number {
    return this.draft.frames.get(pfn, FRAME_MIGRATE_TYPE);
  }

  private ordersOf(zone: Zone, migratetype: number): number {
    return this.draft.freeLists[ordersCell(zone.index, migratetype)]!;
  }

  length(zone: Zone, order: number, migratetype: number): number {
    return listLength(this.draft, zone.index, order, migratetype);
  }

  isCounted(zone: Zone, migratetype: number): boolean {
    return this.counted.has(zone.index * MAX_ORDER + migratetype);
  }

  /** Whether the counts of a type's blocks are sure. */
  isSure(zone: Zone, migratetype: number): boolean {
    return this.isCounted(zone, migratetype) && !this.doubtful.has(zone, migratetype, MAX_ORDER);
  }

  /** Nobody knows any more how many blocks there are. */
  forgetCounts(zone: Zone, migratetype: number): void {
    this.counted.delete(zone.index * MAX_ORDER + migratetype);
  }

  /** There are so many blocks of each order. Ours that are doubtful are where they seem to be if that is as many. */
  count(zone: Zone, migratetype: number, blocks: readonly number[]): void {
    const isAsCounted = blocks.every((count, order) => this.length(zone, order, migratetype) === count);
    for (const pfn of this.doubtful.of(zone, migratetype)) {
      if (isAsCounted) this.doubtful.delete(pfn);
      else this.remove(zone, pfn);
    }
    for (const [order, count] of blocks.entries()) this.adjust(zone, migratetype, order, count);
    this.counted.add(zone.index * MAX_ORDER + migratetype);
  }

  /** New ones may stand in front, so that is where they go. */
  private adjust(zone: Zone, migratetype: number, order: number, count: number): void {
    for (let missing = count - this.length(zone, order, migratetype); missing > 0; missing--)
      addToFreeList(this.draft, zone.index, this.nextNowhere++, order, migratetype);
    for (let extra = this.length(zone, order, migratetype) - count; extra > 0; extra--) {
      const pfn =
        this.nowhereOf(zone, order, migratetype) ?? headOf(this.draft, zone.index, order, migratetype);
      this.remove(zone, pfn);
    }
  }
}

function contains({ startPfn, spannedPages }: Zone, pfn: number): boolean {
  return pfn >= startPfn && pfn < startPfn + spannedPages;
}

function lowestBit(bits: number): number {
  return 31 - Math.clz32(bits & -bits);
}
