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
import { buildLayout } from '../../../core/layout/catalog/index.ts';
import { pteFrame } from '../../../core/paging/pte.ts';
import { findLeaf } from '../../../core/paging/tables.ts';
import type { OracleMachine } from '../../captures/oracle-machine.ts';
import { layoutNameOf, optionsOf, oracleMachines } from '../../captures/oracle-machines.ts';
import { access, brk, MIB, madvise, mmap, PAGE, RUNNING, RW, Session } from '../../support/rows.ts';

interface Line {
  readonly start: number;
  readonly end: number;
  readonly name: string;
}

function lineOf(text: string): Line {
  const [, start, end, name] = /^(\w+)-(\w+) \S+ \w+ \S+ \d+ ?(.*)$/.exec(text)!;
  return { start: Number(`0x${start}`), end: Number(`0x${end}`), name: name!.trim() };
}

const STACK_LIMITS: Readonly<Record<string, bigint | 'unlimited'>> = {
  umap_stack_unlimited: 'unlimited',
  umap_stack_256m: 256n * BigInt(MIB),
};

/** Boots the machine, and starts a process whose mappings come in the order of the kernel and the dynamic linker. */
class Program {
  readonly session: Session;
  private object = 0;
  /** Start of each mapping, as captured and as the machine has it. */
  readonly captured: number[] = [];
  readonly placed: number[] = [];

  constructor(machine: OracleMachine, name: string, lines: readonly Line[]) {
    const limit = STACK_LIMITS[name];
    const options = limit === undefined ? {} : { stackLimitBytes: limit };
    const layout = buildLayout(layoutNameOf(machine), optionsOf(machine));
    this.session = new Session(bootMachine(layout, options)).given(...RUNNING);
    this.load(lines, name.endsWith('dynpie') ? PLACE_PIE : PLACE_TEXT);
  }

  private load(lines: readonly Line[], place: number): void {
    const stack = lines.find((line) => line.name === '[stack]')!;
    const heaps = lines.filter((line) => line.name === '[heap]');
    const heap = heaps[heaps.length - 1];
    // What lies below the heap is the program, from a fixed address or not; above it, downwards, the rest.
    const program = lines.filter((line) => line !== heap && heap !== undefined && line.start < heap.start);
    const above = lines.filter((line) => line !== stack && line !== heap && !program.includes(line));
    this.mapStack(stack);
    for (const line of program) this.map(line, place);
    for (const line of above.reverse()) this.map(line, PLACE_MMAP);
    if (heap !== undefined) this.note(heap.start, brk(++this.object, heap.end - heap.start));
  }

  private mapStack(line: Line): void {
    this.session.given(mmap(++this.object, 8 * MIB, RW | PLACE_STACK));
    this.captured.push(line.start, line.end);
    const { startVpn, nrPages } = this.session.machine.records.mms[1]!.vmas.at(-1)!;
    this.placed.push(startVpn * PAGE, (startVpn + nrPages) * PAGE);
  }

  private map(line: Line, place: number): void {
    this.note(line.start, mmap(++this.object, line.end - line.start, RW | place));
  }

  private note(captured: number, step: Parameters<Session['do']>[0]): void {
    const { status, vpn } = this.session.do(step);
    expect(status).toBe('ok');
    this.captured.push(captured);
    this.placed.push(vpn * PAGE);
  }

  /** A mapping that the program made itself; its object. */
  mapOwn(captured: number, lengthBytes: number): number {
    this.note(captured, mmap(++this.object, lengthBytes, RW));
    return this.object;
  }

  /** What it did by mmap and by malloc, which maps what is that large, with a header of 16 bytes before it. */
  mapItsOwn(records: readonly string[]): void {
    for (const line of records) {
      const [, length, address] = /^mmap n=\d+ len=(\d+) addr=(\w+)/.exec(line) ?? [];
      if (length !== undefined) this.mapOwn(Number(address), Number(length));
      const [, malloc] = /malloc200000=(\w+)/.exec(line) ?? [];
      if (malloc !== undefined) this.mapOwn(Number(malloc) - 16, 200_000 + 16);
    }
  }

