/** Mappings of the naive kernel's processes: mmap, munmap, mremap, brk. What places something tells its first page. */
import {
  MAP_POPULATE,
  MAP_SHARED,
  PLACE_MASK,
  PLACE_PIE,
  PLACE_STACK,
  PLACE_TEXT,
  PLACE_VDSO,
  PROT_MASK,
  PROT_READ,
  PROT_WRITE,
} from '../../core/event/mmap-flags.ts';
import type { Layout } from '../../core/layout/layout.ts';
import {
  VM_ACCOUNT,
  VM_ANON,
  VM_DONTEXPAND,
  VM_GROWSDOWN,
  VM_LOCKED,
  VM_SHIFTED,
} from '../../core/mm/vma.ts';
import type { MmuGeometry } from '../../core/paging/geometry.ts';
import type { NaiveCpus } from './naive-cpus.ts';
import type { NaiveFiles } from './naive-files.ts';
import type { NaivePages } from './naive-pages.ts';
import { MAP_MIN_PAGES, NaivePlaces } from './naive-places.ts';
import {
  type NaiveCpu,
  type NaiveMapping,
  type NaivePage,
  type NaiveProcess,
  Refused,
  refuseIf,
  running,
} from './naive-process.ts';

const FIRST_STACK_PAGES = 33;

export class NaiveMappings {
  readonly mmu: MmuGeometry;
  readonly cpus: NaiveCpus<NaiveProcess>;
  readonly pages: NaivePages;
  private readonly processes: ReadonlyMap<number, NaiveProcess>;
  private readonly files: NaiveFiles;
  private readonly places: NaivePlaces;

  constructor(
    layout: Layout,
    hugePages: number | undefined,
    mmu: MmuGeometry,
    processes: ReadonlyMap<number, NaiveProcess>,
    cpus: NaiveCpus<NaiveProcess>,
    files: NaiveFiles,
    pages: NaivePages,
  ) {
    this.mmu = mmu;
    this.processes = processes;
    this.cpus = cpus;
    this.files = files;
    this.pages = pages;
    this.places = new NaivePlaces(layout, hugePages);
  }

  /** Some process maps it. */
  isAlive(object: number): boolean {
    return [...this.processes.values()].some(({ mappings }) => mappings.some((one) => one.object === object));
  }

  mmap(cpu: NaiveCpu, object: number, bytes: number, flags: number, fileId: number): number {
    const process = running(cpu);
    refuseIf(this.isAlive(object), 'exists');
    refuseIf(fileId !== 0 && this.files.get(fileId) === undefined, 'no-object');
    refuseIf(bytes === 0, 'invalid');
    const pages = this.pagesOf(bytes);
    const where = flags & PLACE_MASK;
    const mapped = where === PLACE_STACK ? Math.min(pages, FIRST_STACK_PAGES) : pages;
    const first =
      fileId === 0
        ? this.places.place(process, where, mapped)
        : this.places.placeFile(process, where, mapped);
    const start = first + mapped - pages;
    refuseIf(start < 0, 'user-space');
    const shared = (flags & MAP_SHARED) !== 0;
    const file = this.files.get(fileId) ?? (shared ? this.files.sharedMemory(bytes) : undefined);
    const prot = flags & PROT_MASK;
    const vmFlags = where === PLACE_STACK ? VM_GROWSDOWN : where === PLACE_VDSO ? VM_DONTEXPAND : 0;
    const end = start + pages;
    process.mappings.push({
      start: first,
      end,
      object,
      objectPage: first - start,
      prot,
      flags: vmFlags | (!shared && (prot & PROT_WRITE) !== 0 ? VM_ACCOUNT : 0),
      shared,
      file,
    });
    if (where === PLACE_TEXT || where === PLACE_PIE) process.textEnd = end;
    if ((flags & MAP_POPULATE) !== 0) this.pages.tryPopulate(cpu, process, first, end);
    return start;
  }

