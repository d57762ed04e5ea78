/**
 * System calls that change an address space, as events that name objects. An address becomes an object and the offset
 * in it; a range over several mappings becomes an event for each; MAP_FIXED over a part of a mapping is mapped
 * anywhere and moved over that part; over anything else it is unmapped first, and lies where the layout puts it.
 *
 * strace does not show what execve maps. A call that succeeds on a range proves that all of it is mapped: what is
 * missing is then mapped just before, as private writable memory.
 */
import { EVENT_KINDS } from '../../core/event/kinds.ts';
import {
  MADV_DONTNEED,
  MADV_HUGEPAGE,
  MADV_NOHUGEPAGE,
  MADV_NORMAL,
  MADV_RANDOM,
  MADV_SEQUENTIAL,
  MADV_WILLNEED,
  MAP_POPULATE,
  MAP_SHARED,
  MREMAP_MAYMOVE,
  PLACE_STACK,
  PLACE_VDSO,
  PROT_EXEC,
  PROT_READ,
  PROT_WRITE,
} from '../../core/event/mmap-flags.ts';
import { flagsIn, hasFlag, numberArgument, numberIn, type SystemCall } from '../strace/call.ts';
import type { AddressSpace, Heap, Mapping, Piece } from './address-space.ts';
import type { EventStream } from './event-stream.ts';
import { MappedFiles } from './strace-files.ts';

const { mmap, munmap, brk, mprotect, mremap, madvise, mlock, munlock, mremap_fixed } = EVENT_KINDS;

/** Of the traced machine: strace runs where user pages have 4 KiB, or lengths are rounded too little. */
const PAGE_BYTES = 4096;
/** An event carries lengths below 4 GiB: longer mappings become several objects. */
const MAX_OBJECT_BYTES = 2 ** 31;

const PROTECTIONS = { PROT_READ, PROT_WRITE, PROT_EXEC };
const MAP_FLAGS = { MAP_SHARED, MAP_SHARED_VALIDATE: MAP_SHARED, MAP_POPULATE };
const ADVICE: Readonly<Record<string, number>> = {
  MADV_NORMAL,
  MADV_RANDOM,
  MADV_SEQUENTIAL,
  MADV_WILLNEED,
  MADV_DONTNEED,
  MADV_HUGEPAGE,
  MADV_NOHUGEPAGE,
};

/** What execve maps of a size that is the same for all programs; 8 MiB is the usual RLIMIT_STACK. */
const MADE_BY_EXECVE = [
  { length: 8 << 20, flags: PROT_READ | PROT_WRITE | PLACE_STACK },
  { length: 2 * PAGE_BYTES, flags: PROT_READ | PROT_EXEC | PLACE_VDSO },
];

export const RULES = {
  execve: 'stack and vdso that execve makes',
  older: 'mapping of execve or of before the trace, when a call first shows it',
  pieces: 'range over several mappings: an event for each',
  long: 'mapping of 2 GiB or more, in several objects',
  fixed: 'MAP_FIXED over a part of a mapping: moved there',
  replaced: 'MAP_FIXED over other mappings: these unmapped first',
  gone: 'mapping that the kernel gave away again: unmapped without a line',
  part: 'mremap of a part of a mapping: unmapped, and mapped anew',
  nothing: 'call on a range where the trace maps nothing',
  query: 'brk that only asks',
  failed: 'failed call',
} as const;

const ANONYMOUS: Mapping = { flags: PROT_READ | PROT_WRITE, file: undefined, fileNumber: 0 };

/** Says the event of the line, or returns by which rule there is none. `result` is what the call returned. */
type MemoryCall = (space: AddressSpace, call: SystemCall, result: number) => string | undefined;

export class MappingCalls {
  readonly calls: Readonly<Record<string, MemoryCall>>;
  private readonly events: EventStream;
  private readonly files: MappedFiles;
  private lastObject = 0;
  private lastRegion = 0;

  constructor(events: EventStream) {
    this.events = events;
    this.files = new MappedFiles(events);
    const protect: MemoryCall = (space, { args }) =>
      this.change(space, args, mprotect.code, flagsIn(args[2], PROTECTIONS));
    const map: MemoryCall = (space, { args }, result) => this.mmap(space, args, result);
    const lock: MemoryCall = (space, { args }) => this.change(space, args, mlock.code, 0);
    this.calls = {
      mmap: map,
      mmap2: map,
      munmap: (space, { args }) => this.munmap(space, args),
      brk: (space, { args }, result) => this.brk(space, numberArgument(args, 0), result),
      mprotect: protect,
      pkey_mprotect: protect,
      mremap: (space, { args }, result) => this.mremap(space, args, result),
      madvise: (space, { args }) => this.madvise(space, args),
      mlock: lock,
      mlock2: lock,
      munlock: (space, { args }) => this.change(space, args, munlock.code, 0),
    };
  }

