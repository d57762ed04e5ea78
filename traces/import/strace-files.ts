/**
 * Which file a mapping is of. strace shows a descriptor, and with -y the path. Without a path a file is known by the
 * length of the mapping from its beginning, as dynamic linkers map libraries whole before they put the segments over
 * it: libc is then one file for all processes. An event maps a file from its beginning, so that each
 * segment, a part of a file from some offset on, is a file of its own.
 */
import { EVENT_KINDS } from '../../core/event/kinds.ts';
import type { EventStream } from './event-stream.ts';

const FILE = EVENT_KINDS.file.code;
const RULE = 'file, when a part of it is first mapped';

export interface Segment {
  /** `3`, or `3</usr/lib/libc.so.6>`. */
  readonly fd: string;
  readonly offset: number;
  readonly length: number;
}

export class MappedFiles {
  private readonly events: EventStream;
  private readonly numbers = new Map<string, number>();

  constructor(events: EventStream) {
    this.events = events;
  }

  /** @param around the file that is mapped around the segment, if any */
  nameOf({ fd, length }: Segment, around: string | undefined): string {
    const open = fd.indexOf('<');
    const path = open < 0 ? undefined : fd.slice(open + 1, Math.max(open + 1, fd.lastIndexOf('>')));
    return path ?? around ?? `${length} bytes`;
  }

  /** The number of a segment; says that it exists when it is new. */
  numberOf(name: string, { offset, length }: Segment): number {
    const key = `${name} ${offset} ${length}`;
    const known = this.numbers.get(key);
    if (known !== undefined) return known;
    const number = this.numbers.size + 1;
    this.numbers.set(key, number);
    this.events.imply(RULE, FILE, number, length);
    return number;
  }
}
