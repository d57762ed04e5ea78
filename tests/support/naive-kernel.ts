/**
 * Processes the slow way: mappings in a plain list, every page of every process in a map with a name for what it
 * contains. Pages with the same content name are one frame; a private store gives a page a name of its own. Memory
 * is taken to be endless. One event at a time.
 */

import { CONTINUED, EXECUTE, KERNEL_MODE, OPERATION_MASK, READ } from '../../core/event/access-mode.ts';
import { CLONE_VM } from '../../core/event/clone-flags.ts';
import type { KindName, MemoryEvent } from '../../core/event/kinds.ts';
import {
  MADV_DONTNEED,
  MADV_HUGEPAGE,
  MADV_NOHUGEPAGE,
  MADV_WILLNEED,
  MAP_POPULATE,
  MAP_SHARED,
  MREMAP_MAYMOVE,
  PLACE_MASK,
  PLACE_PIE,
  PLACE_STACK,
  PLACE_TEXT,
  PLACE_VDSO,
  PROT_EXEC,
  PROT_MASK,
  PROT_READ,
  PROT_WRITE,
} from '../../core/event/mmap-flags.ts';
import type { Layout } from '../../core/layout/layout.ts';
import type { FAULT_NAMES, StatusName } from '../../core/outcome.ts';
import type { MmuGeometry } from '../../core/paging/geometry.ts';
import { VM_DONTEXPAND, VM_GROWSDOWN, VM_HUGEPAGE, VM_LOCKED, VM_NOHUGEPAGE } from '../../core/vm/vma.ts';
import { type NaiveCpu as Cpu, NaiveCpus } from './naive-cpus.ts';

type NaiveCpu = Cpu<NaiveProcess>;
type Fault = (typeof FAULT_NAMES)[number];

interface NaivePage {
  readonly content: string;
  writable: boolean;
  dirty: boolean;
  /** The process's own: no other has seen it since it was written. */
  own: boolean;
}

interface NaiveMapping {
  readonly start: number;
  readonly end: number;
  readonly object: number;
  /** Page of the object at `start`. */
  readonly objectPage: number;
  readonly prot: number;
  readonly flags: number;
  readonly shared: boolean;
  readonly file: NaiveFile | undefined;
}

interface NaivePart {
  readonly mapping: NaiveMapping;
  /** Pages [from, to); page 0 of the object would lie at `base`. */
  readonly from: number;
  readonly to: number;
  readonly base: number;
}

interface NaiveRange {
  readonly process: NaiveProcess;
  readonly parts: readonly NaivePart[];
  readonly reached: readonly NaivePart[];
  readonly whole: boolean;
}

interface NaiveFile {
  readonly name: string;
  readonly pages: number;
  readonly bytes: number;
  readonly onDisk: boolean;
  readonly cached: Set<number>;
}

interface NaiveProcess {
  mappings: NaiveMapping[];
  pages: Map<number, NaivePage>;
  heap: number;
  textEnd: number;
}

export interface NaiveOutcome {
  status: StatusName;
  /** First page, where something was mapped. */
  vpn: number;
  fault: Fault;
}

const MAP_MIN_PAGES = 16;
const GUARD_PAGES = 256;
const STACK_LIMIT_PAGES = 2048;
const FIRST_STACK_PAGES = 33;

/** Refuses an event. */
class Refused extends Error {
  readonly status: StatusName;

  constructor(status: StatusName) {
    super(status);
    this.status = status;
  }
}

function refuseIf(condition: boolean, status: StatusName): void {
  if (condition) throw new Refused(status);
}

/** The kinds of event that this model knows. */
export const USER_KINDS = [
  'spawn',
  'fork',
  'clone',
  'exec',
  'exit',
  'switch',
  'mmap',
  'munmap',
  'brk',
  'mprotect',
  'mremap',
  'mremap_fixed',
  'madvise',
  'mlock',
  'munlock',
  'file',
  'file_read',
  'file_drop',
  'access',
] as const satisfies readonly KindName[];
type UserKind = (typeof USER_KINDS)[number];
/** What no process asks for in user mode: the rest are system calls. */
const NOT_CALLED: readonly KindName[] = ['spawn', 'switch', 'file', 'file_drop', 'access'];
type Rules = { readonly [K in UserKind]: (cpu: NaiveCpu, event: Extract<MemoryEvent, { kind: K }>) => void };

