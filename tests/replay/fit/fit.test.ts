/** The smallest value that fits: the search against made-up verdicts, and trials of machines. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { WRITE } from '../../../core/event/access-mode.ts';
import { batchOf } from '../../../core/event/batch.ts';
import { GFP_KERNEL } from '../../../core/event/gfp.ts';
import { EVENT_KINDS, type MemoryEvent } from '../../../core/event/kinds.ts';
import { buildLayout } from '../../../core/layout/catalog/index.ts';
import { smallestThatFits, type Verdict } from '../../../replay/fit/search.ts';
import { tryLane } from '../../../replay/fit/trial.ts';
import { layoutLanes } from '../../../replay/fit/values.ts';
import { newLane } from '../../../replay/lane/lane.ts';
import { batchesOf, event } from '../support.ts';

async function searched(verdicts: (n: number) => Verdict, start: number, most = 200, around = 2) {
  const asked: number[] = [];
  const answer = await smallestThatFits({ start, most, around }, async (n) => {
    asked.push(n);
    return verdicts(n);
  });
  return { answer, asked };
}

const from = (least: number, possible = [1, 200]): ((n: number) => Verdict) => {
  return (n) => (n < possible[0]! || n > possible[1]! ? 'impossible' : n >= least ? 'fits' : 'fails');
};

describe('the search', () => {
  test('finds the least where all above it fit, wherever it begins, and whatever is possible', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 1, max: 200 }),
        async (least, start, end) => {
          const { answer, asked } = await searched(from(least, [1, Math.max(end, start)]), start);
          expect(answer).toBe(least <= Math.max(end, start) ? least : undefined);
          expect(new Set(asked).size).toBe(asked.length);
          expect(asked.every((n) => n >= 1 && n <= 200)).toBe(true);
        },
      ),
    );
  });

  test('of any verdicts gives one that fits and was asked for, the least of those, with its neighbours', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom<Verdict>('fits', 'fails', 'impossible'), { minLength: 60, maxLength: 60 }),
        fc.integer({ min: 1, max: 60 }),
        async (verdicts, start) => {
          const verdictOf = (n: number): Verdict => verdicts[n - 1]!;
          const { answer, asked } = await searched(verdictOf, start, 60);
          const fitting = asked.filter((n) => verdictOf(n) === 'fits');
          expect(answer).toBe(fitting.length === 0 ? undefined : Math.min(...fitting));
          const beside = [-2, -1, 1, 2].map((away) => (answer ?? 0) + away).filter((n) => n >= 1 && n <= 60);
          if (answer !== undefined) expect(asked).toEqual(expect.arrayContaining(beside));
        },
      ),
    );
  });

  test('looks beside the answer, where a larger one may fail again', async () => {
    const { answer, asked } = await searched((n) => (n === 10 || n >= 12 ? 'fits' : 'fails'), 8);
    expect(answer).toBe(10);
    expect(asked).toContain(11);
  });

  test('looks below it too, where a smaller one may fit that bisecting passed over', async () => {
    const fits = (n: number): Verdict => (n === 11 || n >= 13 ? 'fits' : 'fails');
    expect((await searched(fits, 8, 200, 2)).answer).toBe(11);
    expect((await searched(fits, 8, 200, 1)).answer).toBe(13);
  });

  test('goes where machines are possible, and no further than it may', async () => {
    expect((await searched(from(90, [80, 120]), 3)).answer).toBe(90);
    expect((await searched(from(90, [80, 120]), 190)).answer).toBe(90);
    expect((await searched(() => 'impossible', 7)).answer).toBeUndefined();
    const { answer, asked } = await searched(() => 'fails', 7, 50);
    expect([answer, Math.max(...asked)]).toEqual([undefined, 50]);
  });
});

const lane = (mib: number, options = {}) =>
  newLane(buildLayout('linux-3g1g', { ramBytes: BigInt(mib) << 20n }), options);
const area = (object: number, mib: number): MemoryEvent => event('vm_area', { object, size: mib * 2 ** 20 });

describe('a trial', () => {
  test('ends at the first request that wants memory or addresses, refused where recorded or not', async () => {
    const events = [
      area(1, 60),
      event('kfree', { object: 9 }),
      event('vm_area', { object: 2 }),
      area(3, 60),
      event('refused', { object: 3, request: EVENT_KINDS.vm_area.code }),
      event('free_vm_area', { object: 3 }),
      area(4, 1),
    ];
    const outcome = await tryLane(lane(1024), batchesOf(events, 2));
    expect(outcome).toMatchObject({
      events: 3,
      failure: { event: 3, kind: 'vm_area', status: 'vmalloc-space' },
    });
    // What follows from another failure is none of its own; what no size would cure is told.
    expect(outcome.incurable.map(({ event: at, status }) => [at, status])).toEqual([[2, 'invalid']]);
    expect(await tryLane(lane(1024), batchesOf(events.slice(0, 3), 2))).toMatchObject({
      events: 3,
      failure: undefined,
    });
  });

  test('takes memory that is kept for CMA for wanting too', async () => {
    const layout = buildLayout('linux-arm-3g1g', { ramBytes: 128n << 20n });
    const board = newLane(layout, { cma: { bytes: 64n << 20n } });
    const pages = Array.from({ length: 200 }, (_, i) =>
      event('page_alloc', { object: i + 1, order: 8, gfp: GFP_KERNEL }),
    );
    expect((await tryLane(board, [batchOf(pages)])).failure).toMatchObject({ status: 'cma-only' });
  });

  test('takes a process that the OOM killer ends for a failure, by the event that asked', async () => {
    const pages = Array.from({ length: 9000 }, (_, page) =>
      event('access', { object: 1, offset: page * 4096, size: 8, mode: WRITE }),
    );
    const events = [
      event('spawn', { pid: 1 }),
      event('switch', { pid: 1 }),
      event('mmap', { object: 1, length: 9000 * 4096, flags: 3 }),
      ...pages,
    ];
    const { failure } = await tryLane(lane(32, { reclaim: {} }), [batchOf(events)]);
    expect(failure).toMatchObject({ kind: 'access', status: 'oom-killed' });
    const before = await tryLane(lane(32, { reclaim: {} }), [batchOf(events.slice(0, failure!.event))]);
    expect(before.failure).toBeUndefined();
  });
});

test('layouts are those of the same processor and high memory, the smallest kernel space first', () => {
  const names = (layout: string): string[] => layoutLanes([{ layout, cpus: 2 }]).map((one) => one.layout);
  expect(names('linux-2g2g')).toEqual([
    'linux-3g1g',
    'linux-3g1g-opt',
    'linux-2g2g',
    'linux-2g2g-opt',
    'linux-1g3g',
  ]);
  expect(names('linux-arm-3g1g-nohighmem').every((name) => /^linux-arm-.*-nohighmem$/.test(name))).toBe(true);
  expect(layoutLanes([{ layout: 'linux-1g3g', cpus: 2 }])[0]).toEqual({ layout: 'linux-3g1g', cpus: 2 });
  expect(layoutLanes([{ layout: 'a.json' }, { layout: '3g1g' }]).map((one) => one.layout)).toEqual([
    'a.json',
    '3g1g',
  ]);
  expect(() => layoutLanes([{ layout: 'a.json' }])).toThrow('name those to try with --layouts A,B');
});
