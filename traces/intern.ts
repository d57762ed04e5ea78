/**
 * Gives each distinct pair of unsigned 32-bit numbers a small id, in order of appearance: an open-addressed
 * hash table whose keys lie in id order, so that interning a column also yields its dictionary.
 */
export class PairTable {
  /** The first and second number of each pair, by id. */
  readonly first: Uint32Array;
  readonly second: Uint32Array;
  size = 0;

  /** Id + 1 by hash; 0 is empty. */
  private readonly slots: Int32Array;
  /** Where each id sits in `slots`, so that clearing costs what was used and no more. */
  private readonly slotOf: Uint32Array;
  private readonly mask: number;

  constructor(capacity: number) {
    const slotCount = 2 ** Math.ceil(Math.log2(2 * capacity));
    this.first = new Uint32Array(capacity);
    this.second = new Uint32Array(capacity);
    this.slots = new Int32Array(slotCount);
    this.slotOf = new Uint32Array(capacity);
    this.mask = slotCount - 1;
  }

  clear(): void {
    for (let id = 0; id < this.size; id++) this.slots[this.slotOf[id]!] = 0;
    this.size = 0;
  }

  /** The pair's id; the caller never asks for more pairs than the capacity. */
  intern(first: number, second: number): number {
    const { slots, mask } = this;
    let slot = hash(first, second) & mask;
    for (let entry = slots[slot]!; entry !== 0; entry = slots[slot]!) {
      if (this.first[entry - 1] === first && this.second[entry - 1] === second) return entry - 1;
      slot = (slot + 1) & mask;
    }
    const id = this.size++;
    this.first[id] = first;
    this.second[id] = second;
    this.slotOf[id] = slot;
    slots[slot] = id + 1;
    return id;
  }
}

/** Fibonacci hashing of both halves (Knuth, TAOCP vol. 3, 6.4): 2^32 divided by the golden ratio. */
function hash(first: number, second: number): number {
  const mixed = Math.imul(first ^ Math.imul(second, 0x9e37_79b1), 0x9e37_79b1);
  return mixed ^ (mixed >>> 15);
}