export class NaiveKernel {
  readonly processes = new Map<number, NaiveProcess>();
  readonly faults = new Map<Fault, number>();
  readonly cpus: NaiveCpus<NaiveProcess>;
  references = 0;
  private readonly files = new Map<number, NaiveFile>();
  private readonly layout: Layout;
  private readonly mmu: MmuGeometry;
  private copies = 0;
  private vpn = 0;
  private fault: Fault = 'none';
  private faultsTaken = 0;

  private readonly rules: Rules = {
    spawn: (_, { pid }) => this.spawn(pid),
    fork: (cpu, { pid }) => this.fork(cpu, pid),
    clone: (cpu, { pid, cloneFlags }) => this.clone(cpu, pid, (cloneFlags & CLONE_VM) !== 0),
    exec: (cpu) => this.exec(cpu),
    exit: (cpu) => this.exit(cpu),
    switch: (cpu, { pid }) => this.switchTo(cpu, pid),
    mmap: (cpu, { object, length, flags, file }) => this.mmap(cpu, object, length, flags, file),
    munmap: (cpu, { object, offset, length }) => this.munmap(cpu, object, offset, length),
    brk: (cpu, { object, length }) => this.brk(cpu, object, length),
    mprotect: (cpu, { object, offset, length, prot }) =>
      this.mprotect(cpu, object, offset, length, prot & PROT_MASK),
    mremap: (cpu, { object, length, mremapFlags }) =>
      this.mremap(cpu, object, length, (mremapFlags & MREMAP_MAYMOVE) !== 0),
    mremap_fixed: (cpu, { object, over, offset }) => this.mremapFixed(cpu, object, over, offset),
    madvise: (cpu, { object, offset, length, advice }) => this.madvise(cpu, object, offset, length, advice),
    mlock: (cpu, { object, offset, length }) => this.mlock(cpu, object, offset, length),
    munlock: (cpu, { object, offset, length }) => this.munlock(cpu, object, offset, length),
    file: (_, { file, length }) => this.newFile(file, length),
    file_read: (_, { file, offset, length }) => this.readFile(file, offset, length),
    file_drop: (_, { file }) => this.dropFile(file),
    access: (cpu, { object, offset, size, mode }) => this.access(cpu, object, offset, size, mode),
  };

  constructor(layout: Layout, mmu: MmuGeometry) {
    this.layout = layout;
    this.mmu = mmu;
    this.cpus = new NaiveCpus(mmu, layout.cpus);
  }

  apply(event: MemoryEvent): NaiveOutcome {
    this.vpn = 0;
    this.fault = 'none';
    this.faultsTaken = 0;
    const cpu = this.cpus.cpu(event.cpu);
    const isCall = !NOT_CALLED.includes(event.kind);
    if (isCall) this.cpus.switchRoot(cpu, true);
    if (event.kind !== 'access') this.cpus.switchRoot(cpu, false);
    if (event.kind === 'access' && (event.mode & CONTINUED) === 0) this.references++;
    try {
      const rule = this.rules[event.kind as UserKind] as (cpu: NaiveCpu, event: MemoryEvent) => void;
      rule(cpu, event);
      return { status: 'ok', vpn: this.vpn, fault: this.fault };
    } catch (refused) {
      if (!(refused instanceof Refused)) throw refused;
      return { status: refused.status, vpn: 0, fault: this.fault };
    } finally {
      for (const process of this.processes.values()) process.mappings = mergeAlike(process.mappings);
      if (isCall) this.cpus.switchRoot(cpu, true);
    }
  }

  // Processes

  private spawn(pid: number): void {
    refuseIf(pid === 0 || this.processes.has(pid), 'exists');
    this.processes.set(pid, { mappings: [], pages: new Map(), heap: 0, textEnd: 0 });
  }

  private fork(cpu: NaiveCpu, pid: number): void {
    const parent = running(cpu);
    this.spawn(pid);
    const child = this.processes.get(pid)!;
    Object.assign(child, { heap: parent.heap, textEnd: parent.textEnd });
    child.mappings = parent.mappings.map((one) => ({ ...one, flags: one.flags & ~VM_LOCKED }));
    for (const [vpn, page] of parent.pages) {
      if (mappingAt(parent, vpn)!.shared) continue;
      page.writable = false;
      page.own = false;
      child.pages.set(vpn, { ...page });
    }
    this.cpus.flush(cpu, parent);
  }

  /** Threads are one process under several numbers. */
  private clone(cpu: NaiveCpu, pid: number, shares: boolean): void {
    if (!shares) {
      this.fork(cpu, pid);
      return;
    }
    const parent = running(cpu);
    refuseIf(pid === 0 || this.processes.has(pid), 'exists');
    this.processes.set(pid, parent);
  }