  newObject(): number {
    return ++this.object;
  }

  pfnOf(object: number, page: number, pid = 1): number {
    const { machine } = this.session;
    const mm = machine.records.mms[machine.records.processes[pid]!.mm]!;
    const vma = mm.vmas.find((one) => one.object === object)!;
    const { pte } = findLeaf(machine, mm.root, vma.startVpn + page);
    return pte === 0 ? 0 : pteFrame(pte);
  }
}

const cases = oracleMachines().flatMap((machine) =>
  Object.entries(machine.userspace)
    // A 32-bit program on a 64-bit kernel has an address space of a third kind.
    .filter(([name]) => name !== 'umap_ia32')
    .map(([name, { maps, records = [] }]) => ({ machine, name, maps, records, id: machine.id })),
);

describe.each(cases)('$id: $name', ({ machine, name, maps, records }) => {
  const program = new Program(machine, name, maps.map(lineOf));
  const { session } = program;
  program.mapItsOwn(records);
  const record = (pattern: RegExp): string[] => {
    const found = records.map((line) => pattern.exec(line)).find((match) => match !== null);
    return found === undefined ? [] : [...found].slice(1);
  };

  test('every mapping has its address, and so have those that the program makes', () => {
    expect(program.placed).toEqual(program.captured);
  });

  if (records.length > 0)
    test('faults and frames are shared and copied as there', () => {
      const [address] = record(/^demand addr=(\w+)/);
      const [, , readFaults] = record(/read_touch pfn0=(\w+) pfn1=(\w+) zero_page_shared=1 faults=(\d)/);
      const [pfns, faults] = record(/write_touch pfns=(\S+) faults=(\d)/);
      const captured = pfns!.split(',');
      const object = program.mapOwn(Number(address), captured.length * PAGE);
      expect(program.placed.at(-1)).toBe(program.captured.at(-1));
      const countFaults = () =>
        session.counter('zeroPageFaults') +
        session.counter('demandZeroFaults') +
        session.counter('copyOnWriteFaults');
      const before = countFaults();
      const touch = (page: number, mode: number) => session.given(access(object, page * PAGE, 1, mode));
      touch(0, READ);
      touch(1, READ);
      expect(program.pfnOf(object, 0)).toBe(program.pfnOf(object, 1));
      expect(countFaults() - before).toBe(Number(readFaults));
      touch(0, WRITE);
      for (let page = 2; page < captured.length; page++) touch(page, WRITE);
      expect(countFaults() - before).toBe(Number(faults));
      expect(program.pfnOf(object, 1)).toBe(session.machine.platform.zeroPfn);
      expect(new Set(captured.map((_, page) => program.pfnOf(object, page))).size).toBe(
        new Set(captured).size,
      );
      copyOnWrite(object, touch);
      session.given(madvise(object, 0, 0, MADV_DONTNEED));
      expect(program.pfnOf(object, 0)).toBe(Number(record(/madv_dontneed pfn0=(\w+)/)[0]));
    });

  function copyOnWrite(object: number, touch: (page: number, mode: number) => void): void {
    const shared = program.newObject();
    session.given(mmap(shared, PAGE, RW | MAP_SHARED), access(shared, 0, 1, WRITE));
    const own = program.pfnOf(object, 0);
    session.given({ kind: 'fork', pid: 2 }, { kind: 'switch', pid: 2 });
    expect(program.pfnOf(object, 0, 2) === own).toBe(
      record(/before_write pfn0=\w+ same_as_parent=(\d)/)[0] === '1',
    );
    session.given(access(shared, 0, 1, READ));
    expect(program.pfnOf(shared, 0, 2) === program.pfnOf(shared, 0)).toBe(
      record(/^shared .* same=(\d)/)[0] === '1',
    );
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
