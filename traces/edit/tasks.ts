/** Processes that are alive, and the address spaces that they or their heirs need, for a prologue. */
import { CLONE_VM } from '../../core/event/clone-flags.ts';
import { code, codes, type Entries, type Entry } from './entries.ts';
import type { KernelThings } from './kernel-things.ts';

/** An address space: the entries that made it, and who needs them. */
interface Space {
  readonly entries: Set<number>;
  /** By object: entries that are about it alone. */
  readonly byObject: Map<number, Set<number>>;
  /** Objects that an entry names beside another: they stay. */
  readonly tied: Set<number>;
  /** Processes that run in it. */
  users: number;
  /** Spaces that were copied from this one, or came out of it, and are kept. */
  heirs: number;
  readonly from: Space | undefined;
}

interface Task {
  space: Space;
  /** Where its beginning is told, and so its end; which entry that is. */
  readonly born: Space;
  readonly birth: number;
  /** It began in the address space of another. */
  readonly isThread: boolean;
  /** Entries of that space that it asked for. */
  made: number;
}

const SPACE_CALLS = codes(
  'mmap',
  'munmap',
  'brk',
  'mprotect',
  'mremap',
  'mremap_fixed',
  'vma_split',
  'madvise',
  'mlock',
  'munlock',
);
const LIVES = codes('spawn', 'fork', 'clone', 'exit');
/** Calls after which an object is as long as they say. */
const LENGTHS = codes('mmap', 'mremap', 'brk', 'munmap');

export class Tasks {
  private readonly entries: Entries;
  private readonly things: KernelThings;
  private readonly tasks = new Map<number, Task>();

  constructor(entries: Entries, things: KernelThings) {
    this.entries = entries;
    this.things = things;
  }

  has(pid: number): boolean {
    return this.tasks.has(pid);
  }

  /** False when it is none of theirs. */
  take(entry: Entry): boolean {
    const { kind } = entry;
    if (SPACE_CALLS.has(kind)) this.call(entry);
    else if (kind === code('spawn')) this.birth(entry, undefined, false);
    else if (kind === code('fork')) this.birth(entry, entry.by, false);
    else if (kind === code('clone')) this.birth(entry, entry.by, (entry.a & CLONE_VM) !== 0);
    else if (kind === code('exec')) this.exec(entry);
    else if (kind === code('exit')) this.exit(entry);
    else return false;
    return true;
  }

  private birth(entry: Entry, parent: number | undefined, shares: boolean): void {
    const from = parent === undefined ? undefined : this.tasks.get(parent)?.space;
    const isRefused = entry.object === 0 || this.tasks.has(entry.object);
    if (isRefused || (from === undefined && entry.kind !== code('spawn'))) return;
    const kept = this.entries.keep(entry);
    if (from !== undefined && shares) {
      from.entries.add(kept);
      from.users++;
      this.begins(entry, { space: from, birth: kept, isThread: true });
      return;
    }
    const space = newSpace(from);
    space.entries.add(kept);
    this.begins(entry, { space, birth: kept, isThread: false });
  }

  private begins(
    { object: pid, by }: Entry,
    { space, birth, isThread }: Pick<Task, 'space' | 'birth' | 'isThread'>,
  ): void {
    this.tasks.set(pid, { space, born: space, birth, isThread, made: 0 });
    const parent = by === undefined ? undefined : this.tasks.get(by);
    if (parent !== undefined) parent.made++;
  }

  /** The old address space goes, unless others use it. */
  private exec(entry: Entry): void {
    const task = entry.by === undefined ? undefined : this.tasks.get(entry.by);
    if (task === undefined) return;
    const kept = this.entries.keep(entry);
    const old = task.space;
    if (old.users === 1 && old.heirs === 0) this.emptied(old, kept);
    else {
      task.space = newSpace(old);
      task.space.entries.add(kept);
      this.leave(old);
    }
  }

  /** Nobody else needs what was in it: its beginning and this exec are all there is to tell. */
  private emptied(space: Space, exec: number): void {
    for (const entry of space.entries) {
      if (LIVES.has(this.entries.get(entry)!.kind)) continue;
      this.entries.drop([entry]);
      space.entries.delete(entry);
    }
    space.entries.add(exec);
    space.byObject.clear();
    space.tied.clear();
  }

  private exit(entry: Entry): void {
    const task = entry.by === undefined ? undefined : this.tasks.get(entry.by);
    if (task === undefined) return;
    this.tasks.delete(entry.by!);
    const kept = this.entries.keep(entry);
    task.born.entries.add(kept);
    this.leave(task.space);
    const { space, born, birth, isThread, made } = task;
    const isGone = space === born || (space.users === 0 && space.heirs === 0);
    if (!isThread || made > 0 || !isGone) return;
    // Nothing is left that it asked for: it need not have been.
    for (const end of [birth, kept]) born.entries.delete(end);
    this.entries.drop([birth, kept]);
  }

  private leave(space: Space): void {
    space.users--;
    this.prune(space);
  }

  /** What nobody uses and nobody came from is not told at all. */
  private prune(space: Space): void {
    if (space.users > 0 || space.heirs > 0) return;
    this.entries.drop(space.entries);
    if (space.from === undefined) return;
    space.from.heirs--;
    this.prune(space.from);
  }

  private call(entry: Entry): void {
    const space = entry.by === undefined ? undefined : this.tasks.get(entry.by)?.space;
    const makes = entry.kind === code('mmap') || entry.kind === code('brk');
    if (space === undefined || (makes && this.things.hasObject(entry.object))) return;
    const alone = space.heirs === 0 && !space.tied.has(entry.object);
    if (alone && isWholeUnmap(entry, this.lengthOf(space, entry.object)))
      this.forgetObject(space, entry.object);
    else this.keepCall(space, entry, alone);
  }

  private keepCall(space: Space, entry: Entry, alone: boolean): void {
    // A heap is as long as the last brk says, however it came to that.
    if (entry.kind === code('brk') && alone) this.forgetObject(space, entry.object);
    const kept = this.entries.keep(entry);
    space.entries.add(kept);
    this.tasks.get(entry.by!)!.made++;
    if (entry.kind === code('mremap_fixed') || entry.kind === code('vma_split'))
      for (const tied of [entry.object, entry.a]) space.tied.add(tied);
    const about = space.byObject.get(entry.object) ?? new Set();
    about.add(kept);
    space.byObject.set(entry.object, about);
  }

  private forgetObject(space: Space, object: number): void {
    const about = space.byObject.get(object) ?? [];
    this.entries.drop(about);
    for (const entry of about) space.entries.delete(entry);
    space.byObject.delete(object);
  }

  /** Undefined when it is not known, or has changed. */
  private lengthOf(space: Space, object: number): number | undefined {
    const made = [...(space.byObject.get(object) ?? [])].map((entry) => this.entries.get(entry)!);
    const [first, ...others] = made.filter(({ kind }) => LENGTHS.has(kind));
    return first?.kind === code('mmap') && others.length === 0 ? first.a : undefined;
  }
}

function newSpace(from: Space | undefined): Space {
  if (from !== undefined) from.heirs++;
  return {
    entries: new Set(),
    byObject: new Map(),
    tied: new Set(),
    users: 1,
    heirs: 0,
    from,
  };
}

/** `length`: of the object, if that is known. */
function isWholeUnmap({ kind, a: offset, b: bytes }: Entry, length: number | undefined): boolean {
  if (kind !== code('munmap') || offset !== 0) return false;
  return bytes === 0 || (length !== undefined && bytes >= length);
}
