/**
 * Records: what is known of processes, address spaces and files, as plain objects that immer freezes and shares.
 *
 * A fold works on plain copies of the records that it touches, one of each: whoever asks for a record gets that copy,
 * so that nobody holds one that is out of date. At the end what changed is written field by field into one immer
 * draft. A proxy for each access would cost more than the whole event (a page fault reads an address space some ten
 * times); a draft that lives as long as its `produce` costs a few microseconds a fold, and its patches say which
 * field of which process, which VMA, which file changed.
 */
import { enablePatches, freeze, type Patch, produce, produceWithPatches } from 'immer';
import { fail } from '../base/errors.ts';
import { firstPlace, type Part } from '../state/part.ts';
import { Moved } from './moved.ts';
import type { Vma } from './vma.ts';
import { vmaPatches } from './vma-patches.ts';
import { Vmas, type VmasEdit } from './vmas.ts';

enablePatches();

/** A process. */
export interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly mm: number;
  /** First frame of its kernel stack. */
  readonly stackPfn: number;
  /** signal->oom_score_adj, if it is not 0. */
  readonly oomScoreAdj?: number;
}

/** An address space (mm_struct). */
export interface Mm {
  readonly id: number;
  /** Row of its root page table in `tables`. */
  readonly root: number;
  readonly vmas: Vmas;
  /** Object number of the heap, -1 when nothing of it is mapped. */
  readonly heap: number;
  /** Pages from the heap's beginning to where brk has moved its end (mm->brk), whatever lies there. */
  readonly heapPages: number;
  /** Page above the last mapping placed with PLACE_TEXT or PLACE_PIE. */
  readonly textEnd: number;
  /** Where page 0 of an object lies here, of objects that were moved (mremap). */
  readonly moved: Moved;
  /** Last-level tables of the kernel's half that its page tables lead to: the first so many, and these. */
  readonly kernelTables: number;
  readonly faultedTables: readonly number[];
  /** Processes and threads that run in it (mm_users). */
  readonly users: number;
}

/** A file, or the hidden file behind a shared anonymous mapping. Its pages own slots of the page cache. */
export interface FileRecord {
  readonly id: number;
  readonly lengthBytes: number;
  readonly nrPages: number;
  /** First of its `nrPages` rows of the `pageCache` table. */
  readonly firstSlot: number;
  /** Anonymous shared memory: absent pages are zero, not on disk. */
  readonly shmem: boolean;
  /** Mappings of it, over all processes. */
  readonly mappings: number;
}

/** What immer keeps. Keys are numbers. */
export interface Records {
  readonly processes: Readonly<Record<number, Process>>;
  readonly mms: Readonly<Record<number, Mm>>;
  readonly files: Readonly<Record<number, FileRecord>>;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };
type WritableRecords = { [K in keyof Records]: Record<number, Writable<Records[K][number]>> };
/** An address space open for change. */
export type MmDraft = { -readonly [K in keyof Mm]: K extends 'vmas' ? VmasEdit : Mm[K] };

/** The records as a part of the machine. The digest counts each kind under a number of its own, from `number` on. */
export function records(number: number): Part<Records, RecordsDraft> {
  return {
    number,
    begin: () => ({ processes: {}, mms: {}, files: {} }),
    open: (sealed) => new RecordsDraft(sealed),
    seal: (open, patches) => open.seal(patches),
    addTo(digest, sealed) {
      const kinds: readonly Readonly<Record<number, object>>[] = [sealed.processes, sealed.mms, sealed.files];
      kinds.forEach((kind, i) => {
        for (const record of Object.values(kind))
          digest.addText(firstPlace(number + i), JSON.stringify(record));
      });
    },
    write: (to, sealed) => to.text(JSON.stringify(sealed)),
    read: (from) => freeze(recordsOf(JSON.parse(from.text()) as WrittenRecords), true),
  };
}

/** Records as JSON has them. */
type WrittenRecords = Omit<Records, 'mms'> & {
  readonly mms: Readonly<Record<number, Omit<Mm, 'vmas' | 'moved'> & WrittenTrees>>;
};
interface WrittenTrees {
  readonly vmas: readonly Vma[];
  readonly moved: Readonly<Record<number, number>>;
}

function recordsOf({ processes, mms, files }: WrittenRecords): Records {
  const opened = Object.entries(mms).map(([id, mm]) => {
    const trees = { vmas: Vmas.of(mm.vmas), moved: Moved.fromJSON(mm.moved) };
    return [id, { ...mm, ...trees }] as const;
  });
  return { processes, mms: Object.fromEntries(opened), files };
}

/** The records open for change. */
export class RecordsDraft {
  private readonly base: Records;
  private readonly processes: WorkingCopies<Process, Process>;
  private readonly mms: WorkingCopies<Mm, MmDraft>;
  private readonly files: WorkingCopies<FileRecord, Writable<FileRecord>>;
  /** The address space that was opened for writing last: events come in runs of one process. */
  private edited: MmDraft | undefined = undefined;

  constructor(base: Records) {
    this.base = base;
    this.processes = new WorkingCopies(base.processes, (process) => process);
    this.mms = new WorkingCopies(base.mms, copyMm);
    this.files = new WorkingCopies(base.files, copyFile);
  }

  process(pid: number): Process | undefined {
    return this.processes.get(pid);
  }

  /** Every process, and every address space, ascending. */
  pids(): number[] {
    return this.processes.ids();
  }

