/**
 * Shared memory of System V: shmat and shmdt. How large a segment is only shmget or shmctl say; without them it is one
 * page until a call on what follows it shows more. Simplified: a segment that two processes attach is two objects, and
 * they share no page unless one is a child of the other.
 */
import { EVENT_KINDS } from '../../core/event/kinds.ts';
import { MAP_SHARED, PROT_EXEC, PROT_READ, PROT_WRITE } from '../../core/event/mmap-flags.ts';
import { numberArgument, numberIn, type SystemCall } from '../strace/call.ts';
import { flagsOf, LINUX_SHM_EXEC, LINUX_SHM_RDONLY, LINUX_SHM_REMAP, SHM_FLAGS } from '../strace/flags.ts';
import type { AddressSpace, Mapping } from './address-space.ts';
import { type MappedObjects, PAGE_BYTES, pageUp, RULES, rangeOf } from './strace-objects.ts';

const MUNMAP = EVENT_KINDS.munmap.code;

export class SharedSegments {
  private readonly objects: MappedObjects;
  /** Bytes, by the number of the segment. */
  private readonly sizes = new Map<number, number>();
  /** Attached with a size that no line had told. */
  unknownSizes = 0;

  constructor(objects: MappedObjects) {
    this.objects = objects;
  }

  /** shmget(KEY, SIZE, FLAGS) = ID, and shmctl(ID, IPC_STAT, {..., shm_segsz=SIZE, ...}) = 0. */
  note({ name, args, result }: SystemCall): void {
    const [first, second, third] = args.map(({ text }) => text);
    const segsz = /\bshm_segsz=(\d+)/.exec(third ?? '')?.[1];
    const id = name === 'shmget' ? result : numberIn(first);
    const size = numberIn(name === 'shmget' ? second : segsz);
    if (id !== undefined && size !== undefined && size > 0) this.sizes.set(id, size);
  }

  attach(space: AddressSpace, { args }: SystemCall, start: number): string | undefined {
    const flags = flagsOf(args[2], SHM_FLAGS);
    const size = this.sizes.get(numberArgument(args, 0));
    const range = rangeOf(start, pageUp(size ?? PAGE_BYTES));
    if (typeof range === 'string') return range;
    const isReplacing = (flags & LINUX_SHM_REMAP) !== 0;
    this.objects.unmap(space, isReplacing ? RULES.replaced : RULES.gone, range.start, range.end);
    if (size === undefined) this.unknownSizes++;
    this.objects.map(space, range, mappingOf(flags, size === undefined));
    return undefined;
  }

  /** By which rule it is not asked for again. */
  refuse({ args }: SystemCall): string | undefined {
    const size = this.sizes.get(numberArgument(args, 0));
    if (size === undefined) return 'shmat that failed: of a size that no line tells';
    this.objects.refuse(pageUp(size), mappingOf(flagsOf(args[2], SHM_FLAGS), false));
    return undefined;
  }

  /** All that is left of the segment that begins there. */
  detach(space: AddressSpace, { args }: SystemCall): string | undefined {
    const start = numberArgument(args, 0);
    const [first] = space.within(start, start + 1);
    if (first === undefined) return RULES.nothing;
    const pieces = space.piecesFrom(start, ({ mapping }) => mapping === first.mapping);
    const rule = this.objects.sayEach(pieces, MUNMAP, 0);
    for (const piece of pieces) space.cut(piece.start, piece.end);
    return rule;
  }
}

/** One for each attachment: its pieces are known by it. */
function mappingOf(flags: number, isPartOfSegment: boolean): Mapping {
  const write = (flags & LINUX_SHM_RDONLY) === 0 ? PROT_WRITE : 0;
  const exec = (flags & LINUX_SHM_EXEC) === 0 ? 0 : PROT_EXEC;
  return { flags: MAP_SHARED | PROT_READ | write | exec, file: undefined, fileNumber: 0, isPartOfSegment };
}
