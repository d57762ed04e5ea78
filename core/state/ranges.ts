/**
 * Free ranges of a window of page numbers, ascending and merged: the holes of the vmalloc window, of the page
 * cache's slots, of I/O address spaces. Immutable; an edit copies the path to what it changes.
 *
 * Kept as a sorted tree in which each node knows the largest range below it, as the kernel keeps the free areas of its
 * vmalloc window (find_vmap_lowest_match of mm/vmalloc.c, v6.1): the lowest place that fits is found without a look at
 * those that are too small.
 */
import { type Node, type Order, SortedTree, type SortedTreeEdit, UNKNOWN } from './sorted-tree.ts';

/** Pages [start, end). */
export interface FreeRange {
  readonly start: number;
  readonly end: number;
}

class ByPage implements Order<FreeRange> {
  isBefore(range: FreeRange, page: number): boolean {
    return range.end <= page;
  }
}

const EMPTY = SortedTree.empty(new ByPage());

/** What is read of ranges, sealed or open. */
abstract class Ranges {
  protected abstract get tree(): SortedTree<FreeRange>;

  /** Ranges. */
  get count(): number {
    return this.tree.count;
  }

  /** Pages in the largest range. */
  largest(): number {
    return largestBelow(this.tree.root);
  }

  /** Pages in all of them. */
  total(): number {
    return this.toArray().reduce((total, range) => total + pagesOf(range), 0);
  }

  /** Whether a page lies in one. */
  has(page: number): boolean {
    const range = this.tree.at(page);
    return range !== undefined && range.start <= page;
  }

  /** Ascending. */
  toArray(): FreeRange[] {
    return this.tree.toArray();
  }
}

export class RangeSet extends Ranges {
  /** @internal */
  readonly tree: SortedTree<FreeRange>;

  /** @internal */
  constructor(tree: SortedTree<FreeRange>) {
    super();
    this.tree = tree;
  }

  /** One free range [start, end). */
  static of(start: number, end: number): RangeSet {
    return RangeSet.from([[start, end]]);
  }

  static empty(): RangeSet {
    return new RangeSet(EMPTY);
  }

  /** Free ranges [start, end), none of which overlap. */
  static from(ranges: Iterable<readonly [start: number, end: number]>): RangeSet {
    const edit = RangeSet.empty().edit();
    for (const [start, end] of ranges) edit.release(start, end);
    return edit.seal();
  }

  edit(): RangeSetEdit {
    return new RangeSetEdit(this);
  }
}

/** Ranges open for change. After `seal()` they are open on what they were sealed to. */
export class RangeSetEdit extends Ranges {
  private base: RangeSet;
  /** From the first change on. */
  private open: SortedTreeEdit<FreeRange> | undefined = undefined;

  constructor(base: RangeSet) {
    super();
    this.base = base;
  }

  protected get tree(): SortedTree<FreeRange> {
    return this.open ?? this.base.tree;
  }

  get isChanged(): boolean {
    return this.open !== undefined;
  }

  /**
   * Takes `size` pages from the lowest range where they fit, aligned; undefined when there is none. Ranges of less
   * than `roomy` pages are passed over.
   */
  takeLowest(size: number, align = 1, roomy = size): number | undefined {
    const least = Math.max(size, roomy);
    const placeIn = ({ start, end }: FreeRange): number | undefined => {
      const place = Math.ceil(start / align) * align;
      return end - start >= least && place + size <= end ? place : undefined;
    };
    return this.take(lowestIn(this.tree.root, least, placeIn), size);
  }

  /** The same from the highest range, of what lies in [floor, ceiling); `align` is a power of two. */
  takeHighest(size: number, align: number, floor: number, ceiling: number): number | undefined {
    const placeIn = ({ start, end }: FreeRange): number | undefined => {
      const place = Math.floor((Math.min(end, ceiling) - size) / align) * align;
      return place >= Math.max(start, floor) ? place : undefined;
    };
    return this.take(highestIn(this.tree.root, size, floor, ceiling, placeIn), size);
  }