  /** What a new program has before its first system call. */
  execve(): void {
    for (const { length, flags } of MADE_BY_EXECVE)
      this.events.imply(RULES.execve, mmap.code, ++this.lastObject, length, flags);
  }

  /** munmap as a rule concludes it, of whole pages. */
  unmap(space: AddressSpace, rule: string, start: number, endByte: number): void {
    const end = pageUp(endByte);
    for (const piece of space.within(start, end))
      this.events.imply(rule, munmap.code, piece.object, piece.start - piece.base, piece.end - piece.start);
    space.cut(start, end);
  }

  private mmap(space: AddressSpace, args: readonly string[], start: number): string | undefined {
    const [, , prot, flags, fd, offset] = args;
    const length = numberArgument(args, 1);
    const isFixed = hasFlag(flags, 'MAP_FIXED');
    const end = start + pageUp(length);
    const under = space.within(start, end);
    const over = isFixed && end - start <= MAX_OBJECT_BYTES ? regionThatCovers(under, start, end) : undefined;
    const isAnonymous = hasFlag(flags, 'MAP_ANONYMOUS');
    const segment = { fd: fd!, offset: numberIn(offset) ?? 0, length };
    const file = isAnonymous ? undefined : this.files.nameOf(segment, over?.mapping.file);
    const mapping = {
      flags: flagsIn(prot, PROTECTIONS) | flagsIn(flags, MAP_FLAGS),
      file,
      fileNumber: file === undefined ? 0 : this.files.numberOf(file, segment),
    };
    if (over === undefined) this.unmap(space, isFixed ? RULES.replaced : RULES.gone, start, end);
    this.map(space, start, end, mapping, over);
    return undefined;
  }

  /** Says the mmap; `over` is what is mapped where it has to go. */
  private map(space: AddressSpace, start: number, end: number, mapping: Mapping, over?: Piece): void {
    const { events } = this;
    for (let at = start; at < end; at += MAX_OBJECT_BYTES) {
      const length = Math.min(MAX_OBJECT_BYTES, end - at);
      const fields = [++this.lastObject, length, mapping.flags, mapping.fileNumber] as const;
      if (at === start) events.say(mmap.code, ...fields);
      else events.imply(RULES.long, mmap.code, ...fields);
      if (over !== undefined) {
        events.imply(RULES.fixed, mremap_fixed.code, fields[0], over.object, start - over.base);
        space.cut(start, end);
      }
      this.place(space, fields[0], mapping, [at, at + length], { region: over?.region });
    }
  }

  private munmap(space: AddressSpace, args: readonly string[]): string | undefined {
    const { start, end } = rangeOf(args);
    const rule = this.forEach(space.within(start, end), munmap.code, 0);
    space.cut(start, end);
    return rule;
  }

  /** The calls that leave mappings where they are. */
  private change(
    space: AddressSpace,
    args: readonly string[],
    kind: number,
    how: number,
  ): string | undefined {
    const { start, end } = rangeOf(args);
    for (const hole of space.holes(start, end)) this.reveal(space, hole.start, hole.end);
    return this.forEach(space.within(start, end), kind, how);
  }

  private madvise(space: AddressSpace, args: readonly string[]): string | undefined {
    const advice = ADVICE[args[2]!];
    return advice === undefined
      ? `madvise without an event: ${args[2]}`
      : this.change(space, args, madvise.code, advice);
  }

  private brk(space: AddressSpace, wanted: number, end: number): string | undefined {
    const heap = this.heapOf(space, end);
    if (wanted === 0 || wanted === heap.end) return RULES.query;
    if (wanted !== end) return RULES.failed;
    const base = pageDown(heap.start);
    const [before, after] = [pageUp(heap.end), pageUp(end)];
    const object = heap.object ?? ++this.lastObject;
    this.unmap(space, RULES.gone, before, after);
    this.events.say(brk.code, object, after - base);
    space.cut(after, before);
    if (after > before) this.place(space, object, ANONYMOUS, [before, after], { base });
    space.heap = { ...heap, end, object: after > base ? object : undefined };
    return undefined;
  }