  munmap(cpu: NaiveCpu, object: number, offset: number, bytes: number): void {
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
      const stride = this.pages.huge.remove(process, from, to);
      process.mappings = process.mappings.filter((other) => other !== mapping);
      if (mapping.start < from) process.mappings.push({ ...mapping, end: from });
      if (to < mapping.end)
        process.mappings.push({
          ...mapping,
          start: to,
          objectPage: mapping.objectPage + to - mapping.start,
          isApart: false,
        });
      this.cpus.flush(cpu, process, from, to - from, stride);
    }
    if (!process.mappings.some((one) => one.object === process.heap)) process.heap = -1;
    return found;
  }

  mremap(cpu: NaiveCpu, object: number, bytes: number, mayMove: boolean): number {
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
      return base;
    }
    refuseIf(mine.length > 1 || (last.flags & VM_DONTEXPAND) !== 0, 'no-mapping');
    if (this.places.isFree(process, last.end, end)) {
      process.mappings = process.mappings.map((one) => (one === last ? { ...last, end } : one));
      if ((last.flags & VM_LOCKED) !== 0) this.pages.tryPopulate(cpu, process, last.end, end);
      return base;
    }
    const length = end - last.start;
    const to = mayMove ? this.places.anywhere(process, length) : undefined;
    if (to === undefined) throw new Refused('user-space');
    const vpn = this.move(cpu, process, last, to, length);
    if ((last.flags & VM_LOCKED) !== 0)
      this.pages.tryPopulate(cpu, process, to + last.end - last.start, to + length);
    return vpn;
  }

  mremapFixed(cpu: NaiveCpu, object: number, over: number, offset: number): number {
    const process = running(cpu);
    refuseIf(!this.isAlive(object) || !this.isAlive(over), 'no-object');
    const mine = process.mappings.filter((one) => one.object === object);
    const overBase = this.naiveBase(process, over);
    if (mine.length !== 1 || overBase === undefined) throw new Refused('no-mapping');
    const whole = mine[0]!;
    const length = whole.end - whole.start;
    const to = overBase + offset / 2 ** this.mmu.pageShift;
    refuseIf(offset % 2 ** this.mmu.pageShift !== 0 || object === process.heap, 'invalid');
    if (to === whole.start) return to;
    refuseIf(to < whole.end && to + length > whole.start, 'invalid');
    refuseIf(to < MAP_MIN_PAGES || to + length > this.places.end(), 'invalid');
    this.unmapPlace(cpu, process, to, to + length);
    return this.move(cpu, process, whole, to, length);
  }

  private naiveBase(process: NaiveProcess, object: number): number | undefined {
    const found = process.mappings.find((one) => one.object === object);
    return found && found.start - found.objectPage;
  }

  /** The pages of a mapping go with it; it then has `length` pages. */
  private move(
    cpu: NaiveCpu,
    process: NaiveProcess,
    whole: NaiveMapping,
    to: number,
    length: number,
  ): number {
    const shift = to - whole.start;
    this.pages.huge.beforeMove(process, whole.start, whole.end, shift);
    const present = [...process.pages.keys()].filter((vpn) => whole.start <= vpn && vpn < whole.end);
    const { memory } = this.pages;
    memory.need(
      memory.missingTables(
        process,
        present.map((vpn) => vpn + shift),
      ),
    );
    const moves = (first: number): boolean => whole.start <= first && first < whole.end;
    process.huge = new Set([...process.huge].map((first) => (moves(first) ? first + shift : first)));
    const moved: [number, NaivePage][] = [];
    for (let vpn = whole.start; vpn < whole.end; vpn++) {
      const page = process.pages.get(vpn);
      if (page !== undefined) moved.push([to + vpn - whole.start, page]);
      process.pages.delete(vpn);
    }
    for (const [vpn, page] of moved) process.pages.set(vpn, page);
    process.mappings = process.mappings.filter((one) => one.object !== whole.object);
    const isShifted = whole.file === undefined && (whole.flags & VM_ANON) !== 0;
    const flags = whole.flags | (isShifted ? VM_SHIFTED : 0);
    process.mappings.push({ ...whole, start: to, end: to + length, flags, isApart: false });
    this.cpus.flush(cpu, process, whole.start, whole.end - whole.start);
    return to - whole.objectPage;
  }

  brk(cpu: NaiveCpu, object: number, bytes: number): number {
    const process = running(cpu);
    const pages = this.pagesOf(bytes);
    const { heapPages } = process;
    const isThere = process.heap !== -1;
    refuseIf(isThere && process.heap !== object, 'exists');
    const base = isThere ? this.naiveBase(process, object)! : this.places.heapStart(process);
    if (pages < heapPages) this.shrinkHeap(cpu, process, base + pages, base + heapPages);
    if (pages > heapPages) this.growHeap(process, object, base, pages);
    process.heapPages = pages;
    return !isThere && pages > heapPages ? base : 0;
  }

  /** Only what is new: what munmap has taken away stays away. */
  private growHeap(process: NaiveProcess, object: number, base: number, pages: number): void {
    refuseIf(process.heap === -1 && this.isAlive(object), 'exists');
    const [start, end] = [base + process.heapPages, base + pages];
    refuseIf(!this.places.hasHeapRoom(process, start, end), 'user-space');
    const prot = PROT_READ | PROT_WRITE;
    const kind = { prot, flags: VM_ACCOUNT, shared: false, file: undefined };
    process.mappings.push({ start, end, object, objectPage: process.heapPages, ...kind });
    process.heap = object;
  }

  /** Whatever lies there goes. */
  private shrinkHeap(cpu: NaiveCpu, process: NaiveProcess, from: number, to: number): void {
    const hit = process.mappings.filter(({ start, end }) => start < to && end > from);
    refuseIf(hit.length === 0, 'no-mapping');
    this.unmapPlace(cpu, process, from, to);
  }

  /** Whatever lies in pages [from, to) goes, object by object; first the huge pages of several of them. */
  private unmapPlace(cpu: NaiveCpu, process: NaiveProcess, from: number, to: number): void {
    const { huge } = this.pages;
    for (const first of huge.acrossMappings(process, from, to)) {
      const stride = huge.remove(process, first, first + huge.size());
      this.cpus.flush(cpu, process, first, huge.size(), stride);
    }
    const hit = process.mappings.filter(({ start, end }) => start < to && end > from);
    for (const object of new Set(hit.map((one) => one.object))) {
      const base = this.naiveBase(process, object)!;
      this.unmap(cpu, process, object, from - base, to - base);
    }
  }

  private pagesOf(bytes: number): number {
    return Math.ceil(bytes / 2 ** this.mmu.pageShift);
  }
}
