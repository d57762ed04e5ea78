/**
 * What a slice that begins in the middle of a trace needs to know: the things that are alive there, told by the events that
 * made them what they are. Events whose effect is gone are left out: objects freed before, address spaces that nobody
 * uses or has inherited from any more, ranges that were unmapped. What is kept is in its recorded order, each call on its
 * cpu by its process, and takes no time between.
 *
 * Not told, for it would be half of the trace: what was touched. Pages come in, and caches fill, anew.
 * A cpu that ran no process any more may go on with one that ran there before.
 */

import { type Batch, BatchBuilder } from '../../core/event/batch.ts';
import { CLONE_VM } from '../../core/event/clone-flags.ts';
import { transferDevice } from '../../core/event/dma-flags.ts';
import { EVENT_KINDS, type KindName } from '../../core/event/kinds.ts';
import { kindOf } from '../../core/event/vocabulary.ts';

/** An event that is kept. */
interface Entry {
  readonly kind: number;
  readonly cpu: number;
  /** The process that asked for it; undefined: any may run there. */
  readonly by: number | undefined;
  readonly object: number;
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

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

/** A kernel object, cache, device or file: its making, and what goes with it. */
interface Thing {
  readonly made: number;
  readonly with: Set<number>;
  /** Things that were made of it and are alive: virtual mappings of its pages, objects of its cache. */
  dependants: number;
  readonly of: Thing | undefined;
}

const code = (kind: KindName): number => EVENT_KINDS[kind].code;
const codes = (...kinds: readonly KindName[]): ReadonlySet<number> => new Set(kinds.map(code));

const FORGOTTEN = codes('access', 'file_read', 'file_drop', 'dma_sync');
/** What ends a thing, by what makes it; another end is refused by the kernel, and changes nothing. */
const ENDED_BY: ReadonlyMap<number, number> = new Map(
  (
    [
      ['page_alloc', 'page_free'],
      ['kmalloc', 'kfree'],
      ['kmem_cache_alloc', 'kmem_cache_free'],
      ['vmalloc', 'vfree'],
      ['ioremap', 'iounmap'],
      ['vmap', 'vunmap'],
      ['vm_area', 'free_vm_area'],
      ['dma_alloc_coherent', 'dma_free_coherent'],
    ] as const
  ).map(([make, end]) => [code(make), code(end)]),
);
const ENDS: ReadonlySet<number> = new Set(ENDED_BY.values());
const WINDOWS = codes('kmap', 'kmap_local');
const WINDOW_ENDS: ReadonlyMap<number, number> = new Map([
  [code('kunmap'), code('kmap')],
  [code('kunmap_local'), code('kmap_local')],
]);
const DMA_MAPS = codes('dma_map_single', 'dma_map_page', 'dma_map_sg');
const SPACE_CALLS = codes(
  'mmap',
  'munmap',
  'brk',
  'mprotect',
  'mremap',
  'mremap_fixed',
  'madvise',
  'mlock',
  'munlock',
);
const CPUS = 256;

/** Takes in events one by one; `batches` tells what is alive then. */
export class Prologue {
  private readonly entries = new Map<number, Entry>();
  private next = 0;
  /** By number space: live things. */
  private readonly objects = new Map<number, Thing>();
  private readonly caches = new Map<number, Thing>();
  private readonly devices = new Map<number, Thing>();
  private readonly tasks = new Map<number, Task>();
  private readonly running = new Array<number | undefined>(CPUS).fill(undefined);

  /** Events that would be told now, but for switches. */
  get size(): number {
    return this.entries.size;
  }

  /** Adds event `at` of a batch. */
  add({ kind, cpu, object, a, b, c }: Batch, at: number): void {
    const what = kind[at]!;
    if (FORGOTTEN.has(what)) return;
    const on = cpu[at]!;
    const isCall = kindOf(what)?.row.systemCall === true;
    const by = isCall ? this.running[on] : undefined;
    this.take({ kind: what, cpu: on, by, object: object[at]!, a: a[at]!, b: b[at]!, c: c[at]! });
  }

  private take(entry: Entry): void {
    const { kind } = entry;
    if (ENDED_BY.has(kind)) this.make(entry);
    else if (ENDS.has(kind)) this.endObject(entry);
    else if (WINDOWS.has(kind) || DMA_MAPS.has(kind)) this.accompany(entry);
    else if (WINDOW_ENDS.has(kind)) this.endWindow(entry);
    else if (kind === code('dma_unmap')) this.endDma(entry);
    else if (SPACE_CALLS.has(kind)) this.call(entry);
    else this.takeOther(entry);
  }

