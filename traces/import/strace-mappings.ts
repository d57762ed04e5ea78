/**
 * System calls that change an address space, as events that name objects (strace-objects.ts). MAP_FIXED over a part of
 * a mapping is mapped anywhere and moved over that part; over anything else it is unmapped first, and lies where the
 * layout puts it.
 */
import { EVENT_KINDS } from '../../core/event/kinds.ts';
import {
  MADV_COLD,
  MADV_DONTNEED,
  MADV_FREE,
  MADV_HUGEPAGE,
  MADV_NOHUGEPAGE,
  MADV_NORMAL,
  MADV_PAGEOUT,
  MADV_POPULATE_READ,
  MADV_POPULATE_WRITE,
  MADV_RANDOM,
  MADV_SEQUENTIAL,
  MADV_WILLNEED,
  MAP_ALIGNED,
  MAP_SHARED,
  PLACE_STACK,
  PLACE_VDSO,
  PROT_EXEC,
  PROT_MASK,
  PROT_READ,
  PROT_WRITE,
} from '../../core/event/mmap-flags.ts';
import type { Argument } from '../strace/arguments.ts';
import { numberArgument, type SystemCall, unfolded } from '../strace/call.ts';
import * as linux from '../strace/flags.ts';
import type { AddressSpace, Mapping, Piece } from './address-space.ts';
import type { EventStream } from './event-stream.ts';
import type { ComingLines } from './strace-coming.ts';
import { MappedFiles } from './strace-files.ts';
import { ProcessHeaps } from './strace-heap.ts';
import {
  MAX_OBJECT_BYTES,
  MappedObjects,
  PAGE_BYTES,
  pageDown,
  pageUp,
  type Range,
  RULES,
  rangeOf,
  segmentBelow,
} from './strace-objects.ts';
import type { Process } from './strace-processes.ts';
import { mremapFlags, RefusedCalls } from './strace-refused.ts';
import { SharedSegments } from './strace-segments.ts';

const { mmap, munmap, mprotect, mremap, madvise, mlock, munlock, mremap_fixed } = EVENT_KINDS;

/** Of Linux, which are those of events. */
const ADVICE: ReadonlySet<number> = new Set([
  MADV_NORMAL,
  MADV_RANDOM,
  MADV_SEQUENTIAL,
  MADV_WILLNEED,
  MADV_DONTNEED,
  MADV_FREE,
  MADV_HUGEPAGE,
  MADV_NOHUGEPAGE,
  MADV_COLD,
  MADV_PAGEOUT,
  MADV_POPULATE_READ,
  MADV_POPULATE_WRITE,
]);

/** What execve maps of a size that is the same for all programs; 8 MiB is the usual RLIMIT_STACK. */
const MADE_BY_EXECVE = [
  { length: 8 << 20, flags: PROT_READ | PROT_WRITE | PLACE_STACK },
  { length: 2 * PAGE_BYTES, flags: PROT_READ | PROT_EXEC | PLACE_VDSO },
];

/** Says the event of the line, or returns by which rule there is none. `result` is what the call returned. */
type MemoryCall = (process: Process, call: SystemCall, result: number) => string | undefined;

export class MappingCalls {
  /** By name. */
  readonly calls: ReadonlyMap<string, MemoryCall>;
  readonly refused: RefusedCalls;
  readonly segments: SharedSegments;
  readonly objects: MappedObjects;
  readonly files: MappedFiles;
  private readonly events: EventStream;
  private readonly heaps: ProcessHeaps;

  /** @param filesAreCached they were read before the trace */
  constructor(events: EventStream, coming: ComingLines, filesAreCached = false) {
    this.events = events;
    this.objects = new MappedObjects(events);
    this.files = new MappedFiles(events, filesAreCached);
    this.segments = new SharedSegments(this.objects);
    this.refused = new RefusedCalls(this.objects, this.files, this.segments);
    this.heaps = new ProcessHeaps(this.objects, coming);
    const protect: MemoryCall = ({ space }, { args }) =>
      this.change(space, args, mprotect.code, linux.flagsOf(args[2], linux.PROTECTIONS) & PROT_MASK);
    const map: MemoryCall = ({ space }, { args, bytes }, result) =>
      this.mmap(space, unfolded(args), result, bytes);
    const lock: MemoryCall = ({ space }, { args }) => this.change(space, args, mlock.code, 0);
    this.calls = new Map<string, MemoryCall>([
      ['mmap', map],
      ['mmap2', map],
      ['old_mmap', map],
      ['munmap', ({ space }, { args }) => this.munmap(space, args)],
      ['brk', ({ space, tracedPid }, call, result) => this.heaps.brk(space, call, result, tracedPid)],
      ['mprotect', protect],
      ['pkey_mprotect', protect],
      ['mremap', ({ space }, { args }, result) => this.mremap(space, args, result)],
      ['madvise', ({ space }, { args }) => this.madvise(space, args)],
      ['mlock', lock],
      ['mlock2', lock],
      ['munlock', ({ space }, { args }) => this.change(space, args, munlock.code, 0)],
      ['shmat', ({ space }, call, result) => this.segments.attach(space, call, result)],
      ['shmdt', ({ space }, call) => this.segments.detach(space, call)],
    ]);
  }

