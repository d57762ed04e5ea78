/** The address space as a view draws it: complete, in order, and equal to what reports say of the same machine. */
import { describe, expect, test } from 'vitest';
import { CLONE_VM } from '../../../../core/event/clone-flags.ts';
import { explainAddress } from '../../../../core/explain/explain.ts';
import { vmallocAreas } from '../../../../core/kmap/list-areas.ts';
import { addressSpaceOf, type SpaceRegion } from '../../../../replay/page/models/address-space.ts';
import { DISTINCT_LAYOUTS } from '../../../support/distinct-layouts.ts';
import {
  access,
  HIGH,
  ioremap,
  MIB,
  machineOf,
  mmap,
  PAGE,
  pages,
  RUNNING,
  type Session,
  sessionOf,
  vmalloc,
} from '../../../support/rows.ts';

/** 1 GiB under 3G/1G with something everywhere. */
function busy(): Session {
  return sessionOf('linux-3g1g', 1024).given(
    ...RUNNING,
    mmap(1, 8 * PAGE),
    access(1, 0, 8),
    access(1, PAGE, 8),
    vmalloc(2, 3 * PAGE),
    ioremap(3, PAGE, 0xfebc0),
    pages(4, 1, HIGH),
    { kind: 'kmap', object: 4, page: 1 },
    { kind: 'kmap_local', object: 4, page: 0 },
  );
}

const regionNamed = (regions: readonly SpaceRegion[], kind: SpaceRegion['kind']): SpaceRegion =>
  regions.find((region) => region.kind === kind)!;

describe.each(DISTINCT_LAYOUTS.map(({ name }) => name))('%s', (name) => {
  const machine = machineOf(name, 512);
  const { regions, wordBits } = addressSpaceOf(machine);

  test('every address of the word belongs to one region or hole', () => {
    expect(regions[0]!.start).toBe(0n);
    expect(regions.at(-1)!.end).toBe(1n << BigInt(wordBits));
    regions.slice(1).forEach(({ start }, i) => {
      expect(start).toBe(regions[i]!.end);
    });
  });

  test('pieces are in their region, ascending and apart', () => {
    for (const { start, end, pieces } of regions) {
      let next = start;
      for (const piece of pieces) {
        expect(piece.start >= next && piece.start < piece.end && piece.end <= end).toBe(true);
        next = piece.end;
      }
    }
  });

  test('a region is what explain says of its first address', () => {
    for (const { start, type, kind } of regions.filter(({ isHole }) => !isHole)) {
      const explained = explainAddress(machine, 'virtual', start);
      expect([explained.type, explained.region?.kind]).toEqual([type, kind]);
    }
  });
});

test('a mapping tells its protection, its object and how much of it is in memory', () => {
  const { pid, regions } = addressSpaceOf(busy().machine);
  expect(pid).toBe(1);
  const [vma] = regionNamed(regions, 'user').pieces;
  expect(vma).toMatchObject({
    ...{ kind: 'vma', name: 'anonymous', protection: 'rw-p', object: 1 },
    ...{ residentBytes: 2 * PAGE, swappedBytes: 0 },
  });
  expect(regionNamed(regions, 'user')).toMatchObject({
    usedBytes: 8 * PAGE,
    freeBytes: 3072 * MIB - 8 * PAGE,
  });
});

test('each mapping counts its own pages', () => {
  const session = busy().given(mmap(10, 4 * PAGE), mmap(11, 4 * PAGE));
  for (const page of [0, 1, 2]) session.given(access(11, page * PAGE, 8));
  const { pieces } = regionNamed(addressSpaceOf(session.machine).regions, 'user');
  const resident = new Map(pieces.map((piece) => [piece.object, piece.residentBytes]));
  expect([1, 10, 11].map((object) => resident.get(object))).toEqual([2 * PAGE, 0, 3 * PAGE]);
});

test('areas of the vmalloc window are those of /proc/vmallocinfo', () => {
  const { machine } = busy();
  const { pieces, usedBytes, freeBytes, start, end } = regionNamed(
    addressSpaceOf(machine).regions,
    'vmalloc',
  );
  expect(pieces.map((piece) => [piece.start, piece.end, piece.kind])).toEqual(
    vmallocAreas(machine).map((area) => [area.start, area.end, area.kind]),
  );
  expect(pieces.find(({ kind }) => kind === 'ioremap')).toMatchObject({ object: 3, pfn: 0xfebc0 });
  expect(usedBytes).toBe(4 * PAGE + 2 * PAGE);
  expect(usedBytes! + freeBytes!).toBe(Number(end - start));
});

test('slots that hold a page say whose it is', () => {
  const { machine } = busy();
  const { regions } = addressSpaceOf(machine);
  const kmap = regionNamed(regions, 'pkmap');
  expect(kmap.pieces.map(({ name }) => name)).toEqual(['slot 1 of kmap(), used once']);
  expect([kmap.usedBytes, kmap.freeBytes]).toEqual([PAGE, 1023 * PAGE]);
  const fixmap = regionNamed(regions, 'fixmap');
  const local = fixmap.pieces.find(({ kind }) => kind === 'kmap_local')!;
  expect(local.name).toBe('slot 0 of kmap_local() on cpu 0');
  expect(fixmap.usedBytes).toBe(PAGE);
  for (const piece of [kmap.pieces[0]!, local])
    expect(explainAddress(machine, 'virtual', piece.start).frame?.pfn).toBe(piece.pfn);
});

test('a slot that nobody uses any more keeps its page', () => {
  const session = busy().given({ kind: 'kunmap', object: 4, page: 1 });
  const kmap = regionNamed(addressSpaceOf(session.machine).regions, 'pkmap');
  expect(kmap.pieces.map(({ name }) => name)).toEqual(['slot 1 of kmap(), kept, used by nobody']);
  expect(kmap.usedBytes).toBe(0);
});

test('freed areas stay until they are purged', () => {
  const session = busy().given({ kind: 'vfree', object: 2 });
  const region = regionNamed(addressSpaceOf(session.machine).regions, 'vmalloc');
  expect(region.pieces.map(({ kind, protection }) => [kind, protection])).toContainEqual(['unpurged', '']);
  const waiting = 4 * PAGE;
  expect(region.usedBytes! + region.freeBytes! + waiting).toBe(Number(region.end - region.start));
});

test('the direct map leads each piece to its frames', () => {
  const { machine } = busy();
  for (const { start, end, pfn } of regionNamed(addressSpaceOf(machine).regions, 'direct').pieces) {
    const last = explainAddress(machine, 'virtual', end - 1n);
    expect(explainAddress(machine, 'virtual', start).frame?.pfn).toBe(pfn);
    expect(last.frame?.pfn).toBe(pfn! + Number(end - start) / PAGE - 1);
  }
});

test('threads share an address space', () => {
  const session = busy().given({ kind: 'clone', pid: 2, cloneFlags: CLONE_VM });
  expect(addressSpaceOf(session.machine, 2)).toMatchObject({ pid: 2, sharers: [1, 2], pids: [1, 2] });
});

test('without a process the user half is there and empty', () => {
  const { pid, pids, regions } = addressSpaceOf(machineOf('linux-3g1g', 512));
  expect([pid, pids]).toEqual([undefined, []]);
  expect(regionNamed(regions, 'user')).toMatchObject({ pieces: [], usedBytes: 0 });
});

test('a process that is not alive is told', () => {
  expect(() => addressSpaceOf(busy().machine, 7)).toThrow('process 7: not alive at this moment');
});

test('the model can be sent to a worker', () => {
  const space = addressSpaceOf(busy().machine);
  expect(structuredClone(space)).toEqual(space);
});