  mmIds(): number[] {
    return this.mms.ids();
  }

  setProcess(pid: number, process: Process | undefined): void {
    this.processes.set(pid, process);
  }

  /** The address space, for reading. */
  mm(id: number): Mm {
    if (this.edited?.id === id) return this.edited;
    const mm = this.mms.get(id);
    if (mm === undefined) fail(`no address space ${id}`);
    return mm;
  }

  /** The same, ours to write: its VMAs too. */
  editMm(id: number): MmDraft {
    if (this.edited?.id === id) return this.edited;
    const mm = this.mms.get(id);
    if (mm === undefined) fail(`no address space ${id}`);
    if (this.mms.claim(id)) mm.vmas = mm.vmas.edit();
    this.edited = mm;
    return mm;
  }

  setMm(id: number, mm: MmDraft | undefined): void {
    this.edited = mm;
    this.mms.set(id, mm);
  }

  file(id: number): FileRecord | undefined {
    return this.files.get(id);
  }

  setFile(id: number, file: FileRecord | undefined): void {
    this.files.set(id, file);
  }

  seal(patches: Patch[] | undefined): Records {
    const kinds = [this.processes, this.mms, this.files];
    if (!kinds.some(({ isChanged }) => isChanged)) return this.base;
    this.mms.forEachChanged((mm: Writable<Mm>) => {
      mm.vmas = (mm.vmas as VmasEdit).seal();
    });
    const recipe = (draft: WritableRecords): void => {
      if (this.processes.isChanged) this.processes.writeTo(draft.processes);
      if (this.mms.isChanged) this.mms.writeTo(draft.mms);
      if (this.files.isChanged) this.files.writeTo(draft.files);
    };
    if (patches === undefined) return produce(this.base, recipe);
    const [sealed, told] = produceWithPatches(this.base, recipe);
    for (const patch of told) patches.push(...this.inParts(patch, sealed));
    return sealed;
  }

  /** Of VMAs each that changed is told. */
  private inParts(patch: Patch, sealed: Records): Patch[] {
    const [kind, id, field] = patch.path;
    if (kind !== 'mms' || field !== 'vmas') return [patch];
    return vmaPatches(patch.path, this.base.mms[Number(id)]!.vmas, sealed.mms[Number(id)]!.vmas);
  }
}

// Every field by name: a spread object is slower to make, and to read ever after.

function copyMm(mm: Mm): MmDraft {
  const { id, root, vmas, heap, heapPages, textEnd, moved, kernelTables, faultedTables, users } = mm;
  return {
    id,
    root,
    // Open once somebody is to change it.
    vmas: vmas as VmasEdit,
    heap,
    heapPages,
    textEnd,
    moved,
    kernelTables,
    faultedTables,
    users,
  };
}

function copyFile({
  id,
  lengthBytes,
  nrPages,
  firstSlot,
  shmem,
  mappings,
}: FileRecord): Writable<FileRecord> {
  return { id, lengthBytes, nrPages, firstSlot, shmem, mappings };
}

/** One copy of each record that a fold touches, and which of them it changed. */
class WorkingCopies<T extends object, Copy extends object> {
  private readonly base: Readonly<Record<number, T>>;
  private readonly copyOf: (record: T) => Copy;
  private readonly copies = new Map<number, Copy | undefined>();
  private readonly changed = new Set<number>();

  constructor(base: Readonly<Record<number, T>>, copyOf: (record: T) => Copy) {
    this.base = base;
    this.copyOf = copyOf;
  }

  get isChanged(): boolean {
    return this.changed.size > 0;
  }

  get(id: number): Copy | undefined {
    const copy = this.copies.get(id);
    if (copy !== undefined || this.copies.has(id)) return copy;
    const record = this.base[id];
    if (record === undefined) return undefined;
    const made = this.copyOf(record);
    this.copies.set(id, made);
    return made;
  }

  /** Notes that the copy is changed; true the first time. */
  claim(id: number): boolean {
    if (this.changed.has(id)) return false;
    this.changed.add(id);
    return true;
  }

  set(id: number, copy: Copy | undefined): void {
    this.copies.set(id, copy);
    this.changed.add(id);
  }

  ids(): number[] {
    const untouched = Object.keys(this.base).map(Number);
    const live = untouched.filter((id) => !this.copies.has(id));
    for (const [id, copy] of this.copies) if (copy !== undefined) live.push(id);
    return live.sort((a, b) => a - b);
  }

  forEachChanged(visit: (copy: Copy) => void): void {
    for (const id of this.changed) {
      const copy = this.copies.get(id);
      if (copy !== undefined) visit(copy);
    }
  }

  /** Writes what changed into a draft of the records. */
  writeTo(target: Record<number, Writable<T>>): void {
    for (const id of this.changed) {
      const copy = this.copies.get(id) as Writable<T> | undefined;
      const before = this.base[id];
      if (copy === undefined) delete target[id];
      else if (before === undefined) target[id] = copy;
      else writeFields(target[id]!, before, copy);
    }
  }
}

/** Fields that are not what they were, or are there no more. */
function writeFields<T extends object>(target: Writable<T>, before: T, after: Writable<T>): void {
  for (const field of Object.keys(before) as (keyof T)[]) if (!(field in after)) delete target[field];
  for (const field of Object.keys(after) as (keyof T)[])
    if (before[field] !== after[field]) target[field] = after[field];
}
