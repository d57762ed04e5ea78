/** Machines that begin with the free blocks of a kernel that had been running. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { __GFP_RECLAIMABLE, GFP_KERNEL } from '../../../core/event/gfp.ts';
import { bootMachine, buildLayout, checkMachine, type Machine } from '../../../core/index.ts';
import { freePagesOf, listLength } from '../../../core/phys/free-lists.ts';
import { migrateTypeNamed } from '../../../core/phys/initial-memory.ts';
import { MIGRATE_PCPTYPES } from '../../../core/phys/migrate.ts';
import { MAX_ORDER } from '../../../core/phys/zones.ts';
import { Session } from '../../support/rows.ts';

const layout = buildLayout('linux-x86_64', { ramBytes: 256n << 20n });

function blocksOf(machine: Machine, zone: number): number[][] {
  return Array.from({ length: MIGRATE_PCPTYPES }, (_, type) =>
    Array.from({ length: MAX_ORDER }, (_, order) => listLength(machine, zone, order, type)),
  );
}

/** By order, fewer the larger they are, so that they fit. */
const counts = fc.tuple(
  ...Array.from({ length: MAX_ORDER }, (_, order) => fc.nat(Math.floor(60 / (order + 1)) % 12)),
);

test('as many free blocks of each order and type as asked for, and every frame accounted for', () => {
  fc.assert(
    fc.property(counts, counts, counts, (unmovable, movable, reclaimable) => {
      const freeBlocks = [unmovable, movable, reclaimable].map((row) =>
        row.map((n, order) => (order > 7 ? n % 3 : n)),
      );
      const machine = bootMachine(layout, { memory: [{ zone: 'DMA32', freeBlocks }] });
      const zone = machine.platform.zones.findIndex(({ name }) => name === 'DMA32');
      expect(blocksOf(machine, zone)).toEqual(freeBlocks);
      const pages = freeBlocks.flat().reduce((sum, n, i) => sum + n * 2 ** (i % MAX_ORDER), 0);
      expect(freePagesOf(machine, zone)).toBe(pages);
      expect(checkMachine(machine)).toEqual([]);
    }),
    { numRuns: 20 },
  );
});

test('the pageblocks of free blocks have their type: what is taken and freed again comes back to it', () => {
  const reclaimable = [...Array(9).fill(0), 5];
  const session = new Session(
    bootMachine(layout, { memory: [{ zone: 'DMA32', freeBlocks: [[], [], reclaimable] }] }),
  );
  const before = blocksOf(session.machine, 1);
  session.given(
    { kind: 'page_alloc', object: 1, order: 5, gfp: GFP_KERNEL | __GFP_RECLAIMABLE },
    { kind: 'page_free', object: 1 },
  );
  expect(blocksOf(session.machine, 1)).toEqual(before);
});

test('many free pages in pieces: a large block is not to be had', () => {
  const memory = [
    { zone: 'DMA32', freeBlocks: [[0, 0, 0, 2000], [], []] },
    { zone: 'DMA', freeBlocks: [] },
  ];
  const session = new Session(bootMachine(layout, { memory }));
  const take = (object: number, order: number) =>
    session.status({ kind: 'page_alloc', object, order, gfp: GFP_KERNEL });
  expect([take(1, 3), take(2, 4)]).toEqual(['ok', 'fragmented']);
});

test('a zone that the layout lacks is left out, one that is too small is an error', () => {
  const memory = (zone: string) => [{ zone, freeBlocks: [[], [...Array(10).fill(0), 63], []] }];
  expect(freePagesOf(bootMachine(layout, { memory: memory('Normal') }), 1)).toBeGreaterThan(50_000);
  expect(() => bootMachine(layout, { memory: memory('DMA') })).toThrow(
    'linux-x86_64: zone DMA of 15 MiB has no room for all free blocks of the snapshot (found none left of order 10)',
  );
});

describe('migrate types by their names in /proc/pagetypeinfo', () => {
  test.each([
    ['Unmovable', 0],
    ['Movable', 1],
    ['Reclaimable', 2],
    ['HighAtomic', 0],
    ['CMA', 1],
    ['Isolate', 1],
  ])('%s', (name, type) => {
    expect(migrateTypeNamed(name)).toBe(type);
  });
});