  private takeOther(entry: Entry): void {
    const { kind } = entry;
    if (kind === SWITCH) this.switchTo(entry);
    else if (kind === code('kmem_cache_create')) this.begin(this.caches, entry, undefined);
    else if (kind === code('kmem_cache_destroy')) this.end(this.caches, entry);
    else if (kind === code('device')) this.begin(this.devices, entry, undefined);
    else if (kind === code('device_remove')) this.end(this.devices, entry);
    else this.takeTask(entry);
  }

  private switchTo({ cpu, object: pid }: Entry): void {
    if (this.tasks.has(pid)) this.running[cpu] = pid;
  }

  private takeTask(entry: Entry): void {
    const { kind } = entry;
    if (kind === code('spawn')) this.birth(entry, undefined, false);
    else if (kind === code('fork')) this.birth(entry, entry.by, false);
    else if (kind === code('clone')) this.birth(entry, entry.by, (entry.a & CLONE_VM) !== 0);
    else if (kind === code('exec')) this.exec(entry);
    else if (kind === EXIT) this.exit(entry);
    else this.keep(entry);
  }

  private keep(entry: Entry): number {
    this.entries.set(this.next, entry);
    return this.next++;
  }

  private drop(entries: Iterable<number>): void {
    for (const entry of entries) this.entries.delete(entry);
  }

  // Kernel objects, caches, devices

  private make(entry: Entry): void {
    const { kind, a } = entry;
    const of =
      kind === code('kmem_cache_alloc')
        ? this.caches.get(a)
        : kind === code('vmap')
          ? this.objects.get(a)
          : kind === code('dma_alloc_coherent')
            ? this.devices.get(a)
            : undefined;
    this.begin(this.objects, entry, of);
  }

  private begin(things: Map<number, Thing>, entry: Entry, of: Thing | undefined): void {
    // A number that is in use already is refused, and changes nothing.
    if (things.has(entry.object)) return;
    const made = this.keep(entry);
    if (of !== undefined) of.dependants++;
    things.set(entry.object, { made, with: new Set(), dependants: 0, of });
  }

  private endObject(entry: Entry): void {
    const made = this.entries.get(this.objects.get(entry.object)?.made ?? -1);
    if (made !== undefined && ENDED_BY.get(made.kind) === entry.kind) this.end(this.objects, entry);
  }

  private end(things: Map<number, Thing>, entry: Entry): void {
    const thing = things.get(entry.object);
    if (thing === undefined || thing.dependants > 0) {
      // What is made of it needs its beginning: both are told.
      if (thing !== undefined) this.keep(entry);
      things.delete(entry.object);
      return;
    }
    things.delete(entry.object);
    if (thing.of !== undefined) thing.of.dependants--;
    this.drop([thing.made, ...thing.with]);
  }

  /** A window on an object, or a mapping of it for a device. */
  private accompany(entry: Entry): void {
    const thing = this.objects.get(entry.object);
    // What processes have mapped may be mapped for a device too.
    if (thing !== undefined || DMA_MAPS.has(entry.kind)) {
      const kept = this.keep(entry);
      thing?.with.add(kept);
    }
  }

  private endWindow(entry: Entry): void {
    const begins = WINDOW_ENDS.get(entry.kind)!;
    this.endOne(entry, (other) => other.kind === begins && other.a === entry.a);
  }

  private endDma(entry: Entry): void {
    this.endOne(entry, (other) => {
      return DMA_MAPS.has(other.kind) && transferDevice(other.a) === entry.a && other.b === entry.b;
    });
  }

  /** The last that fits. */
  private endOne(entry: Entry, fits: (other: Entry) => boolean): void {
    const thing = this.objects.get(entry.object);
    const found = [...(thing?.with ?? [])].findLast((other) => fits(this.entries.get(other)!));
    if (found === undefined) return;
    thing!.with.delete(found);
    this.drop([found]);
  }

  // Processes and address spaces

  private birth(entry: Entry, parent: number | undefined, shares: boolean): void {
    const from = parent === undefined ? undefined : this.tasks.get(parent)?.space;
    const isRefused = entry.object === 0 || this.tasks.has(entry.object);
    if (isRefused || (from === undefined && entry.kind !== code('spawn'))) return;
    const kept = this.keep(entry);
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
    const kept = this.keep(entry);
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
      this.entries.delete(entry);
      space.entries.delete(entry);
    }
    space.entries.add(exec);
    space.byObject.clear();
    space.tied.clear();
  }

