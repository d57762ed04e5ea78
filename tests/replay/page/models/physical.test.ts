/** The map of physical memory, against a naive one that asks explain about every single frame. */
import { beforeAll, describe, expect, test } from 'vitest';
import { batchOf } from '../../../../core/event/batch.ts';
import { explainFrame } from '../../../../core/explain/frame.ts';
import { fold } from '../../../../core/fold/fold.ts';
import type { Machine } from '../../../../core/machine/machine.ts';
import type { MachineOptions } from '../../../../core/machine/options.ts';
import { LRU_LISTS } from '../../../../core/pages/lru.ts';
import { lruSize } from '../../../../core/pages/lru-links.ts';
import { isSwapPte, PTE_SPECIAL, pteFrame } from '../../../../core/paging/pte.ts';
import { forEachUserPage } from '../../../../core/paging/user-pages.ts';
import { MIGRATE_CMA } from '../../../../core/phys/migrate.ts';
import {
  type FrameColour,
  MOST_CELLS,
  type PhysicalMap,
  physicalMapOf,
} from '../../../../replay/page/models/physical.ts';
import { migrateTypes } from '../../../../replay/views/free-counts.ts';
import { viewNamed } from '../../../../replay/views/index.ts';
import { parseBuddyinfo } from '../../../../traces/index.ts';
import {
  coherent,
  device,
  MIB,
  machineOf,
  pages,
  RUNNING,
  SMALL_MACHINES,
  sessionOf,
  vmalloc,
} from '../../../support/rows.ts';
import { randomEvents } from '../../support.ts';

type Naive = (machine: Machine, pfn: number) => string;

const KEPT: readonly (readonly [RegExp, string])[] = [
  [/^the (huge )?zero page/, 'zero page'],
  [/^bounce buffers/, 'bounce buffers'],
  [/^kernel image/, 'kernel image'],
  [/kept for firmware$/, 'firmware'],
  [/^the atomic pool/, 'DMA coherent'],
  [/^in use before|^found for CMA/, 'in use before'],
  [/^memory map/, 'memory map'],
];

const naiveUse: Naive = (machine, pfn) => {
  const { memory, use, owner } = explainFrame(machine, pfn);
  const { pageblocks, platform } = machine;
  if (memory === 'device') return 'no RAM';
  if (use === 'free')
    return pageblocks.get(pfn >>> platform.pageblockOrder, 0) === MIGRATE_CMA ? 'free, lent by CMA' : 'free';
  if (use === 'reserved') return KEPT.find(([text]) => text.test(owner))![1];
  if (use === 'pages') return owner.startsWith('dma_alloc_coherent') ? 'DMA coherent' : 'alloc_pages';
  if (use === 'page cache') return owner.includes('shared memory') ? 'shared memory' : 'page cache';
  return use === 'kmalloc-large' ? 'large kmalloc' : use;
};

const naiveType: Naive = (machine, pfn) => {
  const { memory, use } = explainFrame(machine, pfn);
  if (memory === 'device') return 'no RAM';
  const type = migrateTypes(machine)[machine.pageblocks.get(pfn >>> machine.platform.pageblockOrder, 0)]!;
  return `${type}, ${use === 'free' ? 'free' : 'in use'}`;
};

/** What each cell should say: the class of most of its frames, the first of several. */
function expectNaive(machine: Machine, map: PhysicalMap, naive: Naive): void {
  const names = map.classes.map(({ name }) => name);
  const totals = new Map(names.map((name) => [name, 0]));
  const firstCell = Math.floor(map.firstPfn / map.framesPerCell);
  map.classOf.forEach((cls, cell) => {
    const start = Math.max(map.firstPfn, (firstCell + cell) * map.framesPerCell);
    const end = Math.min(map.endPfn, (firstCell + cell + 1) * map.framesPerCell);
    const counts = names.map(() => 0);
    for (let pfn = start; pfn < end; pfn++) counts[names.indexOf(naive(machine, pfn))]!++;
    const most = Math.max(...counts);
    expect([names[cls], map.shares[cell]], `cell ${cell}`).toEqual([
      names[counts.indexOf(most)],
      Math.round((255 * most) / (end - start)),
    ]);
    counts.forEach((count, i) => {
      totals.set(names[i]!, totals.get(names[i]!)! + count);
    });
  });
  expect(map.classes.map(({ frames }) => frames)).toEqual([...totals.values()]);
}

