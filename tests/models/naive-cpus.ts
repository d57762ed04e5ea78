/** Which process each cpu runs, under which asid it keeps its TLB entries, and who must forget what. */
import type { MmuGeometry } from '../../core/paging/geometry.ts';
import { type NaiveReference, NaiveTlb, noTotals } from './naive-tlb.ts';

/** TLB_NR_DYN_ASIDS and tlb_single_page_flush_ceiling of the kernel. */
const ASIDS_WITH_PCID = 6;
const FLUSH_ALL_ABOVE_PAGES = 33;

/** The names of an address space in kernel and in user mode; without isolation the second is never used. */
const userView = (asid: number): string => `${asid} in user mode`;
const viewsOf = (asid: number): (number | string)[] => [asid, userView(asid)];
const KERNEL_VIEWS = [0, 1, 2, 3, 4, 5, 6];

export interface NaiveCpu<P> {
  /** Made by the first translation. */
  tlb: NaiveTlb | undefined;
  running: P | undefined;
  /** Number of the process or thread; 0 when none runs. */
  pid: number;
  /** With page-table isolation: it runs on the user's root. */
  userMode: boolean;
  /** Processes by asid - 1. */
  asids: (P | undefined)[];
  nextAsid: number;
}

export class NaiveCpus<P> {
  readonly totals = noTotals();
  tlbFlushes = 0;
  shootdowns = 0;
  kptiSwitches = 0;
  private readonly mmu: MmuGeometry;
  private readonly cpus: NaiveCpu<P>[];

  constructor(mmu: MmuGeometry, count: number) {
    this.mmu = mmu;
    this.cpus = Array.from({ length: count }, () => ({
      tlb: undefined,
      running: undefined,
      pid: 0,
      userMode: false,
      asids: new Array<P | undefined>(mmu.pcid ? ASIDS_WITH_PCID : 1).fill(undefined),
      nextAsid: 0,
    }));
  }

  cpu(number: number): NaiveCpu<P> {
    return this.cpus[number]!;
  }

  /** Runs a process, or none. One that the cpu does not know takes the next asid, whose entries go. */
  load(cpu: NaiveCpu<P>, process: P | undefined, pid: number): void {
    cpu.running = process;
    cpu.pid = process === undefined ? 0 : pid;
    if (process === undefined) cpu.userMode = false;
    if (process === undefined || cpu.asids.includes(process)) return;
    const asid = cpu.nextAsid;
    cpu.nextAsid = (asid + 1) % cpu.asids.length;
    if (cpu.asids[asid] !== undefined && cpu.tlb !== undefined) {
      if (this.mmu.kpti && !this.mmu.pcid) cpu.tlb.invalidateAll();
      else for (const view of viewsOf(asid + 1)) cpu.tlb.invalidate(view);
      this.tlbFlushes++;
    }
    cpu.asids[asid] = process;
  }

  /**
   * Every cpu forgets pages of a process: few one by one, many (or all) by forgetting all of them. With a `stride` they
   * are huge pages of so many base pages.
   */
  flush(cpu: NaiveCpu<P>, process: P, first = 0, pages = Number.POSITIVE_INFINITY, stride = 1): void {
    for (const other of this.cpus) this.flushOn(other, cpu, process, first, pages, stride);
  }

  /** A page got another frame: the other cpus forget it. The own one has done so at the fault (see `forgetFaulted`). */
  flushCopied(cpu: NaiveCpu<P>, process: P, page: number): void {
    this.tlbFlushes++;
    for (const other of this.cpus) if (other !== cpu) this.flushOn(other, cpu, process, page, 1, 1);
  }

  /** A store that was not allowed makes the cpu forget the page; `sizeClass` 1 is a huge one. */
  forgetFaulted(cpu: NaiveCpu<P>, process: P, page: number, sizeClass: number): void {
    const asid = cpu.asids.indexOf(process) + 1;
    for (const view of viewsOf(asid)) cpu.tlb?.invalidate(view, page, page + 1, sizeClass);
  }