  /** The heap that now ends at `end`: a new one where none is known, or, the line of an execve missing, another. */
  private heapOf(space: AddressSpace, end: number): Heap {
    const { heap } = space;
    if (heap !== undefined && end >= heap.start && end - heap.start <= MAX_OBJECT_BYTES) return heap;
    // By brk, not munmap: the kernel remembers where a heap ends, whatever of it is mapped.
    if (heap?.object !== undefined && space.piecesOf(heap.object).length > 0) {
      this.events.imply(RULES.gone, brk.code, heap.object, 0);
      space.cut(pageDown(heap.start), pageUp(heap.end));
    }
    space.heap = { start: end, end, object: undefined };
    return space.heap;
  }

  private mremap(space: AddressSpace, args: readonly string[], to: number): string | undefined {
    const start = numberArgument(args, 0);
    const end = start + pageUp(numberArgument(args, 1));
    const toEnd = to + pageUp(numberArgument(args, 2));
    for (const hole of space.holes(start, end)) this.reveal(space, hole.start, hole.end);
    const pieces = space.within(start, end);
    const whole = wholeObject(space, pieces);
    const stays = hasFlag(args[3], 'MREMAP_DONTUNMAP') || pieces.length === 0;
    const mapping = pieces[0]?.mapping ?? ANONYMOUS;
    const moves = !stays && whole !== undefined && toEnd - to <= MAX_OBJECT_BYTES;
    if (moves) space.cut(start, end);
    else if (!stays) this.unmap(space, RULES.part, start, end);
    this.unmap(space, hasFlag(args[3], 'MREMAP_FIXED') ? RULES.replaced : RULES.gone, to, toEnd);
    if (moves) {
      const mayMove = hasFlag(args[3], 'MREMAP_MAYMOVE') ? MREMAP_MAYMOVE : 0;
      this.events.say(mremap.code, whole, toEnd - to, mayMove);
      this.place(space, whole, mapping, [to, toEnd]);
    } else this.map(space, to, toEnd, mapping);
    return undefined;
  }

  /** Maps what must have been there. */
  private reveal(space: AddressSpace, start: number, end: number): void {
    for (let at = start; at < end; at += MAX_OBJECT_BYTES) {
      const length = Math.min(MAX_OBJECT_BYTES, end - at);
      const object = ++this.lastObject;
      this.events.imply(RULES.older, mmap.code, object, length, ANONYMOUS.flags);
      this.place(space, object, ANONYMOUS, [at, at + length]);
    }
  }

  /** An event for each piece; the first is what the line says. */
  private forEach(pieces: readonly Piece[], kind: number, how: number): string | undefined {
    for (const [i, { object, base, start, end }] of pieces.entries()) {
      if (i === 0) this.events.say(kind, object, start - base, end - start, how);
      else this.events.imply(RULES.pieces, kind, object, start - base, end - start, how);
    }
    return pieces.length === 0 ? RULES.nothing : undefined;
  }

  private place(
    space: AddressSpace,
    object: number,
    mapping: Mapping,
    [start, end]: readonly [start: number, end: number],
    { region = ++this.lastRegion, base = start }: { region?: number | undefined; base?: number } = {},
  ): void {
    space.add({ start, end, object, base, region, mapping });
  }
}

/** The piece at `start`, if pieces of its region cover all of [start, end). */
function regionThatCovers(pieces: readonly Piece[], start: number, end: number): Piece | undefined {
  let at = start;
  for (const { start: begins, end: ends, region } of pieces) {
    if (begins !== at || region !== pieces[0]!.region) return undefined;
    at = ends;
  }
  return at === end ? pieces[0] : undefined;
}

/** The object that these pieces are all of, from its beginning; undefined when there is none. */
function wholeObject(space: AddressSpace, pieces: readonly Piece[]): number | undefined {
  const [piece, ...others] = pieces;
  if (piece === undefined || others.length > 0 || piece.start !== piece.base) return undefined;
  const [only, ...more] = space.piecesOf(piece.object);
  const isAll = more.length === 0 && only!.start === piece.start && only!.end === piece.end;
  return isAll ? piece.object : undefined;
}

function rangeOf(args: readonly string[]): { start: number; end: number } {
  const start = numberArgument(args, 0);
  return { start: pageDown(start), end: pageUp(start + numberArgument(args, 1)) };
}

function pageDown(bytes: number): number {
  return Math.floor(bytes / PAGE_BYTES) * PAGE_BYTES;
}

function pageUp(bytes: number): number {
  return Math.ceil(bytes / PAGE_BYTES) * PAGE_BYTES;
}