  private isShared(process: NaiveProcess): boolean {
    return [...this.processes.values()].filter((one) => one === process).length > 1;
  }

  private exec(cpu: NaiveCpu): void {
    const process = running(cpu);
    if (this.isShared(process)) {
      const { pid } = cpu;
      this.processes.delete(pid);
      this.spawn(pid);
      for (const other of this.cpus.running(pid)) this.cpus.load(other, this.processes.get(pid), pid);
      return;
    }
    Object.assign(process, { mappings: [], pages: new Map(), heap: 0, textEnd: 0 });
    this.cpus.flush(cpu, process);
  }

  private exit(cpu: NaiveCpu): void {
    const process = running(cpu);
    const { pid } = cpu;
    if (this.isShared(process))
      for (const other of this.cpus.running(pid)) this.cpus.load(other, undefined, 0);
    else this.cpus.forget(cpu, process);
    this.processes.delete(pid);
  }

  private switchTo(cpu: NaiveCpu, pid: number): void {
    const process = this.processes.get(pid);
    this.cpus.load(cpu, process, pid);
    refuseIf(process === undefined && pid !== 0, 'no-process');
  }

  // Files, and shared memory that is a file without a disk

  private newFile(id: number, bytes: number): void {
    refuseIf(id === 0 || this.files.has(id), 'exists');
    this.files.set(id, this.fileOf(`file ${id}`, bytes, true));
  }

  private fileOf(name: string, bytes: number, onDisk: boolean): NaiveFile {
    return { name, bytes, pages: Math.max(1, this.pagesOf(bytes)), onDisk, cached: new Set() };
  }

  private readFile(id: number, offset: number, length: number): void {
    const file = this.files.get(id);
    if (file === undefined) throw new Refused('no-object');
    for (let page = 0; page < file.pages; page++) {
      const pageBytes = 2 ** this.mmu.pageShift;
      if (page * pageBytes < offset + length && (page + 1) * pageBytes > offset) file.cached.add(page);
    }
    refuseIf(offset >= file.bytes, 'no-mapping');
  }

  private dropFile(id: number): void {
    const file = this.files.get(id);
    if (file === undefined) throw new Refused('no-object');
    const mapped = new Set(
      [...this.processes.values()].flatMap(({ pages }) => [...pages.values()]).map((p) => p.content),
    );
    for (const page of file.cached) if (!mapped.has(`${file.name} page ${page}`)) file.cached.delete(page);
  }

  // Mappings

  private mmap(cpu: NaiveCpu, object: number, bytes: number, flags: number, fileId: number): void {
    const process = running(cpu);
    refuseIf(this.isAlive(object), 'exists');
    refuseIf(fileId !== 0 && !this.files.has(fileId), 'no-object');
    const pages = Math.max(1, this.pagesOf(bytes));
    const where = flags & PLACE_MASK;
    const mapped = where === PLACE_STACK ? Math.min(pages, FIRST_STACK_PAGES) : pages;
    const first = this.place(process, where, mapped);
    const start = first + mapped - pages;
    refuseIf(start < 0, 'user-space');
    const shared = (flags & MAP_SHARED) !== 0;
    // A name of its own: shared memory ends with its last mapping, and the object's number may come again.
    const memory = shared ? this.fileOf(`memory ${++this.copies}`, bytes, false) : undefined;
    const file = this.files.get(fileId) ?? memory;
    const prot = flags & PROT_MASK;
    const vmFlags = where === PLACE_STACK ? VM_GROWSDOWN : where === PLACE_VDSO ? VM_DONTEXPAND : 0;
    const end = start + pages;
    process.mappings.push({
      start: first,
      end,
      object,
      objectPage: first - start,
      prot,
      flags: vmFlags,
      shared,
      file,
    });
    if (where === PLACE_TEXT || where === PLACE_PIE) process.textEnd = end;
    this.vpn = start;
    if ((flags & MAP_POPULATE) !== 0) this.populate(process, first, end);
  }

  private munmap(cpu: NaiveCpu, object: number, offset: number, bytes: number): void {
    const process = running(cpu);
    refuseIf(!this.isAlive(object), 'no-object');
    const pageBytes = 2 ** this.mmu.pageShift;
    const end = bytes === 0 ? Number.POSITIVE_INFINITY : Math.ceil((offset + bytes) / pageBytes);
    refuseIf(!this.unmap(cpu, process, object, Math.floor(offset / pageBytes), end), 'no-mapping');
  }

