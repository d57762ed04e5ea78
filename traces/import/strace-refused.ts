/**
 * Calls of a strace that failed for want of memory or addresses: asked for again, with a note of that, and what they get
 * given back at once. Simplified: MAP_FIXED or not, a mapping lies where the layout puts it.
 */
import { EVENT_KINDS } from '../../core/event/kinds.ts';
import { MREMAP_MAYMOVE } from '../../core/event/mmap-flags.ts';
import type { Argument } from '../strace/arguments.ts';
import { numberArgument, type SystemCall, unfolded } from '../strace/call.ts';
import * as linux from '../strace/flags.ts';
import type { AddressSpace } from './address-space.ts';
import { GIVEN_BACK } from './event-stream.ts';
import type { MappedFiles } from './strace-files.ts';
import { MAX_OBJECT_BYTES, type MappedObjects, PAGE_BYTES, RULES, rangeOf } from './strace-objects.ts';
import type { SharedSegments } from './strace-segments.ts';

const MREMAP = EVENT_KINDS.mremap.code;

/** Says the events of the line, or returns by which rule there are none. */
type RefusedCall = (space: AddressSpace, call: SystemCall) => string | undefined;

export class RefusedCalls {
  /** By name. */
  readonly calls: ReadonlyMap<string, RefusedCall>;
  private readonly objects: MappedObjects;
  private readonly files: MappedFiles;

  constructor(objects: MappedObjects, files: MappedFiles, segments: SharedSegments) {
    this.objects = objects;
    this.files = files;
    const map: RefusedCall = (_, { args }) => this.mmap(unfolded(args));
    this.calls = new Map<string, RefusedCall>([
      ['mmap', map],
      ['mmap2', map],
      ['old_mmap', map],
      ['mremap', (space, { args }) => this.mremap(space, args)],
      ['shmat', (_, call) => segments.refuse(call)],
    ]);
  }

  private mmap(args: readonly Argument[]): string | undefined {
    if (args.length < 4) return RULES.unshown;
    const range = rangeOf(0, numberArgument(args, 1));
    if (typeof range === 'string') return range;
    this.objects.refuse(range.end, this.files.mappingOf(args, undefined));
    return undefined;
  }

  /** A mapping that was to be longer; of a part of one, which would have moved, a mapping as long as that. */
  private mremap(space: AddressSpace, args: readonly Argument[]): string | undefined {
    const from = rangeOf(numberArgument(args, 0), numberArgument(args, 1) || PAGE_BYTES);
    const to = rangeOf(0, numberArgument(args, 2));
    if (typeof from === 'string') return from;
    if (typeof to === 'string') return to;
    this.objects.reveal(space, from);
    const pieces = space.within(from.start, from.end);
    const whole = space.wholeObject(pieces);
    const flags = linux.flagsOf(args[3], linux.MREMAP_FLAGS);
    if (whole === undefined || to.end > MAX_OBJECT_BYTES) this.objects.refuse(to.end, pieces[0]!.mapping);
    else this.grow(whole, from.end - from.start, to.end, flags);
    return undefined;
  }

  private grow(object: number, before: number, length: number, flags: number): void {
    const { events } = this.objects;
    events.say(MREMAP, object, length, mremapFlags(flags));
    events.noteRefused(MREMAP, object, length);
    events.imply(GIVEN_BACK, MREMAP, object, before, MREMAP_MAYMOVE);
  }
}

/** Linux's as those of an event. */
export function mremapFlags(flags: number): number {
  return (flags & linux.LINUX_MREMAP_MAYMOVE) !== 0 ? MREMAP_MAYMOVE : 0;
}
