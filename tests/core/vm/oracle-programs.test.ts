/**
 * Programs on booted kernels: every mapping of their /proc/self/maps at its address, what they mapped themselves, and
 * which pages they shared with whom. Sizes and order come from the capture; each address is the machine's own.
 */
import { describe, expect, test } from 'vitest';
import { bootMachine } from '../../../core/boot/boot.ts';
import { READ, WRITE } from '../../../core/event/access-mode.ts';
import {
  MADV_DONTNEED,
  MAP_SHARED,
  PLACE_MMAP,
  PLACE_PIE,
  PLACE_STACK,
  PLACE_TEXT,
} from '../../../core/event/mmap-flags.ts';
import type { Layout } from '../../../core/layout/layout.ts';
import type { Machine } from '../../../core/machine/machine.ts';
import type { MachineOptions } from '../../../core/machine/options.ts';
import { pteFrame } from '../../../core/paging/pte.ts';
import { findLeaf } from '../../../core/paging/table-walk.ts';
import { type BootedMachine, bootedMachines } from '../../captures/booted-machines.ts';
import { atDepth } from '../../support/depth.ts';
import { access, brk, MIB, madvise, mmap, munmap, RUNNING, RW, Session } from '../../support/rows.ts';

interface Line {
  readonly start: number;
  readonly end: number;
  readonly name: string;
}

function lineOf(text: string): Line {
  const [, start, end, name] = /^(\w+)-(\w+) \S+ \w+ \S+ \d+ *(.*)$/.exec(text)!;
  return { start: Number(`0x${start}`), end: Number(`0x${end}`), name: name!.trim() };
}

/** What the programs were started with: `umap_legacy` with ADDR_COMPAT_LAYOUT. */
const OPTIONS: Readonly<Record<string, MachineOptions>> = {
  umap_stack_unlimited: { stackLimitBytes: 'unlimited' },
  umap_stack_256m: { stackLimitBytes: 256n * BigInt(MIB) },
  umap_stack64M: { stackLimitBytes: 64n * BigInt(MIB) },
  umap_legacy: { legacyMmap: true },
};

/** Segments of the ELF files of ARM are aligned to this (max-page-size of the linker). */
const SEGMENT_BYTES = 65_536;

const booted = new Map<Layout, Map<MachineOptions, Machine>>();

/** Of each kernel many programs begin on the same machine. */
function bootedOnce(layout: Layout, options: MachineOptions): Machine {
  const others = booted.get(layout) ?? new Map<MachineOptions, Machine>();
  const machine = others.get(options) ?? bootMachine(layout, options);
  booted.set(layout, others.set(options, machine));
  return machine;
}

const USUAL: MachineOptions = {};

/** Boots the machine, and starts a process whose mappings come in the order of the kernel and the dynamic linker. */
class Program {
  readonly session: Session;
  readonly pageBytes: number;
  private object = 0;
  /** Start of each mapping, as captured and as the machine has it. */
  readonly captured: number[] = [];
  readonly placed: number[] = [];
  private readonly isUpwards: boolean;

  constructor({ oracle, layout }: BootedMachine, name: string, lines: readonly Line[]) {
    const options = OPTIONS[name] ?? USUAL;
    this.isUpwards = options.legacyMmap === true;
    this.pageBytes = 2 ** layout.pageShift;
    this.session = new Session(bootedOnce(layout, options)).given(...RUNNING);
    const segmentBytes = oracle.config.arch === 'arm64' ? SEGMENT_BYTES : this.pageBytes;
    this.load(lines, name.endsWith('dynpie') ? PLACE_PIE : PLACE_TEXT, segmentBytes);
  }

  private load(lines: readonly Line[], place: number, segmentBytes: number): void {
    const stack = lines.find((line) => line.name === '[stack]')!;
    const heaps = lines.filter((line) => line.name === '[heap]');
    const heap = heaps[heaps.length - 1];
    // What lies below the heap is the program, from a fixed address or not; above it, downwards, the rest.
    const program = lines.filter((line) => line !== heap && heap !== undefined && line.start < heap.start);
    // The page of ARM's vectors is a gate: no mapping of the process.
    const above = lines.filter(
      (line) => ![stack, heap, ...program].includes(line) && line.name !== '[vectors]',
    );
    this.mapStack(stack);
    this.mapProgram(program, place);
    const image = imageAmong(above);
    if (image.length > 0) this.mapAligned(image, segmentBytes);
    const others = withOneVdso(above.filter((line) => !image.includes(line)));
    for (const line of this.isUpwards ? others : others.reverse()) this.map(line, PLACE_MMAP);
    if (heap !== undefined) this.note(heap.start, brk(++this.object, heap.end - heap.start));
  }

  private mapStack(line: Line): void {
    this.session.given(mmap(++this.object, 8 * MIB, RW | PLACE_STACK));
    this.captured.push(line.start, line.end);
    const { startVpn, nrPages } = this.session.machine.records.mms[1]!.vmas.toArray().at(-1)!;
    this.placed.push(startVpn * this.pageBytes, (startVpn + nrPages) * this.pageBytes);
  }

