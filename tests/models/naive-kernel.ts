/**
 * Processes the slow way: mappings in a plain list, every page of every process in a map with a name for what it
 * contains. Pages with the same content name are one frame; a private store gives a page a name of its own. Memory
 * is endless unless `memory` is given a limit. One event at a time.
 */
import { CONTINUED, EXECUTE, KERNEL_MODE, OPERATION_MASK, READ } from '../../core/event/access-mode.ts';
import { CLONE_VM } from '../../core/event/clone-flags.ts';
import type { KindName, MemoryEvent } from '../../core/event/kinds.ts';
import { MREMAP_MAYMOVE, PROT_EXEC, PROT_MASK, PROT_WRITE } from '../../core/event/mmap-flags.ts';
import type { Platform } from '../../core/machine/machine.ts';
import { VM_ANON, VM_FORKED, VM_LOCKED } from '../../core/mm/vma.ts';
import type { StatusName } from '../../core/outcome/outcome.ts';
import type { MmuGeometry } from '../../core/paging/geometry.ts';
import { NaiveCpus } from './naive-cpus.ts';
import { NaiveFiles } from './naive-files.ts';
import { NaiveHuge } from './naive-huge.ts';
import { NaiveMappings } from './naive-mappings.ts';
import { NaiveMemory } from './naive-memory.ts';
import { markDirty, NaivePages } from './naive-pages.ts';
import { stackAbove } from './naive-places.ts';
import {
  type Fault,
  keptApart,
  mappingAt,
  mergeAlike,
  type NaiveCpu,
  type NaiveProcess,
  Refused,
  refuseIf,
  running,
} from './naive-process.ts';
import { NaiveRanges } from './naive-ranges.ts';

export interface NaiveOutcome {
  status: StatusName;
  /** First page, where something was mapped. */
  vpn: number;
  fault: Fault;
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
const NOT_CALLED: readonly KindName[] = ['spawn', 'switch', 'file', 'access'];
/** Gives the first page, where something was mapped. */
type Rule<K extends KindName> = (cpu: NaiveCpu, event: Extract<MemoryEvent, { kind: K }>) => unknown;
type Rules = { readonly [K in UserKind]: Rule<K> };

export class NaiveKernel {
  readonly processes = new Map<number, NaiveProcess>();
  readonly cpus: NaiveCpus<NaiveProcess>;
  references = 0;
  /** The kernel's own root lets no user code run. */
  private readonly userHalfIsNx: boolean;
  private readonly mmu: MmuGeometry;
  private current: NaiveCpu | undefined;
  private readonly files: NaiveFiles;
  readonly huge: NaiveHuge;
  readonly memory: NaiveMemory;
  private readonly pages: NaivePages;
  private readonly mappings: NaiveMappings;
  private readonly ranges: NaiveRanges;

  private readonly rules: Rules = {
    spawn: (_, { pid }) => this.spawn(pid),
    fork: (cpu, { pid }) => this.fork(cpu, pid),
    clone: (cpu, { pid, cloneFlags }) => this.clone(cpu, pid, (cloneFlags & CLONE_VM) !== 0),
    exec: (cpu) => this.exec(cpu),
    exit: (cpu) => this.exit(cpu),
    switch: (cpu, { pid }) => this.switchTo(cpu, pid),
    mmap: (cpu, { object, length, flags, file }) => this.mappings.mmap(cpu, object, length, flags, file),
    munmap: (cpu, { object, offset, length }) => this.mappings.munmap(cpu, object, offset, length),
    brk: (cpu, { object, length }) => this.mappings.brk(cpu, object, length),
    mprotect: (cpu, { object, offset, length, prot }) =>
      this.ranges.mprotect(cpu, object, offset, length, prot & PROT_MASK),
    mremap: (cpu, { object, length, mremapFlags }) =>
      this.mappings.mremap(cpu, object, length, (mremapFlags & MREMAP_MAYMOVE) !== 0),
    mremap_fixed: (cpu, { object, over, offset }) => this.mappings.mremapFixed(cpu, object, over, offset),
    madvise: (cpu, { object, offset, length, advice }) =>
      this.ranges.madvise(cpu, object, offset, length, advice),
    mlock: (cpu, { object, offset, length }) => this.ranges.mlock(cpu, object, offset, length),
    munlock: (cpu, { object, offset, length }) => this.ranges.munlock(cpu, object, offset, length),
    file: (_, { file, length }) => this.files.add(file, length),
    file_read: (_, { file, offset, length }) => this.files.read(file, offset, length, this.memory),
    file_drop: (_, { file }) => this.files.drop(file, this.processes.values()),
    access: (cpu, { object, offset, size, mode }) => this.access(cpu, object, offset, size, mode),
  };