  /** What a new program has before its first system call. */
  execve(): void {
    for (const { length, flags } of MADE_BY_EXECVE)
      this.events.imply(RULES.execve, mmap.code, this.objects.newObject(), length, flags);
  }

  /** munmap as a rule concludes it. */
  unmap(space: AddressSpace, rule: string, { start, end }: Range): void {
    this.objects.unmap(space, rule, start, end);
  }

  private mmap(
    space: AddressSpace,
    args: readonly Argument[],
    at: number,
    bytes: number | undefined,
  ): string | undefined {
    if (args.length < 4) return RULES.unshown;
    const length = numberArgument(args, 1);
    const range = rangeOf(at, length);
    if (typeof range === 'string') return range;
    const flags = linux.flagsOf(args[3], linux.MAPPING_FLAGS);
    const isFixed = (flags & linux.LINUX_MAP_FIXED) !== 0;
    const under = space.within(range.start, range.end);
    const isOneObject = range.end - range.start <= MAX_OBJECT_BYTES;
    const over =
      isFixed && isOneObject ? (regionThatCovers(under, range) ?? anchorOf(space, range)) : undefined;
    const mapping = this.files.mappingOf(args, over?.mapping.file);
    if (over !== undefined) this.mapOver(space, range, mapping, over);
    else {
      this.objects.unmap(space, isFixed ? RULES.replaced : RULES.gone, range.start, range.end);
      this.objects.map(space, range, mapping, undefined, bytes);
      if ((flags & linux.LINUX_MAP_STACK) !== 0) this.forbidHuge(space, range);
    }
    return undefined;
  }

  /** calc_vm_flag_bits() of include/linux/mman.h, v6.7. */
  private forbidHuge(space: AddressSpace, { start, end }: Range): void {
    for (const { object } of space.within(start, end))
      this.events.imply(RULES.stack, madvise.code, object, 0, 0, MADV_NOHUGEPAGE);
  }

  /** mmap anywhere, and moved to where it has to go. */
  private mapOver(space: AddressSpace, range: Range, mapping: Mapping, over: Piece): void {
    const { start, end } = range;
    const object = this.objects.newObject();
    this.events.say(mmap.code, object, end - start, mapping.flags, mapping.fileNumber);
    this.events.imply(RULES.fixed, mremap_fixed.code, object, over.object, start - over.base);
    space.cut(start, end);
    this.objects.place(space, object, mapping, range, { region: over.region });
  }

  private munmap(space: AddressSpace, args: readonly Argument[]): string | undefined {
    const start = pageDown(numberArgument(args, 0));
    const end = pageUp(numberArgument(args, 0) + numberArgument(args, 1));
    if (segmentBelow(space, start) !== undefined) this.revealRange(space, args);
    if (this.alignsBy(space, { start, end })) return undefined;
    const rule = this.objects.sayEach(space.within(start, end), munmap.code, 0);
    space.cut(start, end);
    return rule;
  }

  /**
   * A program that wants memory at a multiple of its length maps twice as much, and unmaps what lies before, and then what
   * lies behind. How much that is depends on where it lies; what is left has to be said as such.
   */
  private alignsBy(space: AddressSpace, { start, end }: Range): boolean {
    const piece = space.pieceAt(start);
    if (piece === undefined || piece.end !== end || !isReserved(piece)) return false;
    const { mapping, base } = piece;
    const length = (end - base) / 2;
    const kept = alignedUp(base, length);
    if (!isPowerOfTwo(length) || piece.start !== kept || start !== kept + length) return false;
    this.objects.sayEach(space.within(kept, end), munmap.code, 0);
    space.cut(kept, end);
    const aligned = this.objects.newObject();
    this.events.imply(RULES.aligned, mmap.code, aligned, length, mapping.flags | MAP_ALIGNED);
    this.objects.place(space, aligned, mapping, { start: kept, end: start });
    return true;
  }

  /** By which rule nothing can be there. */
  private revealRange(space: AddressSpace, args: readonly Argument[]): Range | string {
    const range = rangeOf(numberArgument(args, 0), numberArgument(args, 1));
    if (typeof range !== 'string') this.objects.reveal(space, range);
    return range;
  }