  /** Unmaps pages [first, end) of an object, mapping by mapping; false when there is none. */
  private unmap(cpu: NaiveCpu, process: NaiveProcess, object: number, first: number, end: number): boolean {
    let found = false;
    for (const mapping of process.mappings.slice().sort((a, b) => a.start - b.start)) {
      const base = mapping.start - mapping.objectPage;
      const from = Math.max(mapping.start, base + first);
      const to = Math.min(mapping.end, base + end);
      if (mapping.object !== object || from >= to) continue;
      found = true;
      for (let vpn = from; vpn < to; vpn++) process.pages.delete(vpn);
      process.mappings = process.mappings.filter((other) => other !== mapping);
      if (mapping.start < from) process.mappings.push({ ...mapping, end: from });
      if (to < mapping.end)
        process.mappings.push({ ...mapping, start: to, objectPage: mapping.objectPage + to - mapping.start });
      this.cpus.flush(cpu, process, from, to - from);
    }
    return found;
  }

  /** Pages [first, end) of an object, part by part; those before the first hole; and whether there is none. */
  private range(cpu: NaiveCpu, object: number, offset: number, bytes: number): NaiveRange {
    const process = running(cpu);
    refuseIf(!this.isAlive(object), 'no-object');
    const pageBytes = 2 ** this.mmu.pageShift;
    const first = Math.floor(offset / pageBytes);
    const end = bytes === 0 ? Number.POSITIVE_INFINITY : Math.ceil((offset + bytes) / pageBytes);
    const parts = process.mappings
      .filter((one) => one.object === object)
      .sort((a, b) => a.start - b.start)
      .map((mapping) => {
        const base = mapping.start - mapping.objectPage;
        return {
          mapping,
          from: Math.max(mapping.start, base + first),
          to: Math.min(mapping.end, base + end),
          base,
        };
      })
      .filter(({ from, to }) => from < to);
    refuseIf(parts.length === 0, 'no-mapping');
    let next = first;
    const reached = parts.filter(({ from, to, base }) => {
      if (from - base !== next) return false;
      next = to - base;
      return true;
    });
    const last = parts[parts.length - 1]!;
    const whole = reached.length === parts.length && (bytes === 0 || last.to - last.base === end);
    return { process, parts, reached, whole };
  }

  /** Splits a part off its mapping, and changes it. */
  private change(
    process: NaiveProcess,
    { mapping, from, to }: NaivePart,
    changes: Partial<NaiveMapping>,
  ): void {
    const at = (start: number, end: number): NaiveMapping => ({
      ...mapping,
      start,
      end,
      objectPage: mapping.objectPage + start - mapping.start,
    });
    const current = process.mappings.find(({ start, end }) => start <= from && to <= end)!;
    process.mappings = process.mappings.filter((one) => one !== current);
    if (current.start < from) process.mappings.push(at(current.start, from));
    process.mappings.push({ ...at(from, to), ...changes });
    if (to < current.end) process.mappings.push(at(to, current.end));
  }

  private mprotect(cpu: NaiveCpu, object: number, offset: number, bytes: number, prot: number): void {
    const { process, reached, whole } = this.range(cpu, object, offset, bytes);
    const changed: number[] = [];
    for (const part of reached) {
      const { shared, prot: before } = part.mapping;
      this.change(process, part, { prot });
      for (let vpn = part.from; vpn < part.to; vpn++) {
        const page = process.pages.get(vpn);
        if (page === undefined) continue;
        const writable = (prot & PROT_WRITE) !== 0 && (shared || (page.own && page.dirty));
        const lessOrOther =
          before !== 0 && this.rights(before, page.writable) !== this.rights(prot, writable);
        if (lessOrOther) changed.push(vpn);
        page.writable = writable;
      }
    }
    if (changed.length > 0) {
      const first = Math.min(...changed);
      this.cpus.flush(cpu, process, first, Math.max(...changed) + 1 - first);
    }
    refuseIf(!whole, 'no-mapping');
  }

  /** What the hardware sees of a page's rights. */
  private rights(prot: number, writable: boolean): string {
    if (prot === 0) return 'none';
    return `${writable ? 'w' : 'r'}${this.mmu.nx && (prot & PROT_EXEC) === 0 ? '' : 'x'}`;
  }

