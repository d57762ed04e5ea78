/**
 * Free ranges of a window of page numbers, ascending and merged: the holes of the vmalloc window, of the page
 * cache's slots. Immutable; `edit()` copies once per fold, as a table does.
 *
 * Kept as two parallel arrays. A first fit scans the holes, of which there are few (neighbours merge), and an
 * insertion moves what lies above: at some thousands of holes both are a memory-speed loop.
 */
export class RangeSet {
  /** @internal */
  readonly starts: readonly number[];
  /** @internal First number behind the range. */
  readonly ends: readonly number[];

  private constructor(starts: readonly number[], ends: readonly number[]) {
    this.starts = starts;
    this.ends = ends;
  }

  /** One free range [start, end). */
  static of(start: number, end: number): RangeSet {
    return new RangeSet([start], [end]);
  }

  static empty(): RangeSet {
    return new RangeSet([], []);
  }

  /** @internal */
  static fromArrays(starts: readonly number[], ends: readonly number[]): RangeSet {
    return new RangeSet(starts, ends);
  }

  get count(): number {
    return this.starts.length;
  }

  /** Pages in the largest hole. */
  largest(): number {
    return this.starts.reduce((best, start, i) => Math.max(best, this.ends[i]! - start), 0);
  }

  total(): number {
    return this.starts.reduce((sum, start, i) => sum + this.ends[i]! - start, 0);
  }

  edit(): RangeSetEdit {
    return new RangeSetEdit(this);
  }
}

/** Ranges open for change. After `seal()` they are open on what they were sealed to. */
export class RangeSetEdit {
  private base: RangeSet;
  private starts: number[];
  private ends: number[];
  private changed = false;

  get isChanged(): boolean {
    return this.changed;
  }

  constructor(base: RangeSet) {
    this.base = base;
    this.starts = base.starts as number[];
    this.ends = base.ends as number[];
  }

  /**
   * Takes `size` pages from the lowest hole where they fit, aligned; undefined when there is none. Holes of less
   * than `roomy` pages are passed over.
   */
  takeLowest(size: number, align = 1, roomy = size): number | undefined {
    for (let i = 0; i < this.starts.length; i++) {
      if (this.ends[i]! - this.starts[i]! < roomy) continue;
      const start = Math.ceil(this.starts[i]! / align) * align;
      if (start + size > this.ends[i]!) continue;
      this.carve(i, start, start + size);
      return start;
    }
    return undefined;
  }

  /** The same from the highest hole, of what lies in [floor, ceiling); `align` is a power of two. */
  takeHighest(size: number, align: number, floor: number, ceiling: number): number | undefined {
    for (let i = this.firstAbove(ceiling - 1) - 1; i >= 0 && this.ends[i]! > floor; i--) {
      const top = Math.min(this.ends[i]!, ceiling) - size;
      const start = Math.floor(top / align) * align;
      if (start < Math.max(this.starts[i]!, floor)) continue;
      this.carve(i, start, start + size);
      return start;
    }
    return undefined;
  }

  /** Gives [start, end) back; it must not be free already. */
  release(start: number, end: number): void {
    this.own();
    const i = this.firstAbove(start);
    const joinsLower = i > 0 && this.ends[i - 1] === start;
    const joinsUpper = i < this.starts.length && this.starts[i] === end;
    if (joinsLower && joinsUpper) {
      this.ends[i - 1] = this.ends[i]!;
      this.starts.splice(i, 1);
      this.ends.splice(i, 1);
    } else if (joinsLower) this.ends[i - 1] = end;
    else if (joinsUpper) this.starts[i] = start;
    else {
      this.starts.splice(i, 0, start);
      this.ends.splice(i, 0, end);
    }
  }

  get count(): number {
    return this.starts.length;
  }

  /** Calls `visit` with every range, ascending. */
  forEach(visit: (start: number, end: number) => void): void {
    for (let i = 0; i < this.starts.length; i++) visit(this.starts[i]!, this.ends[i]!);
  }

  /** Takes over all ranges of `other`, which is empty afterwards. The two must not overlap. */
  absorb(other: RangeSetEdit): void {
    this.own();
    const starts = [...this.starts, ...other.starts].sort((a, b) => a - b);
    const ends = [...this.ends, ...other.ends].sort((a, b) => a - b);
    // Sorted apart they still belong together: no two ranges overlap. Those that touch become one.
    this.starts = starts.filter((start, i) => i === 0 || start !== ends[i - 1]);
    this.ends = ends.filter((end, i) => end !== starts[i + 1]);
    other.clear();
  }

  clear(): void {
    this.starts = [];
    this.ends = [];
    this.changed = true;
  }

  /** Pages in the largest hole. */
  largest(): number {
    return RangeSet.fromArrays(this.starts, this.ends).largest();
  }

  total(): number {
    return RangeSet.fromArrays(this.starts, this.ends).total();
  }

  seal(): RangeSet {
    if (!this.changed) return this.base;
    this.changed = false;
    this.base = RangeSet.fromArrays(this.starts, this.ends);
    return this.base;
  }

  /** Removes [start, end) from hole `i`, which contains it. */
  private carve(i: number, start: number, end: number): void {
    this.own();
    const holeStart = this.starts[i]!;
    const holeEnd = this.ends[i]!;
    if (start === holeStart && end === holeEnd) {
      this.starts.splice(i, 1);
      this.ends.splice(i, 1);
    } else if (start === holeStart) this.starts[i] = end;
    else if (end === holeEnd) this.ends[i] = start;
    else {
      this.ends[i] = start;
      this.starts.splice(i + 1, 0, end);
      this.ends.splice(i + 1, 0, holeEnd);
    }
  }

  /** Index of the first hole that starts above `page`. */
  private firstAbove(page: number): number {
    let low = 0;
    let high = this.starts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.starts[middle]! > page) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  private own(): void {
    if (this.changed) return;
    this.starts = this.starts.slice();
    this.ends = this.ends.slice();
    this.changed = true;
  }
}
