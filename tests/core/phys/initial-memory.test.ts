/** Machines that begin as fragmented as a kernel was: every one that a kernel can be in, and every captured one. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bootMachine } from '../../../core/boot/boot.ts';
import { checkMachine } from '../../../core/check/invariants.ts';
import { buildLayout, type Layout } from '../../../core/layout/catalog/index.ts';
import type { Machine } from '../../../core/machine/machine.ts';
import { freeCmaPagesOf, freePagesOf, listLength } from '../../../core/phys/free-lists.ts';
import type { InitialZoneMemory } from '../../../core/phys/initial-memory.ts';
import { MIGRATE_NAMES } from '../../../core/phys/migrate.ts';
import { initialMemory, initialRam, initialStateFrom } from '../../../traces/index.ts';
import { workload as workloadNamed } from '../../../workloads/index.ts';
import { layoutNameOf, optionsOf, oracleMachines } from '../../captures/oracle-machines.ts';
import { captureOf } from '../../captures/proc-files.ts';
import { atDepth } from '../../support/depth.ts';
import { replay } from '../../support/laws.ts';
import { machineOf } from '../../support/rows.ts';

/** What /proc/pagetypeinfo would show of a machine. */
function freeBlocksOf(machine: Machine): InitialZoneMemory[] {
  const { zones, maxOrder } = machine.platform;
  return zones.map(({ name, index }) => ({
    zone: name,
    freeBlocks: MIGRATE_NAMES.map((_, type) =>
      Array.from({ length: maxOrder }, (_, order) => listLength(machine, index, order, type)),
    ),
  }));
}

/** By zone and order, whatever the type. */
const byOrder = (memory: readonly InitialZoneMemory[], maxOrder: number) =>
  memory.map(({ zone, freeBlocks }) => [
    zone,
    Array.from({ length: maxOrder }, (_, order) =>
      freeBlocks.reduce((sum, row) => sum + (row[order] ?? 0), 0),
    ),
  ]);

describe('a snapshot of a machine starts that machine', () => {
  const LAYOUTS = [
    ['linux-3g1g', 64],
    ['linux-3g1g', 1024],
    ['linux-3g1g-pae', 1024],
    ['linux-x86_64', 128],
    ['linux-2g2g', 512],
  ] as const;

  test('whatever had run there', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...LAYOUTS),
        fc.constantFrom('drivers', 'kvstore', 'netrx'),
        fc.integer({ min: 1, max: 1000 }),
        fc.integer({ min: 0, max: 3000 }),
        ([name, mib], workload, seed, events) => {
          const { machine } = replay(
            machineOf(name, mib),
            [...workloadNamed(workload).generate(seed, {}, events)],
            4096,
          );
          const memory = freeBlocksOf(machine);
          const begun = bootMachine(machine.platform.layout, { memory });
          expect(byOrder(freeBlocksOf(begun), begun.platform.maxOrder)).toEqual(
            byOrder(memory, begun.platform.maxOrder),
          );
          expect(checkMachine(begun)).toEqual([]);
        },
      ),
      { numRuns: atDepth({ quick: 2, full: 6 }) },
    );
  });
});

describe('every captured kernel', () => {
  const snapshotOf = (id: string) => {
    const reports = [...(captureOf(id)?.values() ?? [])].map((report) => ({ ...report, name: report.kind }));
    return reports.length === 0 ? undefined : initialStateFrom(reports, id);
  };
  const machines = oracleMachines().filter(({ id }) => snapshotOf(id) !== undefined);

  const expectSnapshot = (layout: Layout, id: string): void => {
    const state = snapshotOf(id)!;
    const memory = initialMemory(state);
    const begun = bootMachine(layout, { memory, swiotlb: false });
    const { maxOrder, zones } = begun.platform;
    expect(byOrder(freeBlocksOf(begun), maxOrder)).toEqual(byOrder(memory, maxOrder));
    expect(checkMachine(begun)).toEqual([]);
    for (const zone of zones) {
      const theirs = state.zones.find((one) => one.zone === zone.name)!;
      expect([zone.min, zone.low, zone.high, zone.managedPages]).toEqual([
        theirs.min,
        theirs.low,
        theirs.high,
        theirs.managed,
      ]);
    }
  };

  test.each(machines.map((machine) => [machine.id, machine] as const))('%s, with its RAM', (id, oracle) => {
    expectSnapshot(buildLayout(layoutNameOf(oracle), optionsOf(oracle)), id);
  });

  test.each(machines.map((machine) => [machine.id, machine] as const))(
    '%s, RAM as in the snapshot',
    (id, oracle) => {
      const { ramBytes: _, ...options } = optionsOf(oracle);
      expectSnapshot(
        buildLayout(layoutNameOf(oracle), { ...options, memoryMap: initialRam(snapshotOf(id)!) }),
        id,
      );
    },
  );
});