  private madvise(cpu: NaiveCpu, object: number, offset: number, bytes: number, advice: number): void {
    const { process, parts, whole } = this.range(cpu, object, offset, bytes);
    const known: readonly number[] = [0, 1, 2, MADV_WILLNEED, MADV_DONTNEED, MADV_HUGEPAGE, MADV_NOHUGEPAGE];
    refuseIf(!known.includes(advice), 'invalid');
    for (const part of parts) {
      const { mapping, from, to, base } = part;
      if (advice === MADV_DONTNEED) {
        refuseIf((mapping.flags & VM_LOCKED) !== 0, 'invalid');
        for (let vpn = from; vpn < to; vpn++) process.pages.delete(vpn);
        this.cpus.flush(cpu, process, from, to - from);
      } else if (advice === MADV_WILLNEED && mapping.file?.onDisk) {
        for (let page = from - base; page < Math.min(to - base, mapping.file.pages); page++)
          mapping.file.cached.add(page);
      } else if (advice === MADV_HUGEPAGE)
        this.change(process, part, { flags: (mapping.flags & ~VM_NOHUGEPAGE) | VM_HUGEPAGE });
      else if (advice === MADV_NOHUGEPAGE)
        this.change(process, part, { flags: (mapping.flags & ~VM_HUGEPAGE) | VM_NOHUGEPAGE });
    }
    refuseIf(!whole, 'no-mapping');
  }

  private mlock(cpu: NaiveCpu, object: number, offset: number, bytes: number): void {
    const { process, parts, reached, whole } = this.range(cpu, object, offset, bytes);
    for (const part of reached) this.change(process, part, { flags: part.mapping.flags | VM_LOCKED });
    refuseIf(!whole, 'no-mapping');
    for (const { mapping, from, to } of parts) {
      refuseIf(mapping.prot === 0, 'protection');
      this.populate(process, from, to);
    }
  }

  private munlock(cpu: NaiveCpu, object: number, offset: number, bytes: number): void {
    const { process, reached, whole } = this.range(cpu, object, offset, bytes);
    for (const part of reached) this.change(process, part, { flags: part.mapping.flags & ~VM_LOCKED });
    refuseIf(!whole, 'no-mapping');
  }

  /** Private memory is written to, shared memory read; what may not be touched is left out. */
  private populate(process: NaiveProcess, start: number, end: number): void {
    for (let vpn = start; vpn < end; vpn++) {
      const { prot, shared } = mappingAt(process, vpn)!;
      if (prot !== 0) this.touch(process, vpn, !shared && (prot & PROT_WRITE) !== 0);
    }
  }

  private mremap(cpu: NaiveCpu, object: number, bytes: number, mayMove: boolean): void {
    const process = running(cpu);
    refuseIf(!this.isAlive(object), 'no-object');
    const mine = process.mappings.filter((one) => one.object === object).sort((a, b) => a.start - b.start);
    const last = mine[mine.length - 1];
    if (last === undefined) throw new Refused('no-mapping');
    refuseIf(bytes === 0 || object === process.heap, 'invalid');
    const base = last.start - last.objectPage;
    const end = base + this.pagesOf(bytes);
    refuseIf(this.pagesOf(bytes) <= mine[0]!.objectPage, 'invalid');
    if (end <= last.end) {
      this.unmap(cpu, process, object, this.pagesOf(bytes), Number.POSITIVE_INFINITY);
      this.vpn = base;
      return;
    }
    refuseIf(mine.length > 1 || (last.flags & VM_DONTEXPAND) !== 0, 'no-mapping');
    const whole = last;
    const others = process.mappings.filter((one) => one.object !== object);
    if (this.isFree(process, last.end, end)) {
      process.mappings = [...others, { ...whole, end }];
      if ((last.flags & VM_LOCKED) !== 0) this.populate(process, last.end, end);
      this.vpn = base;
      return;
    }
    const length = end - whole.start;
    const to = mayMove ? this.anywhere(process, length) : undefined;
    if (to === undefined) throw new Refused('user-space');
    this.move(cpu, process, whole, to, length);
    if ((last.flags & VM_LOCKED) !== 0) this.populate(process, to + last.end - whole.start, to + length);
  }

