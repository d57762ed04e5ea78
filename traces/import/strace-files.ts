/**
 * Which file a mapping is of. strace shows a descriptor, and with -y the path. Without a path a file is known by the
 * length of the mapping from its beginning, as dynamic linkers map libraries whole before they put the segments over
 * it: libc is then one file for all processes. An event maps a file from its beginning, so that each
 * segment, a part of a file from some offset on, is a file of its own.
 */
import { EVENT_KINDS } from '../../core/event/kinds.ts';
import { MAP_POPULATE, MAP_SHARED, PROT_MASK } from '../../core/event/mmap-flags.ts';
import type { Argument } from '../strace/arguments.ts';
import { numberArgument, numberIn } from '../strace/call.ts';
import * as linux from '../strace/flags.ts';
import { type FilePart, MAX_NAMED_FILES } from '../vmt/file-names.ts';
import type { Mapping } from './address-space.ts';
import type { EventStream } from './event-stream.ts';

const FILE = EVENT_KINDS.file.code;
const READ = EVENT_KINDS.file_read.code;
const RULE = 'file, when a part of it is first mapped';
const CACHED = 'file that was read before the program ran: it is in the page cache';

interface Segment {
  /** `3`, or `3</usr/lib/libc.so.6>`. */
  readonly fd: string;
  readonly offset: number;
  readonly length: number;
}

export class MappedFiles {
  private readonly events: EventStream;
  private readonly areCached: boolean;
  private readonly numbers = new Map<string, number>();
  /** By number, from 1 on: as many as may be named. */
  readonly parts: FilePart[] = [];

  constructor(events: EventStream, areCached: boolean) {
    this.events = events;
    this.areCached = areCached;
  }

  /** @param around the file that is mapped around the segment, if any */
  private nameOf({ fd, length }: Segment, around: string | undefined): string {
    const open = fd.indexOf('<');
    const path = open < 0 ? undefined : fd.slice(open + 1, Math.max(open + 1, fd.lastIndexOf('>')));
    return path ?? around ?? `${length} bytes`;
  }

  /** What a mmap maps. @param around the file that is mapped around it, if any */
  mappingOf(args: readonly Argument[], around: string | undefined): Mapping {
    const [, , prot, flagWords, fd, offset] = args;
    const flags = linux.flagsOf(flagWords, linux.MAPPING_FLAGS);
    const isAnonymous = (flags & linux.LINUX_MAP_ANONYMOUS) !== 0;
    const length = numberArgument(args, 1);
    const segment = { fd: fd?.text ?? '', offset: numberIn(offset?.text) ?? 0, length };
    const file = isAnonymous ? undefined : this.nameOf(segment, around);
    return {
      flags: mapFlags(linux.flagsOf(prot, linux.PROTECTIONS), flags),
      file,
      fileNumber: file === undefined ? 0 : this.numberOf(file, segment.offset, length),
    };
  }

  /** The number of a segment; says that it exists when it is new. */
  numberOf(name: string, offset: number, length: number): number {
    const key = `${name} ${offset} ${length}`;
    const known = this.numbers.get(key);
    if (known !== undefined) return known;
    const number = this.numbers.size + 1;
    this.numbers.set(key, number);
    if (number <= MAX_NAMED_FILES) this.parts.push({ name, offset });
    this.events.imply(RULE, FILE, number, length);
    if (this.areCached) this.events.imply(CACHED, READ, number, 0, length);
    return number;
  }
}

/** Linux's numbers as those of an event. */
function mapFlags(protection: number, flags: number): number {
  const type = flags & linux.MAP_TYPE_MASK;
  const isShared = type === linux.LINUX_MAP_SHARED || type === linux.LINUX_MAP_SHARED_VALIDATE;
  const isPopulated = (flags & linux.LINUX_MAP_POPULATE) !== 0;
  return (protection & PROT_MASK) | (isShared ? MAP_SHARED : 0) | (isPopulated ? MAP_POPULATE : 0);
}