/** Free blocks of a set of frames, by order: as a buddy allocator would have merged them. */
function mergedBlocks(free: ReadonlySet<number>): number[] {
  const counts = new Array<number>(11).fill(0);
  for (let pfn = 0; pfn < 0x1000; ) {
    let order = 0;
    const isFree = (frames: number): boolean =>
      Array.from({ length: frames }, (_, i) => pfn + i).every((at) => free.has(at));
    if (!free.has(pfn)) {
      pfn++;
      continue;
    }
    while (order < 10 && pfn % 2 ** (order + 1) === 0 && isFree(2 ** (order + 1))) order++;
    counts[order]!++;
    pfn += 2 ** order;
  }
  return counts;
}

test('a kernel that kept less of its lowest MiB than boot does has that back: 3,975 free pages of DMA', () => {
  const layout = buildLayout('linux-x86_64', { ramBytes: 1n << 30n });
  const low = Array.from({ length: 0x9e }, (_, i) => i + 1);
  const high = Array.from({ length: 0x1000 - 0x100 }, (_, i) => i + 0x100);
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.constantFrom(...low, ...high), { minLength: 23, maxLength: 23 }),
      (used) => {
        const free = new Set([...low, ...high].filter((pfn) => !used.includes(pfn)));
        const machine = bootMachine(layout, {
          memory: [{ zone: 'DMA', freeBlocks: [[], mergedBlocks(free)] }],
        });
        expect(freePagesOf(machine, 0)).toBe(3975);
        expect(checkMachine(machine)).toEqual([]);
      },
    ),
    { numRuns: atDepth({ quick: 4, full: 10 }) },
  );
});

describe('free blocks of CMA', () => {
  const row = (...counts: number[]): number[] => [
    ...counts,
    ...new Array<number>(11 - counts.length).fill(0),
  ];
  const zone = 'Normal';
  const memory = [
    { zone, freeBlocks: [row(1), row(0, 2), row(), row(), row(3, 0, 0, 0, 0, 0, 0, 0, 0, 1, 5)] },
  ];
  const typeOf = (machine: Machine, type: number): number[] =>
    Array.from({ length: 11 }, (_, order) => listLength(machine, 0, order, type));

  test('lie in the CMA of a machine that has some, with the pages that were lent in use', () => {
    const machine = machineOf('linux-arm-3g1g', 128, {}, { memory, cma: { bytes: 32n << 20n } });
    expect(typeOf(machine, 4)).toEqual(memory[0]!.freeBlocks[4]);
    expect(typeOf(machine, 1)).toEqual(row(0, 2));
    expect([freePagesOf(machine, 0), freeCmaPagesOf(machine, 0)]).toEqual([5640, 5635]);
    expect(checkMachine(machine)).toEqual([]);
  });

  test('count as movable on others', () => {
    const machine = machineOf('linux-arm-3g1g', 128, {}, { memory });
    expect(typeOf(machine, 1)).toEqual(row(3, 2, 0, 0, 0, 0, 0, 0, 0, 1, 5));
    expect(checkMachine(machine)).toEqual([]);
  });

  test('more than the CMA has are refused', () => {
    expect(() => machineOf('linux-arm-3g1g', 128, {}, { memory, cma: { bytes: 16n << 20n } })).toThrow(
      /no room for all free blocks of the snapshot/,
    );
  });
});
