/**
 * Addresses of a traced process as objects and offsets: what all calls that change an address space have in common. A
 * range over several mappings becomes an event for each. A call that succeeds on a range proves that all of it is
 * mapped: what is missing is then mapped just before, as private writable memory.
 */
import { EVENT_KINDS } from '../../core/event/kinds.ts';
import { PROT_READ, PROT_WRITE } from '../../core/event/mmap-flags.ts';
import { Malformed } from '../base/errors.ts';
import type { AddressSpace, Mapping, Piece } from './address-space.ts';
import { type EventStream, GIVEN_BACK } from './event-stream.ts';

const { mmap, munmap } = EVENT_KINDS;

/** Of the traced machine: strace runs where user pages have 4 KiB, or lengths are rounded too little. */
export const PAGE_BYTES = 4096;
/** An event carries lengths below 4 GiB: longer mappings become several objects. */
export const MAX_OBJECT_BYTES = 2 ** 31;
/** User space ends below this on every Linux: TASK_SIZE of x86-64 with five levels, less a page (processor.h, v6.1). */
const USER_SPACE_BYTES = 2 ** 56;
/** All of the user space of four levels. What is longer reserves addresses, and would become 65,536 objects and more. */
const MAX_MAPPING_BYTES = 2 ** 47;

export const RULES = {
  aligned: 'memory at a multiple of its length, cut out of twice as much',
  execve: 'stack and vdso that execve makes',
  older: 'mapping of execve or of before the trace, when a call first shows it',
  pieces: 'range over several mappings: an event for each',
  long: 'mapping of 2 GiB or more, in several objects',
  fixed: 'MAP_FIXED over a part of a mapping: moved there',
  replaced: 'MAP_FIXED over other mappings: these unmapped first',
  gone: 'mapping that the kernel gave away again: unmapped without a line',
  part: 'mremap of a part of a mapping: unmapped, and mapped anew',
  segment: 'more of a shared memory segment, when a call first shows it',
  heap: 'heap of before the trace, when brk first shows it',
  nothing: 'call on a range where the trace maps nothing',
  stack: 'MAP_STACK: no huge pages in it, since 6.7',
  empty: 'call on no bytes',
  vast: 'call on more than 128 TiB',
  unshown: 'mmap whose arguments are not shown',
  query: 'brk that only asks',
} as const;

export const ANONYMOUS: Mapping = { flags: PROT_READ | PROT_WRITE, file: undefined, fileNumber: 0 };

export interface Range {
  readonly start: number;
  readonly end: number;
}

interface Place {
  readonly region?: number | undefined;
  readonly base?: number;
}

export class MappedObjects {
  readonly events: EventStream;
  private lastObject = 0;
  private lastRegion = 0;

  constructor(events: EventStream) {
    this.events = events;
  }

  newObject(): number {
    return ++this.lastObject;
  }

  /** munmap as a rule concludes it, of whole pages. */
  unmap(space: AddressSpace, rule: string, start: number, endByte: number): void {
    const end = pageUp(endByte);
    for (const piece of space.within(start, end))
      this.events.imply(rule, munmap.code, piece.object, piece.start - piece.base, piece.end - piece.start);
    space.cut(start, end);
  }

  /** An event for each piece; the first is what the line says. By which rule there is none. */
  sayEach(pieces: readonly Piece[], kind: number, how: number): string | undefined {
    for (const [i, { object, base, start, end }] of pieces.entries()) {
      if (i === 0) this.events.say(kind, object, start - base, end - start, how);
      else this.events.imply(RULES.pieces, kind, object, start - base, end - start, how);
    }
    return pieces.length === 0 ? RULES.nothing : undefined;
  }

  /** Maps what must have been there, in the parts of the range where nothing is. */
  reveal(space: AddressSpace, range: Range): void {
    for (const { start, end } of space.holes(range.start, range.end)) {
      const segment = segmentBelow(space, start);
      const mapping = segment ?? ANONYMOUS;
      this.map(space, { start, end }, mapping, segment === undefined ? RULES.older : RULES.segment);
    }
  }

  /** mmap as a rule concludes it, or, without one, as the line says it; `told`: of one object, another length of it. */
  map(space: AddressSpace, { start, end }: Range, mapping: Mapping, rule?: string, told?: number): void {
    for (let at = start; at < end; at += MAX_OBJECT_BYTES) {
      const length = Math.min(MAX_OBJECT_BYTES, end - at);
      const object = this.newObject();
      this.sayMap(object, told ?? length, mapping, at === start ? rule : (rule ?? RULES.long));
      this.place(space, object, mapping, { start: at, end: at + length });
    }
  }

  /** mmap that the kernel refused: in several objects as map() has it, and then given back. */
  refuse(bytes: number, mapping: Mapping): void {
    const objects: number[] = [];
    for (let at = 0; at < bytes; at += MAX_OBJECT_BYTES) {
      const object = this.newObject();
      this.sayMap(object, Math.min(MAX_OBJECT_BYTES, bytes - at), mapping, at === 0 ? undefined : RULES.long);
      objects.push(object);
    }
    this.events.noteRefused(mmap.code, this.lastObject);
    for (const object of objects) this.events.imply(GIVEN_BACK, munmap.code, object);
  }

  private sayMap(
    object: number,
    length: number,
    { flags, fileNumber }: Mapping,
    rule: string | undefined,
  ): void {
    if (rule === undefined) this.events.say(mmap.code, object, length, flags, fileNumber);
    else this.events.imply(rule, mmap.code, object, length, flags, fileNumber);
  }

  place(
    space: AddressSpace,
    object: number,
    mapping: Mapping,
    { start, end }: Range,
    place: Place = {},
  ): void {
    const { region = ++this.lastRegion, base = start } = place;
    space.add({ start, end, object, base, region, mapping });
  }
}

/** The segment of unknown size that ends at this address, which a call shows to be longer. */
export function segmentBelow(space: AddressSpace, address: number): Mapping | undefined {
  const [below] = space.within(address - 1, address);
  return below?.mapping.isPartOfSegment === true ? below.mapping : undefined;
}

/** Whole pages from `start` on; by which rule a call on them is no event. Throws where no kernel maps anything. */
export function rangeOf(start: number, bytes: number): Range | string {
  if (!(start + bytes <= USER_SPACE_BYTES))
    throw new Malformed('addresses below 2^56, where user space ends');
  if (bytes === 0) return RULES.empty;
  if (bytes > MAX_MAPPING_BYTES) return RULES.vast;
  return { start: pageDown(start), end: pageUp(start + bytes) };
}

export function pageDown(bytes: number): number {
  return Math.floor(bytes / PAGE_BYTES) * PAGE_BYTES;
}

export function pageUp(bytes: number): number {
  return Math.ceil(bytes / PAGE_BYTES) * PAGE_BYTES;
}