  constructor({ layout, mmu, thp }: Pick<Platform, 'layout' | 'mmu' | 'thp'>) {
    this.mmu = mmu;
    this.userHalfIsNx = mmu.kpti && layout.arch.wordBits === 64;
    this.cpus = new NaiveCpus(mmu, layout.cpus);
    this.huge = new NaiveHuge(thp, this.processes, (process, first, pages) =>
      this.cpus.flush(this.current!, process, first, pages),
    );
    this.files = new NaiveFiles(2 ** mmu.pageShift);
    this.memory = new NaiveMemory(mmu, this.processes, this.files);
    this.pages = new NaivePages(this.huge, this.memory, this.cpus, this.processes);
    const { processes, cpus, files, pages } = this;
    this.mappings = new NaiveMappings(layout, thp?.nrPages, mmu, processes, cpus, files, pages);
    this.ranges = new NaiveRanges(this.mappings);
  }

  /** How many faults of each kind there were. */
  get faults(): ReadonlyMap<Fault, number> {
    return this.pages.faults;
  }

  apply(event: MemoryEvent): NaiveOutcome {
    this.pages.beginEvent();
    const cpu = this.cpus.cpu(event.cpu);
    this.current = cpu;
    const isCall = !NOT_CALLED.includes(event.kind);
    if (isCall) this.cpus.switchRoot(cpu, true);
    if (event.kind !== 'access') this.cpus.switchRoot(cpu, false);
    if (event.kind === 'access' && (event.mode & CONTINUED) === 0) this.references++;
    try {
      const rule = this.rules[event.kind as UserKind] as (cpu: NaiveCpu, event: MemoryEvent) => unknown;
      const vpn = rule(cpu, event);
      return { status: 'ok', vpn: typeof vpn === 'number' ? vpn : 0, fault: this.pages.last };
    } catch (refused) {
      if (!(refused instanceof Refused)) throw refused;
      return { status: refused.status, vpn: 0, fault: this.pages.last };
    } finally {
      for (const process of this.processes.values()) process.mappings = mergeAlike(process.mappings);
      if (isCall) this.cpus.switchRoot(cpu, true);
    }
  }

  private spawn(pid: number): void {
    refuseIf(pid === 0 || this.processes.has(pid), 'exists');
    const none = { heap: -1, heapPages: 0, textEnd: 0 };
    this.processes.set(pid, { mappings: [], pages: new Map(), huge: new Set(), ...none });
  }

  private fork(cpu: NaiveCpu, pid: number): void {
    const parent = running(cpu);
    this.spawn(pid);
    const child = this.processes.get(pid)!;
    const { heap, heapPages, textEnd } = parent;
    Object.assign(child, { heap, heapPages, textEnd });
    const hasOwn = ({ flags }: { readonly flags: number }): boolean => (flags & VM_ANON) !== 0;
    const unlocked = parent.mappings.map((one) => ({
      ...one,
      flags: (one.flags & ~VM_LOCKED) | (hasOwn(one) ? VM_FORKED : 0),
    }));
    child.mappings = keptApart(unlocked);
    for (const [vpn, page] of parent.pages) {
      const mapping = mappingAt(parent, vpn)!;
      if (mapping.shared || !hasOwn(mapping)) continue;
      page.writable = false;
      page.own = false;
      child.pages.set(vpn, { ...page });
    }
    child.huge = new Set([...parent.huge].filter((vpn) => hasOwn(mappingAt(parent, vpn)!)));
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
    Object.assign(process, { mappings: [], pages: new Map(), huge: new Set() });
    Object.assign(process, { heap: -1, heapPages: 0, textEnd: 0 });
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

  private access(cpu: NaiveCpu, object: number, offset: number, size: number, mode: number): void {
    refuseIf(!this.mappings.isAlive(object), 'no-object');
    const process = running(cpu);
    refuseIf(size > 2 ** this.mmu.pageShift, 'too-large');
    const isKernel = (mode & KERNEL_MODE) !== 0;
    const operation = mode & OPERATION_MASK;
    const store = operation !== READ && operation !== EXECUTE;
    try {
      const pages = this.touchAll(cpu, process, object, offset, size, operation, isKernel);
      this.cpus.beginAccess(cpu, isKernel, this.pages.taken);
      const kind = operation === EXECUTE ? 'fetch' : store ? 'store' : 'load';
      for (const page of pages) {
        const sizeClass = this.huge.groupOf(process, page) === undefined ? 0 : 1;
        this.cpus.translateUser(
          cpu,
          Math.floor(page / (sizeClass === 0 ? 1 : this.huge.size())),
          sizeClass,
          kind,
          () => markDirty(this.huge, process, page),
        );
      }
    } catch (refused) {
      this.cpus.beginAccess(cpu, isKernel, this.pages.taken + 1);
      throw refused;
    }
  }

  /** Makes the pages of an access present; those pages. */
  private touchAll(
    cpu: NaiveCpu,
    process: NaiveProcess,
    object: number,
    offset: number,
    size: number,
    operation: number,
    isKernel: boolean,
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
      refuseIf(isKernel && operation === EXECUTE && this.userHalfIsNx, 'protection');
      if (mapping.start > vpn) {
        const grown = { ...mapping, start: vpn, objectPage: mapping.objectPage + vpn - mapping.start };
        process.mappings = process.mappings.map((one) => (one === mapping ? grown : one));
      }
      this.pages.touch(cpu, process, vpn, store);
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
}
