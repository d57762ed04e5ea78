/**
 * When each page was touched last: an open hash table of numbers, for tens of millions of references over millions of
 * pages. A Map of as many doubles would take four times the memory.
 */

/** No page has this number. */
const EMPTY = -1;
const FIRST_BITS = 12;

export class PageTimes {
  private bits = FIRST_BITS;
  private keys = new Float64Array(2 ** FIRST_BITS).fill(EMPTY);
  private times = new Uint32Array(2 ** FIRST_BITS);
  private count = 0;

  get size(): number {
    return this.count;
  }

  /** The time of a page; undefined when there is none. */
  get(page: number): number | undefined {
    const at = this.placeOf(page);
    return this.keys[at] === EMPTY ? undefined : this.times[at]!;
  }

  set(page: number, time: number): void {
    let at = this.placeOf(page);
    if (this.keys[at] === EMPTY) {
      if (2 * this.count >= this.keys.length) {
        this.rebuild(this.bits + 1, () => true);
        at = this.placeOf(page);
      }
      this.keys[at] = page;
      this.count++;
    }
    this.times[at] = time;
  }

  /** All pages with their times, in no order. */
  *entries(): Generator<readonly [page: number, time: number]> {
    for (let at = 0; at < this.keys.length; at++)
      if (this.keys[at] !== EMPTY) yield [this.keys[at]!, this.times[at]!];
  }

  /** Leaves those that fit. */
  keep(fits: (page: number) => boolean): void {
    this.rebuild(this.bits, fits);
  }

  private rebuild(bits: number, fits: (page: number) => boolean): void {
    const { keys, times } = this;
    this.bits = bits;
    this.keys = new Float64Array(2 ** bits).fill(EMPTY);
    this.times = new Uint32Array(2 ** bits);
    this.count = 0;
    for (let from = 0; from < keys.length; from++) {
      if (keys[from] === EMPTY || !fits(keys[from]!)) continue;
      const at = this.placeOf(keys[from]!);
      this.keys[at] = keys[from]!;
      this.times[at] = times[from]!;
      this.count++;
    }
  }

  private placeOf(page: number): number {
    const { keys } = this;
    const mask = keys.length - 1;
    let at = hashOf(page) & mask;
    while (keys[at] !== page && keys[at] !== EMPTY) at = (at + 1) & mask;
    return at;
  }
}

/** 32 bits that depend on all of the number (finalizer of MurmurHash3). */
export function hashOf(page: number): number {
  let hash = (page ^ Math.imul(Math.floor(page / 2 ** 32), 0x9e37_79b1)) | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