  private take(place: number | undefined, size: number): number | undefined {
    if (place !== undefined) this.carve(this.tree.at(place)!, place, place + size);
    return place;
  }

  /** Removes [start, end) from the range that contains it. */
  private carve(range: FreeRange, start: number, end: number): void {
    const tree = this.own();
    const below = { start: range.start, end: start };
    const above = { start: end, end: range.end };
    if (start > range.start) {
      tree.replace(below, range.start);
      if (end < range.end) tree.insert(above, end);
    } else if (end < range.end) tree.replace(above, range.start);
    else tree.remove(range.start);
  }

  /** Gives [start, end) back; it must not be free already. */
  release(start: number, end: number): void {
    const tree = this.own();
    const lower = tree.before(start);
    const upper = tree.at(start);
    const joinsLower = lower?.end === start;
    const joinsUpper = upper?.start === end;
    const merged = { start: joinsLower ? lower.start : start, end: joinsUpper ? upper.end : end };
    if (joinsLower && joinsUpper) tree.remove(upper.start);
    if (joinsLower) tree.replace(merged, lower.start);
    else if (joinsUpper) tree.replace(merged, upper.start);
    else tree.insert(merged, start);
  }

  /** Takes over all ranges of `other`, which is empty afterwards. The two must not overlap. */
  absorb(other: RangeSetEdit): void {
    for (const { start, end } of other.toArray()) this.release(start, end);
    other.clear();
  }

  clear(): void {
    this.open = EMPTY.edit();
  }

  seal(): RangeSet {
    if (this.open !== undefined) this.base = new RangeSet(this.open.seal());
    this.open = undefined;
    return this.base;
  }

  private own(): SortedTreeEdit<FreeRange> {
    this.open ??= this.base.tree.edit();
    return this.open;
  }
}

/** Where within a range something has place, if it has. */
type PlaceIn = (range: FreeRange) => number | undefined;

/** The place in the lowest range below a node that has one; none has with less than `least` pages. */
function lowestIn({ entries, height }: Node<FreeRange>, least: number, placeIn: PlaceIn): number | undefined {
  for (let i = 0; i < entries.length; i++) {
    const child = entries[i] as Node<FreeRange>;
    let place: number | undefined;
    if (height === 0) place = placeIn(entries[i] as FreeRange);
    else if (largestBelow(child) >= least) place = lowestIn(child, least, placeIn);
    if (place !== undefined) return place;
  }
  return undefined;
}

/** The same in the highest range, of those that [floor, ceiling) touches. */
function highestIn(
  { entries, height }: Node<FreeRange>,
  least: number,
  floor: number,
  ceiling: number,
  placeIn: PlaceIn,
): number | undefined {
  for (let i = entries.length - 1; i >= 0; i--) {
    const [first, last] = endsOf(entries[i]!, height);
    if (last.end <= floor) return undefined;
    if (first.start >= ceiling) continue;
    const child = entries[i] as Node<FreeRange>;
    let place: number | undefined;
    if (height === 0) place = placeIn(last);
    else if (largestBelow(child) >= least) place = highestIn(child, least, floor, ceiling, placeIn);
    if (place !== undefined) return place;
  }
  return undefined;
}

/** The first and the last range below an entry. */
function endsOf(entry: FreeRange | Node<FreeRange>, height: number): readonly [FreeRange, FreeRange] {
  if (height === 0) return [entry as FreeRange, entry as FreeRange];
  const { first, last } = entry as Node<FreeRange>;
  return [first, last];
}

/** Pages in the largest range below a node. */
function largestBelow(node: Node<FreeRange>): number {
  if (node.gap !== UNKNOWN) return node.gap;
  let largest = 0;
  for (const entry of node.entries)
    largest = Math.max(
      largest,
      node.height === 0 ? pagesOf(entry as FreeRange) : largestBelow(entry as Node<FreeRange>),
    );
  node.gap = largest;
  return largest;
}

function pagesOf({ start, end }: FreeRange): number {
  return end - start;
}
