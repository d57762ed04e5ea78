/**
 * Room for free blocks in a zone, given out so that blocks stay what they are: no two buddies of one order are both free.
 *
 * A region is `whole` if it may be free as one block, or `partly`: a page of it has to stay in use, for otherwise it would
 * merge with its buddy. A partly free region of order k is a whole one and a partly free one of order k - 1, and so on, so
 * that it loses one page only. Below a pageblock all blocks of a pageblock are of one migrate type.
 */
import type { PfnRange } from '../layout/page-frames.ts';

/** 2^order frames from `pfn` on, which is a multiple of that. */
export interface Block {
  readonly pfn: number;
  readonly order: number;
}

/** By order. */
type Stacks = number[][];

/** Larger orders are no kernel's. */
const ORDERS = 32;

class Regions {
  readonly whole: Stacks = emptyStacks();
  readonly partly: Stacks = emptyStacks();

  /** A region of exactly this order that may be free; its own buddy is not. */
  take(order: number): number | undefined {
    return this.whole[order]!.pop() ?? this.takeFromLarger(order);
  }

  /** Halves the smallest region that is large enough, such that are partly in use anyway before others. */
  private takeFromLarger(order: number): number | undefined {
    const used = firstFilled(this.partly, order + 1);
    if (used !== undefined) return this.split(this.partly[used]!.pop()!, used, order);
    const larger = firstFilled(this.whole, order + 1);
    return larger === undefined ? undefined : this.split(this.whole[larger]!.pop()!, larger, order);
  }

  /**
   * Of a region that stays partly in use: upper halves stay whole, the lowest part is what is used, as the buddy allocator
   * leaves it, which gives the lower half away (expand() of mm/page_alloc.c, v6.1).
   */
  private split(pfn: number, from: number, to: number): number {
    for (let order = from - 1; order > to; order--) this.whole[order]!.push(pfn + 2 ** order);
    this.partly[to]!.push(pfn);
    return pfn + 2 ** to;
  }
}

function keyOf({ pfn, order }: Block): number {
  return pfn * ORDERS + order;
}

function emptyStacks(): Stacks {
  return Array.from({ length: ORDERS }, () => []);
}

function firstFilled(stacks: Stacks, from: number): number | undefined {
  for (let order = from; order < ORDERS; order++) if (stacks[order]!.length > 0) return order;
  return undefined;
}

export class Room {
  private readonly pageblockOrder: number;
  /** Regions of a pageblock or more, of no type yet. */
  private readonly shared = new Regions();
  /** By type: regions below a pageblock. */
  private readonly own: Regions[];
  /** Pageblocks that hold smaller blocks from the start, with these; by their number. */
  private readonly small = new Map<number, Block[]>();
  private spare: readonly Block[];
  private hasGivenSpare = false;
  private readonly typed: (readonly [PfnRange, number])[] = [];
  /** Those that were free when boot was over: a spare one beside a buddy of its order may not be free too. */
  private readonly natural: ReadonlySet<number>;

  /** By type and order: blocks that are still to be found. */
  private readonly wanted: readonly number[][];

  constructor(
    blocks: readonly Block[],
    spare: readonly Block[],
    pageblockOrder: number,
    wanted: readonly (readonly number[])[],
  ) {
    this.pageblockOrder = pageblockOrder;
    this.wanted = wanted.map((counts) => [...counts]);
    this.own = wanted.map(() => new Regions());
    this.spare = spare;
    this.natural = new Set(blocks.map(keyOf));
    // The lowest are the last ones, to be taken first.
    for (const block of blocks.toSorted((a, b) => b.pfn - a.pfn)) this.add(block);
  }

  /** Without what boot keeps there was not room enough. */
  get gaveSpare(): boolean {
    return this.hasGivenSpare;
  }

  private add(block: Block): void {
    const { pfn, order } = block;
    if (order >= this.pageblockOrder) this.shared.whole[order]!.push(pfn);
    else this.smallAt(pfn).push(block);
  }

  private smallAt(pfn: number): Block[] {
    const pageblock = Math.floor(pfn / 2 ** this.pageblockOrder);
    const known = this.small.get(pageblock) ?? [];
    this.small.set(pageblock, known);
    return known;
  }

  /** A block of this type, or of another one where none of this is left; undefined: there is no room. */
  take(order: number, type: number): { pfn: number; type: number } | undefined {
    const found = this.takeOf(order, type) ?? this.takeOfAny(order) ?? this.takeSpare(order, type);
    this.wanted[type]![order]!--;
    return found;
  }

