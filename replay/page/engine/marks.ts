/** Numbers of events that are marked, ascending: failures, differences. Looked up by halves, eight bytes each. */

const FIRST_ROOM = 1024;

export class Marks {
  private numbers = new Float64Array(FIRST_ROOM);
  private length = 0;

  get count(): number {
    return this.length;
  }

  /** Not less than the last one; the same again changes nothing. */
  add(event: number): void {
    if (this.length > 0 && this.numbers[this.length - 1] === event) return;
    if (this.length === this.numbers.length) {
      const wider = new Float64Array(2 * this.length);
      wider.set(this.numbers);
      this.numbers = wider;
    }
    this.numbers[this.length++] = event;
  }

  has(event: number): boolean {
    return this.numbers[this.countBefore(event)] === event && this.countBefore(event) < this.length;
  }

  /** How many marks lie before an event. */
  countBefore(event: number): number {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.numbers[middle]! < event) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The first mark after an event, or the last one before it. */
  next(event: number, direction: 1 | -1): number | undefined {
    const at = direction === 1 ? this.countBefore(event + 1) : this.countBefore(event) - 1;
    return at >= 0 && at < this.length ? this.numbers[at] : undefined;
  }
}