  /** Segments of a file keep their distances; what is between two of them is nobody's, and is mapped here to be so. */
  private mapProgram(lines: readonly Line[], place: number): void {
    for (const [i, line] of lines.entries()) {
      const gapBytes = i === 0 ? 0 : line.start - lines[i - 1]!.end;
      if (gapBytes > 0) this.note(lines[i - 1]!.end, mmap(++this.object, gapBytes, RW | place));
      this.map(line, place);
    }
  }

  /** An image without a dynamic linker goes where any mapping would, whole, and down to its segments' alignment. */
  private mapAligned(lines: readonly Line[], segmentBytes: number): void {
    const { start } = lines[0]!;
    const sizeBytes = lines.at(-1)!.end - start;
    const tried = ++this.object;
    const { vpn } = this.session.do(mmap(tried, sizeBytes));
    const padBytes = (vpn * this.pageBytes) % segmentBytes;
    this.session.given(munmap(tried, 0, sizeBytes));
    this.note(start, mmap(++this.object, sizeBytes + padBytes));
    // What lies between segments, and behind the last one, is free again.
    const ends = [...lines.slice(1).map((line) => line.start - start), sizeBytes + padBytes];
    for (const [i, line] of lines.entries()) {
      const holeBytes = ends[i]! - (line.end - start);
      if (holeBytes > 0) this.session.given(munmap(this.object, line.end - start, holeBytes));
    }
  }

  private map(line: Line, place: number): void {
    this.note(line.start, mmap(++this.object, line.end - line.start, RW | place));
  }

  private note(captured: number, step: Parameters<Session['do']>[0]): void {
    const { status, vpn } = this.session.do(step);
    expect(status).toBe('ok');
    this.captured.push(captured);
    this.placed.push(vpn * this.pageBytes);
  }

  /** A mapping that the program made itself; its object. */
  mapOwn(captured: number, lengthBytes: number): number {
    this.note(captured, mmap(++this.object, lengthBytes, RW));
    return this.object;
  }

  /** What it did by mmap and by malloc, which maps what is that large, with its size and flags before it. */
  mapItsOwn(records: readonly string[]): void {
    for (const line of records) {
      const [, length, address] = /^mmap n=\d+ len=(\d+) addr=(\w+)/.exec(line) ?? [];
      if (length !== undefined) this.mapOwn(Number(address), Number(length));
      const [, malloc] = /malloc200000=(\w+)/.exec(line) ?? [];
      if (malloc === undefined || this.isInHeap(Number(malloc))) continue;
      const headerBytes = Number(malloc) % this.pageBytes;
      this.mapOwn(Number(malloc) - headerBytes, 200_000 + headerBytes);
    }
  }

  /** An allocator of programs with large pages may have room for it. */
  private isInHeap(address: number): boolean {
    const { vmas } = this.session.machine.records.mms[1]!;
    const vpn = Math.floor(address / this.pageBytes);
    return vmas.toArray().some(({ startVpn, nrPages }) => startVpn <= vpn && vpn < startVpn + nrPages);
  }

  newObject(): number {
    return ++this.object;
  }

  pfnOf(object: number, page: number, pid = 1): number {
    const { machine } = this.session;
    const mm = machine.records.mms[machine.records.processes[pid]!.mm]!;
    const vma = mm.vmas.toArray().find((one) => one.object === object)!;
    const { pte } = findLeaf(machine, mm.root, vma.startVpn + page);
    return pte === 0 ? 0 : pteFrame(pte);
  }
}

/** The pages of the vdso, those of its data and of the return from signals are mapped as one (install_special_mapping). */
function withOneVdso(lines: readonly Line[]): Line[] {
  const isSpecial = ({ name }: Line): boolean => ['[sigpage]', '[vvar]', '[vdso]'].includes(name);
  const special = lines.filter(isSpecial);
  if (special.length === 0) return [...lines];
  const one = { start: special[0]!.start, end: special.at(-1)!.end, name: '[vdso]' };
  return lines.flatMap((line) => (line === special[0] ? [one] : isSpecial(line) ? [] : [line]));
}

/** Of a program that is mapped as a dynamic linker is: its file's segments, and the memory right behind them. */
function imageAmong(lines: readonly Line[]): Line[] {
  const isImage = ({ name }: Line): boolean => name.endsWith('umappie');
  const image = lines.filter(isImage);
  const end = image.at(-1)?.end;
  return [...image, ...lines.filter(({ start, name }) => start === end && name === '')];
}

const all = bootedMachines().flatMap((booted) =>
  Object.entries(booted.oracle.userspace)
    // A 32-bit program on a 64-bit kernel has an address space of a third kind.
    .filter(([name]) => name !== 'umap_ia32')
    .map(([name, { maps, maps_at_start, records = [] }]) => ({
      ...{ booted, name, records, id: booted.id },
      maps: maps_at_start ?? maps,
    })),
);
/** All, or one in three: some of every kernel. */
const cases = all.filter((_, i) => i % atDepth({ quick: 3, full: 1 }) === 0);