const OPTIONS: readonly (readonly [string, MachineOptions])[] = [
  ['as they come', {}],
  ['with reclaim and swap', { reclaim: { swapBytes: BigInt(16 * MIB) } }],
  ['with huge pages', { thp: 'always' }],
];

describe.each(SMALL_MACHINES)('$name', ({ boot }) => {
  describe.each(OPTIONS)('%s', (_name, options) => {
    let machine: Machine;
    beforeAll(() => {
      machine = fold(boot(options), batchOf(randomEvents(5, 4000))).machine;
    });

    test.each([
      ['use', naiveUse],
      ['type', naiveType],
    ] as const)('by %s: as explain says of each frame', (colourBy, naive) => {
      expectNaive(machine, physicalMapOf(machine, { colourBy, cells: 700 }), naive);
    });

    test('a part, frame by frame', () => {
      const map = physicalMapOf(machine, { colourBy: 'use', cells: 512, firstPfn: 0x1005, endPfn: 0x1105 });
      expect([map.framesPerCell, map.classOf.length]).toEqual([1, 256]);
      expectNaive(machine, map, naiveUse);
    });

    test('by age: the lists of reclaim', () => {
      const { classes } = physicalMapOf(machine, { colourBy: 'age', cells: 64 });
      const listed = LRU_LISTS.reduce((sum, list) => sum + lruSize(machine, list), 0);
      const told = classes.filter(({ name }) => /active/.test(name));
      expect(told.reduce((sum, { frames }) => sum + frames, 0)).toBe(listed);
    });

    test('by owner: what a process alone maps is its own', () => {
      const { classes } = physicalMapOf(machine, { colourBy: 'owner', cells: 64 });
      for (const [pid, frames] of privatePages(machine)) {
        const own = classes.find(({ name }) => name === `process ${pid}`);
        if (own !== undefined) expect(own.frames).toBeGreaterThanOrEqual(frames);
      }
      const byUse = physicalMapOf(machine, { colourBy: 'use', cells: 64 }).classes;
      const framesOf = (of: PhysicalMap['classes'], name: string): number =>
        of.find((cls) => cls.name === name)!.frames;
      expect(framesOf(classes, 'no RAM')).toBe(framesOf(byUse, 'no RAM'));
      expect(framesOf(classes, 'free')).toBe(framesOf(byUse, 'free') + framesOf(byUse, 'free, lent by CMA'));
    });
  });
});

/** By process: private frames that one entry maps. */
function privatePages(machine: Machine): Map<number, number> {
  const mapped = new Map<number, number[]>();
  const { processes, mms } = machine.records;
  const seen = new Set<number>();
  for (const { pid, mm } of Object.values(processes)) {
    if (seen.has(mm)) continue;
    seen.add(mm);
    forEachUserPage(machine, mms[mm]!.root, (_vpn, pte) => {
      if (isSwapPte(pte) || (pte & PTE_SPECIAL) !== 0) return;
      if (explainFrame(machine, pteFrame(pte)).use !== 'anonymous') return;
      mapped.set(pteFrame(pte), [...(mapped.get(pteFrame(pte)) ?? []), pid]);
    });
  }
  const counts = new Map<number, number>();
  for (const [pfn, pids] of mapped)
    if (pids.length === 1 && explainFrame(machine, pfn).references === 1)
      counts.set(pids[0]!, (counts.get(pids[0]!) ?? 0) + 1);
  return counts;
}

test('owners by name, whoever they are', () => {
  const session = sessionOf('linux-3g1g', 256).given(
    ...RUNNING,
    pages(7, 6),
    vmalloc(8, 40 * 4096),
    { kind: 'mmap', object: 9, length: 30 * 4096, flags: 3, file: 0 },
    { kind: 'mlock', object: 9, offset: 0, length: 30 * 4096 },
  );
  const { classes, endPfn } = physicalMapOf(session.machine, { colourBy: 'owner', cells: 1024 });
  const named = Object.fromEntries(classes.map(({ name, frames }) => [name, frames]));
  // 30 pages, a kernel stack of 2, a root and two tables (text, and where mmap goes).
  expect(named).toMatchObject({ 'object 7': 64, 'object 8': 40 });
  expect(named['process 1']).toBeGreaterThanOrEqual(33);
  expect(Object.values(named).reduce((sum, frames) => sum + frames, 0)).toBe(endPfn);
});

