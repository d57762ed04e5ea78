/** Figures that are known to lie between two bounds. */

/** `low` <= figure <= `high`. */
export class Range {
  low: number;
  high: number;

  constructor(low: number, high: number) {
    this.low = low;
    this.high = high;
  }

  get isExact(): boolean {
    return this.low === this.high;
  }

  has(value: number): boolean {
    return value >= this.low && value <= this.high;
  }

  set(low: number, high = low): void {
    this.low = low;
    this.high = high;
  }

  /** `figure >>= 1`. */
  halve(): void {
    this.low >>>= 1;
    this.high >>>= 1;
  }

  toString(): string {
    return this.isExact ? String(this.low) : `${this.low} to ${this.high}`;
  }
}

/**
 * A figure that events change and that is read now and then, at some moment between two marks of the trace: what
 * happens between them may or may not be in what was read.
 */
export class ReadFigure {
  readonly value = new Range(Number.NaN, Number.NaN);
  /** Since the first mark: the sum of the changes, and the least and the most that it came to. */
  private sum = 0;
  private least = 0;
  private most = 0;

  get isKnown(): boolean {
    return !Number.isNaN(this.value.low);
  }

  get isExact(): boolean {
    return this.value.isExact;
  }

  add(change: number): void {
    this.value.set(this.value.low + change, this.value.high + change);
    this.sum += change;
    this.least = Math.min(this.least, this.sum);
    this.most = Math.max(this.most, this.sum);
  }

  /** A change that no event tells of, and that was there before the figure was read. */
  correct(change: number): void {
    this.value.set(this.value.low + change, this.value.high + change);
  }

  /** The first mark. */
  beginReading(): void {
    this.sum = 0;
    this.least = 0;
    this.most = 0;
  }

  /** Nobody can tell any more. */
  forget(): void {
    this.value.set(Number.NaN);
  }

  /** At the second mark: what should have been read. Takes over what was. */
  endReading(found: number): Range {
    const expected = new Range(
      this.value.low - this.sum + this.least,
      this.value.high - this.sum + this.most,
    );
    this.value.set(found + this.sum - this.most, found + this.sum - this.least);
    return expected;
  }
}
