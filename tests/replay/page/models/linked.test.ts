/** What goes with a selection: what is told of one of each kind, of what is not there, and of events. */
import { describe, expect, test } from 'vitest';
import { WRITE } from '../../../../core/event/access-mode.ts';
import { explainAddress } from '../../../../core/explain/explain.ts';
import type { Machine } from '../../../../core/machine/machine.ts';
import { type Linked, linkedOf, MOST_RANGES } from '../../../../replay/page/models/linked.ts';
import {
  access,
  eventOf,
  HIGH,
  ioremap,
  kmalloc,
  MIB,
  mmap,
  munmap,
  PAGE,
  pages,
  RUNNING,
  RW,
  type Session,
  sessionOf,
  vmalloc,
} from '../../../support/rows.ts';
import { linked } from './linked-text.ts';

/** Something of each kind, under 3G/1G with 1 GiB, some of it high. */
function busy(): Session {
  return sessionOf('linux-3g1g', 1024).given(
    ...RUNNING,
    mmap(1, 8 * PAGE),
    access(1, 0, 8),
    vmalloc(2, 3 * PAGE),
    ioremap(3, PAGE, 0xfebc0),
    pages(4, 1, HIGH),
    pages(5, 2),
    { kind: 'vmap', object: 6, pages: 5, count: 4 },
    kmalloc(7, 24),
    { kind: 'kmap', object: 4, page: 1 },
    { kind: 'kmap_local', object: 4, page: 1 },
  );
}

describe('one of each kind', () => {
  const { machine } = busy();
  const ways = (of: Linked): string[] => of.places.map(({ by }) => by);

  test.each([
    ['object:1', 'object 1: mapped by processes, 32.0 KiB', ['mapping']],
    ['object:2', 'object 2: vmalloc, 12.0 KiB', ['vmalloc']],
    ['object:3', 'object 3: ioremap, 4.0 KiB', ['ioremap']],
    ['object:4', 'object 4: alloc_pages, 8.0 KiB', ['kmap', 'kmap_local']],
    ['object:5', 'object 5: alloc_pages, 16.0 KiB', ['direct map']],
    ['object:6', 'object 6: vmap, 16.0 KiB', ['vmap']],
    ['object:7', 'object 7: kmalloc, 32 B', ['direct map']],
  ])('%s', (selection, text, by) => {
    const of = linked(machine, selection);
    expect([of.text, ways(of), of.isThere]).toEqual([text, by, true]);
  });

  test('a page that is mapped twice by the kernel', () => {
    const pfn = linked(machine, 'object:5').frames[0]!.start;
    const of = linked(machine, `frame:${pfn}`);
    expect([ways(of), of.objects]).toEqual([
      ['direct map', 'vmap'],
      [5, 6],
    ]);
  });

  test('a page of a file belongs to all who map it', () => {
    const session = busy().given(
      { kind: 'file', file: 60, length: 4 * PAGE },
      mmap(30, 4 * PAGE, RW, 60),
      access(30, PAGE, 8),
      { kind: 'fork', pid: 2 },
      { kind: 'switch', pid: 2 },
      access(30, PAGE, 8),
    );
    const { address } = linked(session.machine, 'object:30');
    const { frame } = explainAddress(session.machine, 'virtual', address! + BigInt(PAGE), { pid: 2 });
    expect(frame).toMatchObject({ use: 'page cache', references: 3 });
    const of = linked(session.machine, `frame:${frame!.pfn}`);
    expect([of.processes, of.objects, of.places.filter(({ by }) => by === 'mapping').length]).toEqual([
      [1, 2],
      [30],
      2,
    ]);
  });

  test('a device has frames that are no memory', () => {
    expect(linked(machine, 'object:3').frames).toEqual([{ start: 0xfebc0, end: 0xfebc1 }]);
    const of = linked(machine, 'frame:0xfebc0');
    expect([ways(of), of.objects]).toEqual([['ioremap'], [3]]);
  });

  test('a slab: all objects in its page', () => {
    const session = busy().given(kmalloc(8, 24));
    const pfn = linked(session.machine, 'object:8').frames[0]!.start;
    expect(linked(session.machine, `frame:${pfn}`).objects).toEqual([7, 8]);
  });

  test('a page table belongs to its process, and says what it maps', () => {
    const of = linked(machine, `frame:${tableOf(machine)}`);
    expect(of.processes).toEqual([1]);
    expect(of.text).toMatch(/page table.*; pte, from 0x[0-9a-f]{8} for 4194304 bytes of process 1$/);
  });

  test('a kernel stack belongs to its process', () => {
    const of = linked(machine, `frame:${machine.records.processes[1]!.stackPfn}`);
    expect(of.processes).toEqual([1]);
  });

  test('under 64 bits the kernel image is mapped twice', () => {
    const wide = sessionOf('linux-x86_64', 256).machine;
    const image = Number(wide.platform.layout.kernelImage.start) / PAGE;
    expect(ways(linked(wide, `frame:${image}`))).toEqual(['direct map', 'kernel image']);
  });
});

