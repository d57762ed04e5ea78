/**
 * Turns the addresses of a trace without mappings into objects: aligned windows of the address space, each
 * mapped when it is first touched.
 *
 * An address comes as its two 32-bit halves, since 64 bits do not fit in a number; the number of a window does.
 */
import type { BatchBuilder } from '../../core/event/batch.ts';
import { EVENT_KINDS } from '../../core/event/kinds.ts';
import { PROT_EXEC, PROT_READ, PROT_WRITE } from '../../core/event/mmap-flags.ts';

const WINDOW_SHIFT = 22;
export const WINDOW_BYTES = 1 << WINDOW_SHIFT;
/** Windows in 2^32 bytes. */
const WINDOWS_PER_HIGH_HALF = 2 ** (32 - WINDOW_SHIFT);
const PROTECTION = PROT_READ | PROT_WRITE | PROT_EXEC;
const NO_FILE = 0;
/** What takes the mmap of a new window: a batch, or what makes batches. */
export type EventSink = Pick<BatchBuilder, 'push'>;

/** Numbers of objects, which the address spaces of several processes share. */
export interface ObjectNumbers {
  last: number;
}

/** Recently used windows, by the low bits of their number: enough for the working set of most programs. */
const CACHE_SLOTS = 64;

export class AddressWindows {
  private readonly objects = new Map<number, number>();
  private readonly cachedHigh = new Int32Array(CACHE_SLOTS);
  private readonly cachedWindow = new Int32Array(CACHE_SLOTS).fill(-1);
  private readonly cachedObject = new Uint32Array(CACHE_SLOTS);
  private readonly numbers: ObjectNumbers;

  constructor(numbers: ObjectNumbers = { last: 0 }) {
    this.numbers = numbers;
  }

  /** The address space is empty again; objects get new numbers. */
  clear(): void {
    this.objects.clear();
    this.cachedWindow.fill(-1);
  }

  /** The object at an address. When it is new, its mmap goes to the builder. */
  objectAt(high: number, low: number, builder: EventSink): number {
    const windowInHalf = low >>> WINDOW_SHIFT;
    const slot = windowInHalf % CACHE_SLOTS;
    if (this.cachedHigh[slot] !== high || this.cachedWindow[slot] !== windowInHalf) {
      this.cachedHigh[slot] = high;
      this.cachedWindow[slot] = windowInHalf;
      this.cachedObject[slot] = this.objectOf(windowNumber(high, low), builder);
    }
    return this.cachedObject[slot]!;
  }

  /** The object right behind the one at an address. */
  objectBehind(high: number, low: number, builder: EventSink): number {
    return this.objectOf(windowNumber(high, low) + 1, builder);
  }

  private objectOf(window: number, builder: EventSink): number {
    return this.objects.get(window) ?? this.map(window, builder);
  }

  private map(window: number, builder: EventSink): number {
    const object = ++this.numbers.last;
    this.objects.set(window, object);
    builder.push(EVENT_KINDS.mmap.code, 0, 0, object, WINDOW_BYTES, PROTECTION, NO_FILE);
    return object;
  }
}

/** Below 2^42, which a number holds exactly. */
function windowNumber(high: number, low: number): number {
  return (high >>> 0) * WINDOWS_PER_HIGH_HALF + (low >>> WINDOW_SHIFT);
}

/** Offset of an address in its window. */
export function windowOffset(low: number): number {
  return low & (WINDOW_BYTES - 1);
}
