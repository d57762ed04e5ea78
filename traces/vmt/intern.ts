/**
 * Gives each distinct pair of 32-bit numbers a small id, in order of appearance: an open-addressed hash table
 * whose keys lie in id order, so that interning a column also yields its dictionary.
 *
 * Numbers are signed here, because `x | 0` keeps the loops in integer arithmetic; `unsigned` gives them back.
 */
export class PairTable {
  /** The first and second number of each pair, by id. */
  readonly first: Int32Array;
  readonly second: Int32Array;
  size = 0;

  /** Id + 1 by hash; 0 is empty. */
  private readonly slots: Int32Array;
  /** Where each id sits in `slots`, so that clearing costs what was used and no more. */
  private readonly slotOf: Uint32Array;
  private readonly hashShift: number;

  /** Room for `capacity` pairs, half filled at most. */
  constructor(capacity: number) {
    const hashBits = Math.ceil(Math.log2(2 * capacity));
    this.first = new Int32Array(capacity);
    this.second = new Int32Array(capacity);
    this.slots = new Int32Array(2 ** hashBits);
    this.slotOf = new Uint32Array(capacity);
    this.hashShift = 32 - hashBits;
  }

  clear(): void {
    for (let id = 0; id < this.size; id++) this.slots[this.slotOf[id]!] = 0;
    this.size = 0;
  }

  /** The pair's id; the caller never asks for more pairs than the capacity. */
  intern(first: number, second: number): number {
    const { slots } = this;
    const lastSlot = slots.length - 1;
    let slot = hash(first, second) >>> this.hashShift;
    for (let entry = slots[slot]!; entry !== 0; entry = slots[slot]!) {
      if (this.first[entry - 1] === first && this.second[entry - 1] === second) return entry - 1;
      slot = (slot + 1) & lastSlot;
    }
    return this.insert(slot, first, second);
  }

  private insert(slot: number, first: number, second: number): number {
    const id = this.size++;
    this.first[id] = first;
    this.second[id] = second;
    this.slotOf[id] = slot;
    this.slots[slot] = id + 1;
    return id;
  }
}

/** The numbers of a table as unsigned, without a copy. */
export function unsigned(numbers: Int32Array): Uint32Array {
  return new Uint32Array(numbers.buffer, numbers.byteOffset, numbers.length);
}

/**
 * Multiplicative hashing, of which the high bits are good (Knuth, TAOCP vol. 3, 6.4), with two odd constants:
 * 2^32 divided by the golden ratio, and one of MurmurHash3's.
 */
function hash(first: number, second: number): number {
  return Math.imul(first ^ Math.imul(second, 0x9e37_79b1), 0x85eb_ca6b);
}