  /** The calls that leave mappings where they are. */
  private change(
    space: AddressSpace,
    args: readonly Argument[],
    kind: number,
    how: number,
  ): string | undefined {
    const range = this.revealRange(space, args);
    if (typeof range === 'string') return range;
    return this.objects.sayEach(space.within(range.start, range.end), kind, how);
  }

  private madvise(space: AddressSpace, args: readonly Argument[]): string | undefined {
    const advice = linux.adviceOf(args[2]);
    if (advice !== undefined && ADVICE.has(advice)) return this.change(space, args, madvise.code, advice);
    return `madvise without an event: ${nameOfAdvice(args[2], advice)}`;
  }

  private mremap(space: AddressSpace, args: readonly Argument[], at: number): string | undefined {
    // an old size of 0 maps a shared mapping once more, and leaves the old one
    const oldBytes = numberArgument(args, 1);
    const from = rangeOf(numberArgument(args, 0), oldBytes || PAGE_BYTES);
    const to = rangeOf(at, numberArgument(args, 2));
    if (typeof from === 'string') return from;
    if (typeof to === 'string') return to;
    this.objects.reveal(space, from);
    const flags = linux.flagsOf(args[3], linux.MREMAP_FLAGS);
    const stays = (flags & linux.LINUX_MREMAP_DONTUNMAP) !== 0 || oldBytes === 0;
    if (stays) this.mapAgain(space, from, to, flags);
    else this.move(space, from, to, flags);
    return undefined;
  }

  private mapAgain(space: AddressSpace, from: Range, to: Range, flags: number): void {
    const mapping = space.within(from.start, from.end)[0]!.mapping;
    this.unmap(space, goesBecause(flags), to);
    this.objects.map(space, to, mapping);
  }

  private move(space: AddressSpace, from: Range, to: Range, flags: number): void {
    const pieces = space.within(from.start, from.end);
    const { mapping } = pieces[0]!;
    const whole = space.wholeObject(pieces);
    const length = to.end - to.start;
    const moves = whole !== undefined && length <= MAX_OBJECT_BYTES;
    if (moves) space.cut(from.start, from.end);
    else this.unmap(space, RULES.part, from);
    this.unmap(space, goesBecause(flags), to);
    if (moves) {
      this.events.say(mremap.code, whole, length, mremapFlags(flags));
      this.objects.place(space, whole, mapping, to);
    } else this.objects.map(space, to, mapping);
  }
}

/** A name that is one of Linux, or a number. */
function nameOfAdvice(argument: Argument | undefined, advice: number | undefined): string {
  if (advice !== undefined) return linux.nameOf(advice, linux.ADVICE) ?? `0x${(advice >>> 0).toString(16)}`;
  const { text = '' } = argument ?? {};
  return /^MADV_[A-Z0-9_]{1,40}$/.test(text) ? text : 'of another name';
}

/** Memory of no file that nobody may use yet. */
function isReserved({ mapping }: Piece): boolean {
  return mapping.fileNumber === 0 && (mapping.flags & (PROT_MASK | MAP_SHARED)) === 0;
}

/** Smaller ones are cut for other reasons: HEAP_MAX_SIZE of 32-bit machines. */
const LEAST_ALIGNED_BYTES = 1 << 20;

function isPowerOfTwo(bytes: number): boolean {
  return bytes >= LEAST_ALIGNED_BYTES && Number.isInteger(Math.log2(bytes));
}

function alignedUp(address: number, bytes: number): number {
  return Math.ceil(address / bytes) * bytes;
}

/** By which rule what lies where mremap maps is unmapped. */
function goesBecause(flags: number): string {
  return (flags & linux.LINUX_MREMAP_FIXED) !== 0 ? RULES.replaced : RULES.gone;
}

/**
 * A piece to which [start, end) lies as it does under every layout: what begins with a hole between pieces of one region,
 * and ends among them. What lies behind a region is another thing under another layout.
 */
function anchorOf(space: AddressSpace, { start, end }: Range): Piece | undefined {
  const [below] = space.neighbours(start);
  const [, above] = space.neighbours(end);
  if (below === undefined || start - below.base >= MAX_OBJECT_BYTES) return undefined;
  const within = space.within(start, end);
  const upToEnd = within.at(-1)?.end === end ? within : [...within, above];
  return upToEnd.every((piece) => piece?.region === below.region) ? below : undefined;
}

/** The piece at `start`, if pieces of its region cover all of [start, end). */
function regionThatCovers(pieces: readonly Piece[], { start, end }: Range): Piece | undefined {
  let at = start;
  for (const { start: begins, end: ends, region } of pieces) {
    if (begins !== at || region !== pieces[0]!.region) return undefined;
    at = ends;
  }
  return at === end ? pieces[0] : undefined;
}
