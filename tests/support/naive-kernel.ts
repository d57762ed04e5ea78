/**
 * Processes the slow way: mappings in a plain list, every page of every process in a map with a name for what it
 * contains. Pages with the same content name are one frame; a private store gives a page a name of its own. Memory
 * is taken to be endless. One event at a time.
 */
import { CONTINUED, EXECUTE, OPERATION_MASK, READ } from '../../core/event/access-mode.ts';
import type { KindName, MemoryEvent } from '../../core/event/kinds.ts';
import {
  MAP_POPULATE,
  MAP_SHARED,
  PLACE_MASK,
  PLACE_STACK,
  PLACE_TEXT,
  PROT_EXEC,
  PROT_MASK,
  PROT_READ,
  PROT_WRITE,
} from '../../core/event/mmap-flags.ts';
import type { Layout } from '../../core/layout/layout.ts';
import type { FAULT_NAMES, StatusName } from '../../core/outcome.ts';
import type { MmuGeometry } from '../../core/paging/geometry.ts';
import { type NaiveCpu as Cpu, NaiveCpus } from './naive-cpus.ts';

type NaiveCpu = Cpu<NaiveProcess>;
type Fault = (typeof FAULT_NAMES)[number];

interface NaivePage {
  readonly content: string;
  writable: boolean;
  dirty: boolean;
}

interface NaiveMapping {
  readonly start: number;
  readonly end: number;
  readonly object: number;
  /** Page of the object at `start`. */
  readonly objectPage: number;
  readonly prot: number;
  readonly shared: boolean;
  readonly file: NaiveFile | undefined;
}

interface NaiveFile {
  readonly name: string;
  readonly pages: number;
  readonly bytes: number;
  readonly onDisk: boolean;
  readonly cached: Set<number>;
}