/** The frame of the last-level table that maps the first page of object 1. */
function tableOf(machine: Machine): number {
  const { start } = linked(machine, 'object:1').places[0]!;
  const { walk } = explainAddress(machine, 'virtual', start, { pid: 1 });
  return Number(walk.at(-1)!.entryAddress / BigInt(PAGE));
}

describe('what is not there', () => {
  const { machine } = busy();

  test.each([
    ['object:99', 'object 99 is not there at this moment'],
    ['process:99', 'process 99 is not alive at this moment'],
    ['address:0x8048000@99', '0x08048000: user virtual, user space; process 99 is not alive at this moment'],
    ['event:5', 'event 5'],
  ])('%s', (selection, text) => {
    const of = linked(machine, selection);
    expect([of.text, of.isThere, of.places, of.frames]).toEqual([text, false, [], []]);
  });

  test('a kernel address means the same whoever is alive', () => {
    const of = linked(machine, 'address:0xc1234567@99');
    expect(of).toMatchObject({ isThere: true, frames: [{ start: 0x1234, end: 0x1235 }] });
    expect(of.text).toBe('0xc1234567: kernel logical, direct map');
  });

  test('an address that is not mapped says why', () => {
    expect(linked(machine, 'address:0x1000@1').text).toBe(
      '0x00001000: user virtual, user space; not mapped: the process has no mapping here: an access ends in SIGSEGV',
    );
  });
});

describe('an event', () => {
  const of = (session: Session, step: Parameters<typeof eventOf>[0]): Linked =>
    linkedOf(session.machine, { kind: 'event', event: 7 }, eventOf(step));

  test('that allocates: what it gave, after it', () => {
    const found = of(busy(), vmalloc(20, 2 * PAGE));
    expect(found).toMatchObject({
      when: 'after',
      objects: [20],
      text: 'event 7: vmalloc(object 20, 8.0 KiB)',
    });
    expect(found.frames.reduce((sum, { start, end }) => sum + end - start, 0)).toBe(2);
  });

  test('that frees: what it took away, before it', () => {
    const session = busy();
    const found = of(session, { kind: 'vfree', object: 2 });
    expect(found).toMatchObject({ when: 'before', objects: [2] });
    expect(found.places).toEqual(linked(session.machine, 'object:2').places);
  });

  test('that uses memory: the byte', () => {
    const session = busy();
    const found = of(session, access(1, 3 * PAGE + 4, 8));
    expect(found.address).toBe(linked(session.machine, 'object:1').address! + BigInt(3 * PAGE + 4));
    expect(found).toMatchObject({ when: 'after', objects: [1], processes: [1] });
  });

  test('that fails names what it could not give', () => {
    expect(of(busy(), vmalloc(20, 500 * MIB))).toMatchObject({ isThere: false, objects: [], frames: [] });
  });

  test('of a process: the process', () => {
    expect(of(busy(), { kind: 'fork', pid: 2 }).processes).toEqual([2]);
  });
});

test('what is too much is counted', () => {
  const nrPages = MOST_RANGES + 5;
  const session = sessionOf('linux-x86_64', 256).given(
    ...RUNNING,
    mmap(1, nrPages * PAGE),
    mmap(2, nrPages * PAGE),
  );
  // Their pages take turns, and then every other one is free.
  for (let page = 0; page < nrPages; page++)
    session.given(access(1, page * PAGE, 8, WRITE), access(2, page * PAGE, 8, WRITE));
  session.given(munmap(2, 0, nrPages * PAGE));
  const of = linked(session.machine, 'object:1');
  expect([of.frames.length, of.leftOut]).toEqual([MOST_RANGES, { places: 0, frames: 5 }]);
});

test('the model can be sent to a worker', () => {
  const of = linked(busy().machine, 'process:1');
  expect(structuredClone(of)).toEqual(of);
});
