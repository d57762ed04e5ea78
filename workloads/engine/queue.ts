/**
 * The future: what is due, earliest first, and in order of arrival among things due at the same time. A heap
 * alone promises nothing about equals, and without that order two runs of one seed could differ.
 *
 * A wheel of wheels, as the kernel's timers lie in (kernel/time/timer.c), but exact: times are read as digits to the
 * base of 256, and a thing lies in the level of the highest digit in which its time differs from now, in the slot of
 * that digit:
 *
 *     now 0x12_34_56    0x12_34_99 in level 0, slot 0x99    0x12_40_00 in level 1, slot 0x40    0x13_00_00 in level 2
 *
 * All of a lower level are due before all of a higher one, those of a slot before those of the next. A slot of level 0
 * is one point in time; one of a higher level is spread over the levels below when it is the earliest, in the order in
 * which things came. Things of one time always share a slot, so equals stay in order without being compared. This is a
 * radix heap (Ahuja, Mehlhorn, Orlin and Tarjan, "Faster algorithms for the shortest path problem", JACM 37(2), 1990),
 * which may be, because nothing is ever pushed into the past.
 */
import { assert } from '../../core/base/errors.ts';

const DIGIT_BITS = 8;
const SLOTS = 1 << DIGIT_BITS;
/** As many digits as a safe integer has. */
const LEVELS = 7;
/** log2 of the slots in a word of `occupied`. */
const WORD_BITS = 5;
const TWO_POW_MINUS_32 = 2 ** -32;
/** No node: they are numbered from 1. */
const NONE = 0;
const FIRST_ROOM = 64;

/** Things by the time, in nanoseconds, that they are due. */
export class EventQueue<T> {
  /** By slot, those of level 0 first: the first and the last node of its list. */
  private readonly heads = new Int32Array(LEVELS * SLOTS);
  private readonly tails = new Int32Array(LEVELS * SLOTS);
  /** A bit for each slot that has things. */
  private readonly occupied = new Int32Array((LEVELS * SLOTS) >>> WORD_BITS);
  /** By node: a thing, when it is due, and the next in its slot, or of the nodes that are free. */
  private readonly items: (T | undefined)[] = [undefined];
  private times = new Float64Array(FIRST_ROOM);
  private next = new Int32Array(FIRST_ROOM);
  private firstFree = NONE;
  private count = 0;
  private now = 0;
  /** The lower and the upper 32 bits of now. */
  private nowLow = 0;
  private nowHigh = 0;

  /** When what was popped last was due. */
  get nowNs(): number {
    return this.now;
  }

  get length(): number {
    return this.count;
  }

  /** @param timeNs a whole number, and not before now */
  push(timeNs: number, item: T): void {
    assert(
      Number.isInteger(timeNs) && timeNs >= this.now,
      'nothing is due in the past, or between two nanoseconds',
    );
    const node = this.newNode();
    this.items[node] = item;
    this.times[node] = timeNs;
    this.append(this.slotOf(timeNs), node);
    this.count++;
  }

  pop(): T | undefined {
    if (this.count === 0) return undefined;
    let slot = this.earliestSlot();
    if (slot >= SLOTS) {
      this.spread(slot);
      slot = this.earliestSlot();
    }
    const node = this.heads[slot]!;
    this.goTo(this.times[node]!);
    this.dropFirst(slot);
    this.count--;
    const item = this.items[node];
    this.free(node);
    return item;
  }

  /** Where a time lies, as seen from now. */
  private slotOf(timeNs: number): number {
    const low = timeNs >>> 0;
    const high = (timeNs * TWO_POW_MINUS_32) >>> 0;
    const differsHigh = high ^ this.nowHigh;
    if (differsHigh !== 0) return slotIn(4, high, differsHigh);
    return slotIn(0, low, low ^ this.nowLow);
  }

  private append(slot: number, node: number): void {
    const { heads, tails, next } = this;
    const last = tails[slot]!;
    next[node] = NONE;
    tails[slot] = node;
    if (last !== NONE) next[last] = node;
    else {
      heads[slot] = node;
      this.occupied[slot >>> WORD_BITS]! |= 1 << slot;
    }
  }

  /** Of a queue that is not empty. */
  private earliestSlot(): number {
    const { occupied } = this;
    let word = (this.nowLow & (SLOTS - 1)) >>> WORD_BITS;
    while (occupied[word] === 0) word++;
    const bits = occupied[word]!;
    return (word << WORD_BITS) + 31 - Math.clz32(bits & -bits);
  }

  /** Time goes on to the first thing of a slot, as seen from which all of it lie in lower levels. */
  private spread(slot: number): void {
    const { next, times } = this;
    const first = this.heads[slot]!;
    this.empty(slot);
    let earliestNs = times[first]!;
    for (let node = next[first]!; node !== NONE; node = next[node]!)
      if (times[node]! < earliestNs) earliestNs = times[node]!;
    this.goTo(earliestNs);
    for (let node = first, after = 0; node !== NONE; node = after) {
      after = next[node]!;
      this.append(this.slotOf(times[node]!), node);
    }
  }

  private goTo(timeNs: number): void {
    this.now = timeNs;
    this.nowLow = timeNs >>> 0;
    this.nowHigh = (timeNs * TWO_POW_MINUS_32) >>> 0;
  }

  private dropFirst(slot: number): void {
    const after = this.next[this.heads[slot]!]!;
    if (after === NONE) this.empty(slot);
    else this.heads[slot] = after;
  }

  private empty(slot: number): void {
    this.heads[slot] = NONE;
    this.tails[slot] = NONE;
    this.occupied[slot >>> WORD_BITS]! &= ~(1 << slot);
  }

  private newNode(): number {
    const node = this.firstFree;
    if (node !== NONE) {
      this.firstFree = this.next[node]!;
      return node;
    }
    if (this.items.length === this.times.length) this.grow();
    return this.items.push(undefined) - 1;
  }

  private free(node: number): void {
    this.items[node] = undefined;
    this.next[node] = this.firstFree;
    this.firstFree = node;
  }

  private grow(): void {
    const { times, next } = this;
    this.times = new Float64Array(2 * times.length);
    this.times.set(times);
    this.next = new Int32Array(2 * next.length);
    this.next.set(next);
  }
}

/** The slot of a number of four digits, of which the lowest is of `level`, by the bits in which it differs from now. */
function slotIn(level: number, digits: number, differs: number): number {
  const digit = (31 - Math.clz32(differs | 1)) >>> 3;
  return ((level + digit) << DIGIT_BITS) + ((digits >>> (digit * DIGIT_BITS)) & (SLOTS - 1));
}
