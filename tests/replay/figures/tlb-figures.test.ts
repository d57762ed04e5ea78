/** TLB figures: by instruction and data, by whose page and by cpu, recounted event by event; walks by level. */
import { describe, expect, test } from 'vitest';
import { EXECUTE, KERNEL_MODE, OPERATION_MASK } from '../../../core/event/access-mode.ts';
import { type Batch, batchOf, eventAt, rebatch, sliceBatch } from '../../../core/event/batch.ts';
import { fold } from '../../../core/fold/fold.ts';
import { buildLayout } from '../../../core/layout/catalog/index.ts';
import type { Machine } from '../../../core/machine/machine.ts';
import { COUNTER } from '../../../core/outcome/counters.ts';
import { OBJECT, USER } from '../../../core/state/objects.ts';
import { MMU_PRESETS } from '../../../core/tlb/presets.ts';
import type { TlbFigures } from '../../../replay/figures/tlb-figures.ts';
import { type Lane, type LaneOptions, newLane, stepLane } from '../../../replay/lane/lane.ts';
import { layoutResult } from '../../../replay/run/result.ts';
import { workload } from '../../../workloads/index.ts';
import { atDepth } from '../../support/depth.ts';
import { event, randomEvents } from '../support.ts';

const EVENTS = 4000;
const PREFORK = [...workload('prefork').generate(1, {}, EVENTS)];
const RANDOM = [batchOf(randomEvents(5, EVENTS))];

function laneOf(layout: string, options: LaneOptions = {}): Lane {
  return newLane(buildLayout(layout, { ramBytes: 2n ** 30n, cpus: 2 }), options);
}

function played(lane: Lane, batches: Iterable<Batch>): TlbFigures {
  return layoutResult(playedTo(lane, batches)).tlb;
}

function playedTo(start: Lane, batches: Iterable<Batch>): Lane {
  let lane = start;
  for (const batch of batches) lane = stepLane(lane, batch).lane;
  return lane;
}

type Sort = 'all' | 'instruction' | 'data' | 'user' | 'kernel' | number;
interface Counts {
  translations: number;
  l1Hits: number;
  l2Hits: number;
  walks: number;
}
const FIGURES = ['translations', 'l1Hits', 'l2Hits', 'walks'] as const;
const NONE: Counts = { translations: 0, l1Hits: 0, l2Hits: 0, walks: 0 };

/** The obvious way: one event after the other, by what each adds to the counters of the whole machine. */
function recount({ machine: start }: Lane, batches: readonly Batch[]): Map<Sort, Counts> {
  const found = new Map<Sort, Counts>();
  let before = start;
  for (const batch of batches) {
    for (let at = 0; at < batch.count; at++) {
      const { machine: after } = fold(before, sliceBatch(batch, at, at + 1));
      const sorts = sortsOf(before, batch, at);
      for (const sort of sorts) found.set(sort, added(found.get(sort) ?? NONE, before, after));
      before = after;
    }
  }
  return found;
}

function added(sum: Counts, before: Machine, after: Machine): Counts {
  const of = (name: (typeof FIGURES)[number]): number =>
    sum[name] + after.counters[COUNTER[name]]! - before.counters[COUNTER[name]]!;
  return {
    translations: of('translations'),
    l1Hits: of('l1Hits'),
    l2Hits: of('l2Hits'),
    walks: of('walks'),
  };
}

function sortsOf({ objects }: Machine, batch: Batch, at: number): Sort[] {
  const one = eventAt(batch, at)!;
  if (one.kind !== 'access') return ['all'];
  return [
    'all',
    (one.mode & OPERATION_MASK) === EXECUTE ? 'instruction' : 'data',
    objects.get(one.object, OBJECT.class) === USER ? 'user' : 'kernel',
    one.cpu,
  ];
}

