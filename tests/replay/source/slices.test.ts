/** Batches are cut so that a signal is heard in time, whatever events cost, and the result is the same. */
import { describe, expect, test } from 'vitest';
import { batchOf, eventsOf } from '../../../core/event/batch.ts';
import { buildLayout } from '../../../core/index.ts';
import { replay } from '../../../replay/index.ts';
import { breathing } from '../../../replay/source/source.ts';
import { WORKLOADS } from '../../../workloads/index.ts';
import { event } from '../support.ts';

const access = event('access', { object: 1, size: 8 });
const batches = (count: number, nrBatches: number) =>
  Array.from({ length: nrBatches }, () => batchOf(Array.from({ length: count }, () => access)));

/** The slices of batches whose events cost so many milliseconds each, by their number. */
async function slicesOf(
  counts: readonly number[],
  msAt: (done: number) => number,
): Promise<{ count: number; ms: number }[]> {
  let now = 0;
  let done = 0;
  const found: { count: number; ms: number }[] = [];
  const source = counts.flatMap((count) => batches(count, 1));
  for await (const { count } of breathing(source, () => now)) {
    const before = now;
    for (let i = 0; i < count; i++) now += msAt(done++);
    found.push({ count, ms: now - before });
  }
  return found;
}

describe('slices', () => {
  test('of cheap events are whole batches after the first few', async () => {
    const slices = await slicesOf(new Array<number>(6).fill(16_384), () => 0.0001);
    expect(slices.map(({ count }) => count)).toEqual([
      64, 256, 1024, 4096, 10_944, 16_384, 16_384, 16_384, 16_384, 16_384,
    ]);
  });

  test.each([
    ['1 ms', () => 1],
    ['20 ms', () => 20],
    ['more and more', (done: number) => 0.01 * done],
  ])('of events that cost %s take no second, but for the first', async (_, msAt) => {
    const slices = await slicesOf([4096], msAt);
    expect(slices.reduce((sum, { count }) => sum + count, 0)).toBe(4096);
    for (const { ms } of slices.slice(1)) expect(ms).toBeLessThan(500);
  });

  test('of an event that takes longer than a second are that event', async () => {
    const slices = await slicesOf([600], () => 2000);
    expect(slices.slice(1).every(({ count }) => count === 1)).toBe(true);
  });

  test('have all events, in order', async () => {
    const [workload] = WORKLOADS;
    const source = [...workload!.generate(1, {}, 3000, 1000)];
    const found = [];
    let now = 0;
    for await (const batch of breathing(source, () => now)) {
      found.push(...eventsOf(batch));
      now += batch.count;
    }
    expect(found).toEqual(source.flatMap((batch) => [...eventsOf(batch)]));
  });
});

test('a replay that may be broken off has the result of one that may not', async () => {
  const source = [...WORKLOADS[0]!.generate(1, {}, 20_000)];
  const lanes = [{ layout: buildLayout('3g1g', { cpus: 2 }) }, { layout: buildLayout('2g2g', { cpus: 2 }) }];
  const free = await replay(source, lanes);
  const watched = await replay(source, lanes, { signal: new AbortController().signal });
  expect(watched.layouts.map(({ digest }) => digest)).toEqual(free.layouts.map(({ digest }) => digest));
  expect(watched.differences).toEqual(free.differences);
});
