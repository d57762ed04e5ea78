/**
 * References of a process to addresses, as accesses of objects: the address space is cut into windows (windows.ts), and
 * a reference across the end of one is cut in two. What all importers of addresses have in common.
 */
import { CONTINUED } from '../../core/event/access-mode.ts';
import { EVENT_KINDS } from '../../core/event/kinds.ts';
import { AddressWindows, type EventSink, type ObjectNumbers, WINDOW_BYTES, windowOffset } from './windows.ts';

const ACCESS = EVENT_KINDS.access.code;

/** Room that one reference needs in a batch: two windows to map and two parts of an access. */
export const EVENTS_PER_REFERENCE = 4;

export class References {
  /** Number of references by operation. */
  readonly counts = new Float64Array(4);
  private readonly sink: EventSink;
  private readonly windows: AddressWindows;

  constructor(sink: EventSink, numbers?: ObjectNumbers) {
    this.sink = sink;
    this.windows = new AddressWindows(numbers);
  }

  get total(): number {
    return this.counts.reduce((sum, count) => sum + count, 0);
  }

  /** The address space is empty again. */
  clear(): void {
    this.windows.clear();
  }

  /**
   * @param operation of core/event/access-mode.ts
   * @param high upper 32 bits of the address
   * @param low lower 32 bits
   * @param size bytes, at most a window
   */
  touch(operation: number, high: number, low: number, size: number): void {
    const { sink, windows } = this;
    this.counts[operation]!++;
    const object = windows.objectAt(high, low, sink);
    const offset = windowOffset(low);
    const inside = WINDOW_BYTES - offset;
    if (size <= inside) {
      sink.push(ACCESS, 0, 0, object, offset, size, operation);
    } else {
      const next = windows.objectBehind(high, low, sink);
      sink.push(ACCESS, 0, 0, object, offset, inside, operation);
      sink.push(ACCESS, 0, 0, next, 0, size - inside, operation | CONTINUED);
    }
  }
}