  private flushOn(
    other: NaiveCpu<P>,
    cpu: NaiveCpu<P>,
    process: P,
    first: number,
    pages: number,
    stride: number,
  ): void {
    const asid = other.asids.indexOf(process) + 1;
    if (asid === 0 || other.tlb === undefined) return;
    for (const view of viewsOf(asid)) {
      if (pages / stride > FLUSH_ALL_ABOVE_PAGES) other.tlb.invalidate(view);
      else if (stride === 1) other.tlb.invalidate(view, first, first + pages);
      else other.tlb.invalidate(view, Math.floor(first / stride), Math.ceil((first + pages) / stride), 1);
    }
    this.tlbFlushes++;
    if (other !== cpu && other.running === process) this.shootdowns++;
  }

  /** Kernel pages go on every cpu; with many of them everything. */
  flushKernel(cpu: NaiveCpu<P>, first: number, pages: number): void {
    for (const other of this.cpus) {
      if (other.tlb === undefined) continue;
      if (pages > FLUSH_ALL_ABOVE_PAGES) other.tlb.invalidateAll();
      else for (const asid of KERNEL_VIEWS) other.tlb.invalidate(asid, first, first + pages);
      this.tlbFlushes++;
      if (other !== cpu) this.shootdowns++;
    }
  }

  /** A process ends. */
  forget(cpu: NaiveCpu<P>, process: P): void {
    this.flush(cpu, process);
    for (const other of this.cpus) {
      other.asids = other.asids.map((held) => (held === process ? undefined : held));
      if (other.running === process) this.load(other, undefined, 0);
    }
  }

  /** Page-table isolation: to the other root, if the cpu is not there; without PCID nothing survives that. */
  switchRoot(cpu: NaiveCpu<P>, userMode: boolean): void {
    if (!this.mmu.kpti || cpu.userMode === userMode || cpu.running === undefined) return;
    cpu.userMode = userMode;
    this.kptiSwitches++;
    if (this.mmu.pcid || cpu.tlb === undefined) return;
    cpu.tlb.invalidateAll();
    this.tlbFlushes++;
  }

  /** An access in this mode, for which the kernel is called so many times if it is the user's. */
  beginAccess(cpu: NaiveCpu<P>, kernelMode: boolean, faults: number): void {
    this.switchRoot(cpu, !kernelMode);
    for (let fault = 0; fault < faults && !kernelMode; fault++) {
      this.switchRoot(cpu, false);
      this.switchRoot(cpu, true);
    }
  }

  /** What runs this process or thread; it may be none. */
  running(pid: number): NaiveCpu<P>[] {
    return this.cpus.filter((cpu) => cpu.pid === pid);
  }

  /** A reference to a page of the running process. `markDirty` sets the page's dirty bit; true if it was clear. */
  translateUser(
    cpu: NaiveCpu<P>,
    page: number,
    sizeClass: number,
    kind: NaiveReference['kind'],
    markDirty: () => boolean,
  ): void {
    cpu.tlb ??= new NaiveTlb(this.mmu);
    const own = cpu.asids.indexOf(cpu.running) + 1;
    const asid = cpu.userMode ? userView(own) : own;
    cpu.tlb.translate({ asid, page, sizeClass, kind }, this.totals, markDirty);
  }

  /** A reference to a kernel page, which has been dirty since it was mapped. */
  translateKernel(cpu: NaiveCpu<P>, page: number, sizeClass: number, kind: 'load' | 'fetch'): void {
    cpu.tlb ??= new NaiveTlb(this.mmu);
    const asid = this.mmu.kpti && cpu.running !== undefined ? cpu.asids.indexOf(cpu.running) + 1 : 0;
    cpu.tlb.translate({ asid, page, sizeClass, kind, kernel: true }, this.totals, () => false);
  }
}