export interface NaiveProcess {
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
  'exec',
  'exit',
  'switch',
  'mmap',
  'munmap',
  'brk',
  'file',
  'file_read',
  'file_drop',
  'access',
] as const satisfies readonly KindName[];
type UserKind = (typeof USER_KINDS)[number];
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

  private readonly rules: Rules = {
    spawn: (_, { pid }) => this.spawn(pid),
    fork: (cpu, { pid }) => this.fork(cpu, pid),
    exec: (cpu) => this.exec(cpu),
    exit: (cpu) => this.exit(cpu),
    switch: (cpu, { pid }) => this.switchTo(cpu, pid),
    mmap: (cpu, { object, length, flags, file }) => this.mmap(cpu, object, length, flags, file),
    munmap: (cpu, { object, offset, length }) => this.munmap(cpu, object, offset, length),
    brk: (cpu, { object, length }) => this.brk(cpu, object, length),
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
    if (event.kind === 'access' && (event.mode & CONTINUED) === 0) this.references++;
    try {
      const rule = this.rules[event.kind as UserKind] as (cpu: NaiveCpu, event: MemoryEvent) => void;
      rule(this.cpus.cpu(event.cpu), event);
      return { status: 'ok', vpn: this.vpn, fault: this.fault };
    } catch (refused) {
      if (!(refused instanceof Refused)) throw refused;
      return { status: refused.status, vpn: 0, fault: this.fault };
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
    Object.assign(child, { heap: parent.heap, textEnd: parent.textEnd, mappings: parent.mappings.slice() });
    for (const [vpn, page] of parent.pages) {
      if (mappingAt(parent, vpn)!.shared) continue;
      page.writable = false;
      child.pages.set(vpn, { ...page });
    }
    this.cpus.flush(cpu, parent);
  }

  private exec(cpu: NaiveCpu): void {
    const process = running(cpu);
    Object.assign(process, { mappings: [], pages: new Map(), heap: 0, textEnd: 0 });
    this.cpus.flush(cpu, process);
  }

  private exit(cpu: NaiveCpu): void {
    const process = running(cpu);
    this.cpus.forget(cpu, process);
    for (const [pid, one] of this.processes) if (one === process) this.processes.delete(pid);
  }

  private switchTo(cpu: NaiveCpu, pid: number): void {
    const process = this.processes.get(pid);
    this.cpus.load(cpu, process);
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
    const start = this.place(process, flags & PLACE_MASK, pages);
    const shared = (flags & MAP_SHARED) !== 0;
    // A name of its own: shared memory ends with its last mapping, and the object's number may come again.
    const memory = shared ? this.fileOf(`memory ${++this.copies}`, bytes, false) : undefined;
    const file = this.files.get(fileId) ?? memory;
    const prot = flags & PROT_MASK;
    process.mappings.push({ start, end: start + pages, object, objectPage: 0, prot, shared, file });
    if ((flags & PLACE_MASK) === PLACE_TEXT) process.textEnd = start + pages;
    this.vpn = start;
    if ((flags & MAP_POPULATE) === 0) return;
    for (let vpn = start; vpn < start + pages; vpn++) this.touch(process, vpn, (prot & PROT_WRITE) !== 0);
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
    const start = (process.textEnd || this.page(this.layout.textBase)) + 1;
    refuseIf(!this.isFree(process, start, start + pages), 'user-space');
    process.mappings.push({
      start,
      end: start + pages,
      object,
      objectPage: 0,
      prot: PROT_READ | PROT_WRITE,
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
    refuseIf(!this.isFree(process, last.end, end), 'user-space');
    process.mappings = process.mappings.map((mapping) => (mapping === last ? { ...last, end } : mapping));
  }

  /** Some process maps it. */
  private isAlive(object: number): boolean {
    return [...this.processes.values()].some(({ mappings }) => mappings.some((one) => one.object === object));
  }

  private place(process: NaiveProcess, where: number, pages: number): number {
    const top = this.page(this.layout.stackTop);
    const base = this.page(this.layout.mmapBase);
    if (where === PLACE_TEXT) {
      const start = process.textEnd || this.page(this.layout.textBase);
      refuseIf(!this.isFree(process, start, start + pages), 'user-space');
      return start;
    }
    const found =
      where === PLACE_STACK
        ? this.highest(process, pages, base, top)
        : (this.highest(process, pages, MAP_MIN_PAGES, base) ??
          this.highest(process, pages, MAP_MIN_PAGES, top));
    if (found === undefined) throw new Refused('user-space');
    return found;
  }

  /** The highest free place within [low, high): it ends at `high` or at the start of some mapping. */
  private highest(process: NaiveProcess, pages: number, low: number, high: number): number | undefined {
    const ends = [high, ...process.mappings.map(({ start }) => start)].filter((end) => end <= high);
    const starts = ends.map((end) => end - pages).filter((start) => start >= low);
    const free = starts.filter((start) => this.isFree(process, start, start + pages));
    return free.length === 0 ? undefined : Math.max(...free);
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
    const operation = mode & OPERATION_MASK;
    const store = operation !== READ && operation !== EXECUTE;
    const pages: number[] = [];
    for (let page = this.pageAt(offset); page <= this.pageAt(offset + Math.max(size, 1) - 1); page++) {
      const mapping = process.mappings.find(
        (one) =>
          one.object === object && one.objectPage <= page && page < one.objectPage + one.end - one.start,
      );
      if (mapping === undefined) throw new Refused('no-mapping');
      refuseIf(!this.allows(mapping.prot, operation), 'protection');
      const vpn = mapping.start + page - mapping.objectPage;
      this.touch(process, vpn, store);
      pages.push(vpn);
    }
    const kind = operation === EXECUTE ? 'fetch' : store ? 'store' : 'load';
    for (const page of pages) this.cpus.translateUser(cpu, page, kind, () => markDirty(process, page));
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
    return { content: `copy ${++this.copies}`, writable: true, dirty: true };
  }

  private pageOf({ file, shared, prot }: NaiveMapping, objectPage: number, store: boolean): NaivePage {
    if (file === undefined) return { content: 'zeros', writable: false, dirty: false };
    const writable = shared && (prot & PROT_WRITE) !== 0;
    return { content: `${file.name} page ${objectPage}`, writable, dirty: store };
  }
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
