/**
 * The future: what is due, earliest first, and in order of arrival among things due at the same time. A heap
 * alone promises nothing about equals, and without that order two runs of one seed could differ.
 */
import TinyQueue from 'tinyqueue';

interface Due<T> {
  readonly timeNs: number;
  readonly sequence: number;
  readonly item: T;
}

/** Things by the time, in nanoseconds, that they are due. */
export class EventQueue<T> {
  private readonly heap = new TinyQueue<Due<T>>([], before);
  private sequence = 0;

  get length(): number {
    return this.heap.length;
  }

  push(timeNs: number, item: T): void {
    this.heap.push({ timeNs, sequence: this.sequence++, item });
  }

  pop(): Due<T> | undefined {
    return this.heap.pop();
  }
}

function before(a: Due<unknown>, b: Due<unknown>): number {
  return a.timeNs - b.timeNs || a.sequence - b.sequence;
}