  private mremapFixed(cpu: NaiveCpu, object: number, over: number, offset: number): void {
    const process = running(cpu);
    refuseIf(!this.isAlive(object) || !this.isAlive(over), 'no-object');
    const mine = process.mappings.filter((one) => one.object === object);
    const overBase = this.naiveBase(process, over);
    if (mine.length !== 1 || overBase === undefined) throw new Refused('no-mapping');
    const whole = mine[0]!;
    const length = whole.end - whole.start;
    const to = overBase + offset / 2 ** this.mmu.pageShift;
    refuseIf(offset % 2 ** this.mmu.pageShift !== 0 || object === process.heap, 'invalid');
    refuseIf(to < whole.end && to + length > whole.start, 'invalid');
    refuseIf(to < MAP_MIN_PAGES || to + length > this.page(this.layout.taskSize), 'invalid');
    for (const hit of new Set(
      process.mappings.filter((one) => one.start < to + length && one.end > to).map((one) => one.object),
    )) {
      const base = this.naiveBase(process, hit)!;
      this.unmap(cpu, process, hit, to - base, to + length - base);
    }
    this.move(cpu, process, whole, to, length);
  }

  private naiveBase(process: NaiveProcess, object: number): number | undefined {
    const found = process.mappings.find((one) => one.object === object);
    return found && found.start - found.objectPage;
  }

  /** The pages of a mapping go with it; it then has `length` pages. */
  private move(cpu: NaiveCpu, process: NaiveProcess, whole: NaiveMapping, to: number, length: number): void {
    const moved: [number, NaivePage][] = [];
    for (let vpn = whole.start; vpn < whole.end; vpn++) {
      const page = process.pages.get(vpn);
      if (page !== undefined) moved.push([to + vpn - whole.start, page]);
      process.pages.delete(vpn);
    }
    for (const [vpn, page] of moved) process.pages.set(vpn, page);
    process.mappings = process.mappings.filter((one) => one.object !== whole.object);
    process.mappings.push({ ...whole, start: to, end: to + length });
    this.cpus.flush(cpu, process, whole.start, whole.end - whole.start);
    this.vpn = to - whole.objectPage;
  }

  private anywhere(process: NaiveProcess, pages: number): number | undefined {
    const [base, top] = [this.page(this.layout.mmapBase), this.page(this.layout.stackTop)];
    const legacyBase = this.page(top3(this.layout.stackTop));
    return this.highest(process, pages, MAP_MIN_PAGES, base) ?? this.lowest(process, pages, legacyBase, top);
  }

  private brk(cpu: NaiveCpu, object: number, bytes: number): void {
    const process = running(cpu);
    const pages = this.pagesOf(bytes);
    // munmap may have cut holes into it, or taken it away.
    const heap = process.mappings.filter((mapping) => mapping.object === process.heap);
    refuseIf(heap.length > 0 && process.heap !== object, 'exists');
    if (heap.length > 0) this.resizeHeap(cpu, process, heap, pages);
    else if (pages > 0) this.newHeap(process, object, pages);
  }

  private newHeap(process: NaiveProcess, object: number, pages: number): void {
    refuseIf(this.isAlive(object), 'exists');
    const start = process.textEnd || this.page(this.pieBase() + 4095n);
    refuseIf(!this.hasHeapRoom(process, start, start + pages), 'user-space');
    process.mappings.push({
      start,
      end: start + pages,
      object,
      objectPage: 0,
      prot: PROT_READ | PROT_WRITE,
      flags: 0,
      shared: false,
      file: undefined,
    });
    process.heap = object;
    this.vpn = start;
  }

  private resizeHeap(
    cpu: NaiveCpu,
    process: NaiveProcess,
    heap: readonly NaiveMapping[],
    pages: number,
  ): void {
    const last = heap.reduce((a, b) => (a.start > b.start ? a : b));
    const end = last.start - last.objectPage + pages;
    if (end < last.end) {
      this.unmap(cpu, process, last.object, pages, Number.POSITIVE_INFINITY);
      return;
    }
    if (end === last.end) return;
    refuseIf(!this.hasHeapRoom(process, last.end, end), 'user-space');
    const objectPage = last.objectPage + last.end - last.start;
    process.mappings.push({
      ...last,
      start: last.end,
      end,
      objectPage,
      prot: PROT_READ | PROT_WRITE,
      flags: 0,
    });
  }

  /** Some process maps it. */
  private isAlive(object: number): boolean {
    return [...this.processes.values()].some(({ mappings }) => mappings.some((one) => one.object === object));
  }

  private place(process: NaiveProcess, where: number, pages: number): number {
    const top = this.page(this.layout.stackTop);
    const base = this.page(this.layout.mmapBase);
    if (where === PLACE_TEXT || where === PLACE_PIE) {
      const start = process.textEnd || this.page(where === PLACE_PIE ? this.pieBase() : this.layout.textBase);
      refuseIf(!this.isFree(process, start, start + pages), 'user-space');
      return start;
    }
    const found =
      where === PLACE_STACK ? this.highest(process, pages, base, top) : this.anywhere(process, pages);
    if (found === undefined) throw new Refused('user-space');
    return found;
  }

