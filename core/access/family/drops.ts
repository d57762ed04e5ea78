/**
 * What a cpu was told to forget, kept until somebody looks: a set of a bank catches up when it is next touched, so that a
 * flush costs nothing for the sets that are not.
 */

/** Beyond so many, all sets catch up at once and the list begins anew. */
const MOST_WAITING = 4096;

export class Drops {
  /** Drops since the list began; a set that has seen so many has seen all. */
  count = 0;
  /** Drops ever. */
  total = 0;
  private readonly lows = new Float64Array(MOST_WAITING);
  private readonly highs = new Float64Array(MOST_WAITING);

  get isFull(): boolean {
    return this.count === MOST_WAITING;
  }

  add(low: number, high: number): void {
    this.lows[this.count] = low;
    this.highs[this.count++] = high;
    this.total++;
  }

  /** All sets have seen all of it. */
  begin(): void {
    this.count = 0;
  }

  /** Empties the cells in [first, end) whose keys are dropped since there were `seen`; a cell may be a negative key. */
  apply(cells: Float64Array, first: number, end: number, seen: number): void {
    const { lows, highs, count } = this;
    for (let at = first; at < end; at++) {
      const key = Math.abs(cells[at]!);
      if (key === 0) continue;
      let drop = seen;
      while (drop < count && (key < lows[drop]! || key >= highs[drop]!)) drop++;
      if (drop < count) cells[at] = 0;
    }
  }
}