  private takeOf(order: number, type: number): { pfn: number; type: number } | undefined {
    if (order >= this.pageblockOrder) {
      const pfn = this.shared.take(order);
      if (pfn !== undefined) this.nameTerritory({ start: pfn, end: pfn + 2 ** order }, type);
      return pfn === undefined ? undefined : { pfn, type };
    }
    const regions = this.own[type]!;
    do {
      const pfn = regions.take(order);
      if (pfn !== undefined) return { pfn, type };
    } while (this.settle(order, type));
    return undefined;
  }

  /**
   * Gives a pageblock to a type: one that is in pieces anyway if the type has use for all of them, else a piece of a
   * larger region, else one in pieces that are large enough.
   */
  private settle(order: number, type: number): boolean {
    const isLarge = ({ order: own }: Block): boolean => own >= order;
    const isWanted = ({ order: own }: Block): boolean => this.wanted[type]![own]! > 0;
    return (
      this.settleSmall(type, (blocks) => blocks.some(isLarge) && blocks.every(isWanted)) ||
      this.settlePiece(type) ||
      this.settleSmall(type, (blocks) => blocks.some(isLarge))
    );
  }

  private settleSmall(type: number, serves: (blocks: readonly Block[]) => boolean): boolean {
    const { pageblockOrder, small } = this;
    for (const [pageblock, blocks] of small) {
      if (!serves(blocks)) continue;
      small.delete(pageblock);
      for (const block of blocks) this.own[type]!.whole[block.order]!.push(block.pfn);
      const start = pageblock * 2 ** pageblockOrder;
      this.nameTerritory({ start, end: start + 2 ** pageblockOrder }, type);
      return true;
    }
    return false;
  }

  private settlePiece(type: number): boolean {
    const { pageblockOrder, shared } = this;
    const regions = this.own[type]!;
    const partly = shared.partly[pageblockOrder]!.pop();
    const pfn = partly ?? shared.take(pageblockOrder);
    if (pfn === undefined) return false;
    (partly === undefined ? regions.whole : regions.partly)[pageblockOrder]!.push(pfn);
    this.nameTerritory({ start: pfn, end: pfn + 2 ** pageblockOrder }, type);
    return true;
  }

  private takeOfAny(order: number): { pfn: number; type: number } | undefined {
    if (order >= this.pageblockOrder) return undefined;
    for (let type = 0; type < this.own.length; type++) {
      const pfn = this.own[type]!.take(order);
      if (pfn !== undefined) return { pfn, type };
    }
    return undefined;
  }

  /** What boot keeps, once. */
  private takeSpare(order: number, type: number): { pfn: number; type: number } | undefined {
    const { spare, pageblockOrder } = this;
    if (spare.length === 0) return undefined;
    this.spare = [];
    this.hasGivenSpare = true;
    for (const block of spare) {
      const named = this.typed.find(([range]) => range.start <= block.pfn && block.pfn < range.end);
      const regions = block.order >= pageblockOrder ? this.shared : named && this.own[named[1]]!;
      if (regions === undefined) this.smallAt(block.pfn).push(block);
      else (this.hasNaturalBuddy(block) ? regions.partly : regions.whole)[block.order]!.push(block.pfn);
    }
    return this.takeOf(order, type) ?? this.takeOfAny(order);
  }

  private hasNaturalBuddy({ pfn, order }: Block): boolean {
    const isUpper = Math.floor(pfn / 2 ** order) % 2 === 1;
    return this.natural.has(keyOf({ pfn: isUpper ? pfn - 2 ** order : pfn + 2 ** order, order }));
  }

  private nameTerritory(range: PfnRange, type: number): void {
    this.typed.push([range, type]);
  }

  /** Pageblocks that were given to a type. */
  forEachTerritory(visit: (range: PfnRange, type: number) => void): void {
    for (const [range, type] of this.typed) visit(range, type);
  }

  /** What is not free, in the regions that it is left in. */
  forEachLeft(visit: (block: Block) => void): void {
    for (const regions of [this.shared, ...this.own])
      for (const stacks of [regions.whole, regions.partly])
        stacks.forEach((pfns, order) => {
          for (const pfn of pfns) visit({ pfn, order });
        });
    for (const blocks of this.small.values()) for (const block of blocks) visit(block);
  }
}