  /** The highest free place within [low, high), and the lowest. */
  private highest(process: NaiveProcess, pages: number, low: number, high: number): number | undefined {
    const fits = gapsOf(process).map(({ from, to }) => [Math.max(from, low), Math.min(to, high) - pages]);
    const starts = fits.filter(([lowest, start]) => start! >= lowest!).map(([, start]) => start!);
    return starts.length === 0 ? undefined : Math.max(...starts);
  }

  private lowest(process: NaiveProcess, pages: number, low: number, high: number): number | undefined {
    const fits = gapsOf(process).map(({ from, to }) => [Math.max(from, low), Math.min(to, high) - pages]);
    const starts = fits.filter(([start, highest]) => start! <= highest!).map(([start]) => start!);
    return starts.length === 0 ? undefined : Math.min(...starts);
  }

  /** A page stays free above the heap. */
  private hasHeapRoom(process: NaiveProcess, start: number, end: number): boolean {
    const gap = gapsOf(process).find(({ from, to }) => from <= start && end + 1 <= to);
    return end <= this.page(this.layout.taskSize) && gap !== undefined;
  }

  private pieBase(): bigint {
    return this.layout.wordBits === 32 ? 0x400000n : (this.layout.stackTop / 3n) * 2n;
  }

  private isFree(process: NaiveProcess, start: number, end: number): boolean {
    if (end > this.page(this.layout.taskSize)) return false;
    return !process.mappings.some((mapping) => mapping.start < end && mapping.end > start);
  }

  private page(address: bigint): number {
    return Number(address / 2n ** BigInt(this.mmu.pageShift));
  }

  private pagesOf(bytes: number): number {
    return Math.ceil(bytes / 2 ** this.mmu.pageShift);
  }

  // Accesses

  private access(cpu: NaiveCpu, object: number, offset: number, size: number, mode: number): void {
    refuseIf(!this.isAlive(object), 'no-object');
    const process = running(cpu);
    refuseIf(size > 2 ** this.mmu.pageShift, 'too-large');
    const isKernel = (mode & KERNEL_MODE) !== 0;
    const operation = mode & OPERATION_MASK;
    const store = operation !== READ && operation !== EXECUTE;
    try {
      const pages = this.touchAll(process, object, offset, size, operation);
      this.cpus.beginAccess(cpu, isKernel, this.faultsTaken);
      const kind = operation === EXECUTE ? 'fetch' : store ? 'store' : 'load';
      for (const page of pages) this.cpus.translateUser(cpu, page, kind, () => markDirty(process, page));
    } catch (refused) {
      this.cpus.beginAccess(cpu, isKernel, this.faultsTaken + 1);
      throw refused;
    }
  }

  /** Makes the pages of an access present; those pages. */
  private touchAll(
    process: NaiveProcess,
    object: number,
    offset: number,
    size: number,
    operation: number,
  ): number[] {
    const store = operation !== READ && operation !== EXECUTE;
    const pages: number[] = [];
    for (let page = this.pageAt(offset); page <= this.pageAt(offset + Math.max(size, 1) - 1); page++) {
      const some = process.mappings.find((one) => one.object === object);
      if (some === undefined) throw new Refused('no-mapping');
      const vpn = some.start + page - some.objectPage;
      const mapping = mappingAt(process, vpn) ?? stackAbove(process, vpn);
      if (mapping?.object !== object) throw new Refused('no-mapping');
      refuseIf(!this.allows(mapping.prot, operation), 'protection');
      if (mapping.start > vpn) {
        const grown = { ...mapping, start: vpn, objectPage: mapping.objectPage + vpn - mapping.start };
        process.mappings = process.mappings.map((one) => (one === mapping ? grown : one));
      }
      this.touch(process, vpn, store);
      pages.push(vpn);
    }
    return pages;
  }

  private pageAt(offset: number): number {
    return Math.floor(offset / 2 ** this.mmu.pageShift);
  }

  /** Without execute-disable whatever may be read may be run; whatever may be written may be read. */
  private allows(prot: number, operation: number): boolean {
    if (operation === READ) return prot !== 0;
    if (operation === EXECUTE) return this.mmu.nx ? (prot & PROT_EXEC) !== 0 : prot !== 0;
    return (prot & PROT_WRITE) !== 0;
  }