describe.each(cases)('$id: $name', ({ booted, name, maps, records }) => {
  /** For one test: the machines of all of them together are more than a gigabyte. */
  function started(): Program {
    const program = new Program(booted, name, maps.map(lineOf));
    program.mapItsOwn(records);
    return program;
  }
  const record = (pattern: RegExp): string[] => {
    const found = records.map((line) => pattern.exec(line)).find((match) => match !== null);
    return found === undefined ? [] : [...found].slice(1);
  };

  test('every mapping has its address, and so have those that the program makes', () => {
    const { placed, captured } = started();
    expect(placed).toEqual(captured);
  });

  if (records.length > 0)
    test('faults and frames are shared and copied as there', () => {
      const program = started();
      const { session, pageBytes } = program;
      const [address] = record(/^demand addr=(\w+)/);
      const captured = record(/write_touch .*pfns=(\S+)/)[0]!.split(',');
      const object = program.mapOwn(Number(address), captured.length * pageBytes);
      expect(program.placed.at(-1)).toBe(program.captured.at(-1));
      const countFaults = () =>
        session.counter('zeroPageFaults') +
        session.counter('demandZeroFaults') +
        session.counter('copyOnWriteFaults');
      const before = countFaults();
      const touch = (page: number, mode: number) => session.given(access(object, page * pageBytes, 1, mode));
      touch(0, READ);
      touch(1, READ);
      expect(program.pfnOf(object, 0)).toBe(program.pfnOf(object, 1));
      const seen = [countFaults() - before];
      touch(0, WRITE);
      seen.push(countFaults() - before);
      for (let page = 2; page < captured.length; page++) touch(page, WRITE);
      seen.push(countFaults() - before);
      expect(seen).toEqual(faultsOf(records));
      expect(program.pfnOf(object, 1)).toBe(session.machine.platform.zeroPfn);
      expect(new Set(captured.map((_, page) => program.pfnOf(object, page))).size).toBe(
        new Set(captured).size,
      );
      copyOnWrite(program, object, touch);
      session.given(madvise(object, 0, 0, MADV_DONTNEED));
      expect(program.pfnOf(object, 0)).toBe(Number(record(/madv_dontneed pfn0=(\w+)/)[0]));
    });

  const refusals = records.flatMap((line) => {
    const [, address, errno] = /^map_fixed_at=(0x\w+) .*errno=(\d+)/.exec(line) ?? [];
    return address === undefined ? [] : [{ address, isRefused: errno === '12' }];
  });
  if (refusals.length > 0)
    test('what is asked for at an address has to end within user space', () => {
      const { taskSize, pageShift } = booted.layout;
      for (const { address, isRefused } of refusals)
        expect([address, BigInt(address) + 2n ** BigInt(pageShift) > taskSize]).toEqual([address, isRefused]);
      for (const end of record(/^highest_mappable_end=(\w+)/)) expect(BigInt(end)).toBe(taskSize);
    });

  function copyOnWrite(program: Program, object: number, touch: (page: number, mode: number) => void): void {
    const { session, pageBytes } = program;
    const shared = program.newObject();
    session.given(mmap(shared, pageBytes, RW | MAP_SHARED), access(shared, 0, 1, WRITE));
    const own = program.pfnOf(object, 0);
    session.given({ kind: 'fork', pid: 2 }, { kind: 'switch', pid: 2 });
    const [beforePfn] = record(/cow child before_write pfn0=(\w+)/);
    expect(program.pfnOf(object, 0, 2) === own).toBe(beforePfn === record(/write_touch .*pfns=(\w+)/)[0]);
    session.given(access(shared, 0, 1, READ));
    // ARM's probe did not ask: shared memory is shared.
    const [isSame = '1'] = record(/^shared .* same=(\d)/);
    expect(program.pfnOf(shared, 0, 2) === program.pfnOf(shared, 0)).toBe(isSame === '1');
    touch(0, WRITE);
    const [childPfn] = record(/cow child after_write pfn0=(\w+)/);
    const [parentPfn] = record(/cow parent after_child pfn0=(\w+)/);
    const [ownPfn] = record(/cow parent after_own_write pfn0=(\w+)/);
    expect(program.pfnOf(object, 0, 2) === program.pfnOf(object, 0)).toBe(childPfn === parentPfn);
    session.given({ kind: 'exit' }, { kind: 'switch', pid: 1 });
    touch(0, WRITE);
    expect(program.pfnOf(object, 0) === own).toBe(ownPfn === parentPfn);
  }
});

/** Faults by the end of each step: two pages read, one of them written, then the others; of ARM each step has its own. */
function faultsOf(records: readonly string[]): number[] {
  const steps = records.flatMap((line) => /^demand .*faults=(\d)/.exec(line)?.[1] ?? []).map(Number);
  const areOwn = steps[1]! < steps[0]!;
  return areOwn ? steps.map((_, i) => steps.slice(0, i + 1).reduce((sum, one) => sum + one, 0)) : steps;
}