describe.each([
  ['prefork', PREFORK],
  ['random', RANDOM],
])('translations of %s', (_name, batches) => {
  describe.each(['linux-3g1g', 'linux-x86_64', 'vax-vms'])('under %s', (layout) => {
    const found = recount(laneOf(layout), batches);
    const tlb = played(laneOf(layout), batches);

    test.each(['all', 'instruction', 'data', 'user', 'kernel'] as const)('%s', (sort) => {
      const counts = found.get(sort) ?? NONE;
      expect(tlb[sort]).toMatchObject(counts);
      const { references } = tlb.all;
      expect(tlb[sort].walksPerThousand).toBeCloseTo((1000 * counts.walks) / references, 9);
      expect(tlb[sort].l1MissesPerThousand).toBeCloseTo(
        (1000 * (counts.walks + counts.l2Hits)) / references,
        9,
      );
    });

    test('by cpu', () => {
      const cpus = [...found].filter(
        ([sort, { translations }]) => typeof sort === 'number' && translations > 0,
      );
      expect(cpus.length).toBeGreaterThan(0);
      expect(tlb.cpus.map(({ cpu }) => cpu)).toEqual(cpus.map(([cpu]) => cpu).sort());
      for (const [cpu, counts] of cpus)
        expect(tlb.cpus.find((figures) => figures.cpu === cpu)).toMatchObject(counts);
    });

    test('each split adds up to all, and rates to 1', () => {
      const { all, instruction, data, user, kernel, cpus } = tlb;
      for (const figure of FIGURES) {
        expect(all[figure]).toBe(tlb[figure]);
        expect(instruction[figure] + data[figure]).toBe(all[figure]);
        expect(user[figure] + kernel[figure]).toBe(all[figure]);
        expect(cpus.reduce((sum, cpu) => sum + cpu[figure], 0)).toBe(all[figure]);
      }
      expect(all.walks).toBeGreaterThan(0);
      for (const { l1HitRate, l2HitRate, walkRate } of [all, data, user, ...cpus])
        expect(l1HitRate! + l2HitRate! + walkRate!).toBeCloseTo(1, 12);
    });
  });
});

test('batches of any size make the same figures', () => {
  const whole = played(laneOf('linux-x86_64'), PREFORK);
  for (const size of atDepth({ quick: [7], full: [1, 7, 8, 4096] })) {
    expect(played(laneOf('linux-x86_64'), rebatch(PREFORK, size))).toEqual(whole);
  }
});

describe('walks by level', () => {
  const geometries: [string, LaneOptions][] = [
    ['linux-3g1g', {}],
    ['linux-3g1g-pae', {}],
    ['linux-x86_64', {}],
    ['linux-x86_64', { mmu: MMU_PRESETS.skylake!.options }],
    ['linux-x86_64', { thp: 'always' }],
    ['linux-x86_64-la57', {}],
    ['ia64-8k', {}],
    ['vax-vms', {}],
  ];
  test.each(geometries)('%s %j: all entries that walks read, top level first', (name, options) => {
    const lane = playedTo(laneOf(name, options), PREFORK);
    const { layout, machine } = lane;
    const { walkLevels, walkReferences } = layoutResult(lane).tlb;
    const reads = walkLevels.map(({ entriesRead }) => entriesRead);
    expect(walkLevels.map(({ level }) => level)).toEqual(
      layout.arch.translation.levels.map(({ name }) => name),
    );
    expect(reads.reduce((sum, n) => sum + n, 0)).toBe(walkReferences);
    expect(walkReferences).toBeGreaterThan(0);
    const { walkReferenceNs } = machine.platform.costs;
    expect(walkLevels.map(({ ns }) => ns)).toEqual(reads.map((n) => n * walkReferenceNs));
  });

  test('a walk that the PDE cache serves reads the last level only; one for a large page ends above it', () => {
    const lane = playedTo(laneOf('3g1g'), PREFORK);
    const { walkLevels, walks, walkCacheHits } = layoutResult(lane).tlb;
    // Those that only set a dirty bit read the entry of the page alone.
    expect(walkLevels[0]!.entriesRead).toBe(walks - walkCacheHits);
    const objects = batchOf([
      event('kmalloc', { object: 1, size: 64, gfp: 0xcc0 }),
      event('access', { object: 1, size: 4, mode: KERNEL_MODE }),
    ]);
    const { walkLevels: large, all } = played(laneOf('3g1g'), [objects]);
    expect([all.walks, ...large.map(({ entriesRead }) => entriesRead)]).toEqual([1, 1, 0]);
  });

  test('a VAX reads an entry of the system table for each user page, and none for its own', () => {
    const { walkLevels, user, kernel } = played(laneOf('vax-vms'), PREFORK);
    expect(walkLevels.slice(0, 2).map(({ entriesRead }) => entriesRead)).toEqual([0, 0]);
    expect(walkLevels[2]!.entriesRead).toBeLessThanOrEqual(user.walks + kernel.walks);
    expect(walkLevels[3]!.entriesRead).toBeGreaterThan(walkLevels[2]!.entriesRead);
  });
});

test('no reference at all: counts of 0 and no rates', () => {
  const { all, walkLevels, cpus } = played(laneOf('linux-3g1g'), []);
  expect(all).toEqual({
    references: 0,
    ...NONE,
    l1MissesPerThousand: null,
    walksPerThousand: null,
    l1HitRate: null,
    l2HitRate: null,
    walkRate: null,
  });
  expect([cpus, walkLevels.map(({ entriesRead }) => entriesRead)]).toEqual([[], [0, 0]]);
});