  private exit(entry: Entry): void {
    this.running[entry.cpu] = undefined;
    const task = entry.by === undefined ? undefined : this.tasks.get(entry.by);
    if (task === undefined) return;
    this.tasks.delete(entry.by!);
    const kept = this.keep(entry);
    task.born.entries.add(kept);
    this.leave(task.space);
    const { space, born, birth, isThread, made } = task;
    const isGone = space === born || (space.users === 0 && space.heirs === 0);
    if (!isThread || made > 0 || !isGone) return;
    // Nothing is left that it asked for: it need not have been.
    for (const end of [birth, kept]) born.entries.delete(end);
    this.drop([birth, kept]);
  }

  private leave(space: Space): void {
    space.users--;
    this.prune(space);
  }

  /** What nobody uses and nobody came from is not told at all. */
  private prune(space: Space): void {
    if (space.users > 0 || space.heirs > 0) return;
    this.drop(space.entries);
    if (space.from === undefined) return;
    space.from.heirs--;
    this.prune(space.from);
  }

  private call(entry: Entry): void {
    const space = entry.by === undefined ? undefined : this.tasks.get(entry.by)?.space;
    const makes = entry.kind === code('mmap') || entry.kind === code('brk');
    if (space === undefined || (makes && this.objects.has(entry.object))) return;
    const alone = space.heirs === 0 && !space.tied.has(entry.object);
    if (alone && isWholeUnmap(entry, this.lengthOf(space, entry.object)))
      this.forgetObject(space, entry.object);
    else this.keepCall(space, entry, alone);
  }

  private keepCall(space: Space, entry: Entry, alone: boolean): void {
    // A heap is as long as the last brk says, however it came to that.
    if (entry.kind === code('brk') && alone) this.forgetObject(space, entry.object);
    const kept = this.keep(entry);
    space.entries.add(kept);
    this.tasks.get(entry.by!)!.made++;
    if (entry.kind === code('mremap_fixed')) for (const tied of [entry.object, entry.a]) space.tied.add(tied);
    const about = space.byObject.get(entry.object) ?? new Set();
    about.add(kept);
    space.byObject.set(entry.object, about);
  }

  private forgetObject(space: Space, object: number): void {
    const about = space.byObject.get(object) ?? [];
    this.drop(about);
    for (const entry of about) space.entries.delete(entry);
    space.byObject.delete(object);
  }

  /** Undefined when it is not known, or has changed. */
  private lengthOf(space: Space, object: number): number | undefined {
    const made = [...(space.byObject.get(object) ?? [])].map((entry) => this.entries.get(entry)!);
    const [first, ...others] = made.filter(({ kind }) => LENGTHS.has(kind));
    return first?.kind === code('mmap') && others.length === 0 ? first.a : undefined;
  }

  /** The events that make what is alive, with the switches that they need; then each cpu runs what it ran. */
  *batches(): Generator<Batch> {
    const builder = new BatchBuilder();
    const runs = new Array<number | undefined>(CPUS).fill(undefined);
    for (const entry of [...this.entries.values(), ...this.lastSwitches()]) {
      const { kind, cpu, by, object, a, b, c } = entry;
      const isSwitch = kind === SWITCH;
      if (isSwitch && runs[cpu] === object) continue;
      if (by !== undefined && runs[cpu] !== by) {
        builder.push(SWITCH, cpu, 0, by, 0, 0, 0);
        runs[cpu] = by;
        if (builder.full) yield builder.take();
      }
      builder.push(kind, cpu, 0, object, a, b, c);
      if (builder.full) yield builder.take();
      if (isSwitch) runs[cpu] = object;
      else if (kind === EXIT) runs[cpu] = undefined;
    }
    if (builder.length > 0) yield builder.take();
  }

  private lastSwitches(): Entry[] {
    return this.running.flatMap((pid, cpu) =>
      pid === undefined || !this.tasks.has(pid)
        ? []
        : [{ kind: SWITCH, cpu, by: undefined, object: pid, a: 0, b: 0, c: 0 }],
    );
  }
}

const SWITCH = code('switch');
const EXIT = code('exit');
const LIVES = codes('spawn', 'fork', 'clone', 'exit');
/** Calls after which an object is as long as they say. */
const LENGTHS = codes('mmap', 'mremap', 'brk', 'munmap');

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