test('memory of CMA is told apart, lent or given to a device', () => {
  const session = sessionOf('linux-arm-3g1g', 256, {}, { cma: { bytes: BigInt(16 * MIB) } }).given(
    device(1, 32),
    coherent(2, 1, MIB),
  );
  const { classes } = physicalMapOf(session.machine, { colourBy: 'use', cells: 100 });
  const named = Object.fromEntries(classes.map(({ name, frames }) => [name, frames]));
  const atomicPool = 64;
  expect([named['DMA coherent'], named['free, lent by CMA']]).toEqual([
    256 + atomicPool,
    4096 - 256 - atomicPool,
  ]);
});

test('a machine that begins as a snapshot was tells what was in use then', () => {
  const free = Array.from({ length: 11 }, (_, order) => (order === 10 ? 8 : 0));
  const machine = machineOf('linux-3g1g', 128, {}, { memory: [{ zone: 'Normal', freeBlocks: [free] }] });
  const { classes } = physicalMapOf(machine, { colourBy: 'use', cells: 100 });
  const named = Object.fromEntries(classes.map(({ name, frames }) => [name, frames]));
  expect(named['in use before']).toBeGreaterThan(10_000);
  expect(named['memory map'], 'a struct page of 32 bytes for each').toBeLessThan(400);
});

describe('cells', () => {
  const machine = machineOf('linux-3g1g', 256);

  test.each([
    [1, 65536],
    [1000, 128],
    [65536, 1],
  ])('at most %i: each of %i frames', (cells, framesPerCell) => {
    const map = physicalMapOf(machine, { colourBy: 'use', cells });
    expect(map.framesPerCell).toBe(framesPerCell);
    expect(map.classOf.length).toBeLessThanOrEqual(cells);
  });

  test('begin at multiples of their frames, so that blocks lie in them as they are', () => {
    const map = physicalMapOf(machine, { colourBy: 'use', cells: 4, firstPfn: 1000, endPfn: 5000 });
    expect([map.framesPerCell, map.classOf.length]).toEqual([2048, 3]);
  });

  test('no more than a screen has room for', () => {
    const large = machineOf('linux-x86_64', 8192);
    const map = physicalMapOf(large, { colourBy: 'use', cells: 1e9 });
    expect(map.classOf.length).toBeLessThanOrEqual(MOST_CELLS);
  });

  test('what is behind the last frame is no RAM', () => {
    const { classes } = physicalMapOf(machine, {
      colourBy: 'use',
      cells: 8,
      firstPfn: 70_000,
      endPfn: 70_100,
    });
    expect(classes.filter(({ frames }) => frames > 0)).toEqual([{ name: 'no RAM', frames: 100 }]);
  });
});

test('zones count free blocks as /proc/buddyinfo does', () => {
  const { machine } = sessionOf('linux-3g1g', 1024).given(pages(1, 3), pages(2, 0));
  const { zones } = physicalMapOf(machine, { colourBy: 'use', cells: 8 });
  const reported = parseBuddyinfo(viewNamed('buddyinfo').text(machine));
  expect(zones.map(({ name, freeBlocks }) => ({ node: 0, zone: name, freeBlocks }))).toEqual(reported);
  for (const { freeBlocks, freePages, byType } of zones) {
    expect(freeBlocks.reduce((sum, blocks, order) => sum + blocks * 2 ** order, 0)).toBe(freePages);
    const ofTypes = freeBlocks.map((_, order) =>
      byType.reduce((sum, row) => sum + row.freeBlocks[order]!, 0),
    );
    expect(ofTypes).toEqual(freeBlocks);
  }
});

test.each(['use', 'owner', 'type', 'age'] satisfies FrameColour[])(
  'by %s: can be sent to a worker',
  (colourBy) => {
    const map = physicalMapOf(machineOf('3g1g', 64), { colourBy, cells: 100 });
    expect(structuredClone(map)).toEqual(map);
  },
);
