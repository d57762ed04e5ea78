/**
 * A set of many ways with true LRU, for many look-ups in a row: what `touchSet` (lru-sets.ts) comes to, without moving
 * the whole set at every miss. The keys lie in a window of a longer array, most recent first; a miss writes one key
 * before them and moves the window down, so that the last one is gone. How many of its keys have the same low bits is
 * counted, which tells most misses without a look at them.
 */
const LENGTH = 1024;
/** The most ways that a set may have. */
export const MOST_RECENT_KEYS = 255;
const LOW_BITS = 0x3ff;

export class RecentKeys {
  private readonly keys = new Float64Array(LENGTH);
  private readonly withLowBits = new Uint8Array(LOW_BITS + 1);
  private ways = 0;
  private head = 0;

  /** Takes over a set, of at most MOST_RECENT_KEYS ways: its first cell holds the most recent key, empty cells hold 0. */
  load(cells: Float64Array, first: number, ways: number): void {
    this.ways = ways;
    this.head = LENGTH - ways;
    for (let way = 0; way < ways; way++) {
      const key = cells[first + way]!;
      this.keys[this.head + way] = key;
      this.withLowBits[key & LOW_BITS]!++;
    }
  }

  /** Gives the set back, and is empty. */
  store(cells: Float64Array, first: number): void {
    for (let way = 0; way < this.ways; way++) {
      const key = this.keys[this.head + way]!;
      cells[first + way] = key;
      this.withLowBits[key & LOW_BITS] = 0;
    }
  }

  /** Whether the key was there; it is the most recent one from here on. */
  touch(key: number): boolean {
    if (this.withLowBits[key & LOW_BITS] === 0 || !this.renew(key)) {
      this.push(key);
      return false;
    }
    return true;
  }

  /** Moves a key to the front, if it is there. */
  private renew(key: number): boolean {
    const { keys, head, ways } = this;
    let at = head;
    while (at < head + ways && keys[at] !== key) at++;
    if (at === head + ways) return false;
    for (; at > head; at--) keys[at] = keys[at - 1]!;
    keys[head] = key;
    return true;
  }

  private push(key: number): void {
    const { keys, withLowBits, ways } = this;
    withLowBits[keys[this.head + ways - 1]! & LOW_BITS]!--;
    withLowBits[key & LOW_BITS]!++;
    if (this.head === 0) {
      this.head = LENGTH - ways + 1;
      keys.copyWithin(this.head, 0, ways - 1);
    }
    keys[--this.head] = key;
  }
}