  /** Makes a page present, and writable for a store. */
  private touch(process: NaiveProcess, vpn: number, store: boolean): void {
    const present = process.pages.get(vpn);
    if (present !== undefined && (present.writable || !store)) return;
    const mapping = mappingAt(process, vpn)!;
    const objectPage = mapping.objectPage + vpn - mapping.start;
    const fault = present ? 'copy-on-write' : this.faultIn(mapping.file, objectPage, store);
    const page = store && !mapping.shared ? this.ownPage() : this.pageOf(mapping, objectPage, store);
    process.pages.set(vpn, page);
    this.fault = fault;
    this.faultsTaken++;
    this.faults.set(fault, (this.faults.get(fault) ?? 0) + 1);
  }

  private faultIn(file: NaiveFile | undefined, page: number, store: boolean): Fault {
    if (file === undefined) return store ? 'demand-zero' : 'zero-page';
    refuseIf(page >= file.pages, 'beyond-file');
    if (file.cached.has(page)) return 'file-minor';
    file.cached.add(page);
    return file.onDisk ? 'file-major' : 'demand-zero';
  }

  private ownPage(): NaivePage {
    return { content: `copy ${++this.copies}`, writable: true, dirty: true, own: true };
  }

  private pageOf({ file, shared, prot }: NaiveMapping, objectPage: number, store: boolean): NaivePage {
    if (file === undefined) return { content: 'zeros', writable: false, dirty: false, own: false };
    const writable = shared && (prot & PROT_WRITE) !== 0;
    return { content: `${file.name} page ${objectPage}`, writable, dirty: store, own: false };
  }
}

/** Neighbours that differ in nothing are one mapping. */
function mergeAlike(mappings: readonly NaiveMapping[]): NaiveMapping[] {
  const merged: NaiveMapping[] = [];
  for (const one of mappings.slice().sort((a, b) => a.start - b.start)) {
    const before = merged[merged.length - 1];
    const alike =
      before?.end === one.start &&
      before.object === one.object &&
      before.prot === one.prot &&
      before.flags === one.flags &&
      before.start - before.objectPage === one.start - one.objectPage;
    if (alike) merged[merged.length - 1] = { ...before, end: one.end };
    else merged.push(one);
  }
  return merged;
}

/** Between neighbours; the last has no end. */
function gapsOf({ mappings }: NaiveProcess): { from: number; to: number }[] {
  const sorted = mappings.slice().sort((a, b) => a.start - b.start);
  const ends = [0, ...sorted.map(({ end }) => end)];
  const starts = [...sorted.map(guardedStart), Number.POSITIVE_INFINITY];
  return ends.map((from, i) => ({ from, to: starts[i]! }));
}

/** A stack leaves pages below it free. */
function guardedStart({ start, flags }: NaiveMapping): number {
  return (flags & VM_GROWSDOWN) !== 0 ? Math.max(0, start - GUARD_PAGES) : start;
}

/** The mapping above a page, if it is a stack that may grow to contain it. */
function stackAbove({ mappings }: NaiveProcess, vpn: number): NaiveMapping | undefined {
  const sorted = mappings.slice().sort((a, b) => a.start - b.start);
  const above = sorted.find(({ start }) => start > vpn);
  const below = sorted.findLast(({ end }) => end <= vpn);
  if (above === undefined || (above.flags & VM_GROWSDOWN) === 0) return undefined;
  if (above.end - vpn > STACK_LIMIT_PAGES || vpn < MAP_MIN_PAGES) return undefined;
  const isGuarded = below !== undefined && (below.flags & VM_GROWSDOWN) === 0 && below.prot !== 0;
  return isGuarded && vpn - below.end < GUARD_PAGES ? undefined : above;
}

/** A third of user space, in whole pages. */
function top3(top: bigint): bigint {
  return ((top / 3n + 4095n) / 4096n) * 4096n;
}

function running(cpu: NaiveCpu): NaiveProcess {
  if (cpu.running === undefined) throw new Refused('no-process');
  return cpu.running;
}

/** Whether the page was clean. */
function markDirty(process: NaiveProcess, vpn: number): boolean {
  const page = process.pages.get(vpn)!;
  const wasClean = !page.dirty;
  page.dirty = true;
  return wasClean;
}

function mappingAt(process: NaiveProcess, vpn: number): NaiveMapping | undefined {
  return process.mappings.find(({ start, end }) => start <= vpn && vpn < end);
}
