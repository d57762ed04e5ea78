import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Batch } from '../../core/event/batch.ts';
import { WORKLOADS, type Workload } from '../../workloads/index.ts';
import { LawfulStream } from '../models/lawful.ts';
import { atDepth } from '../support/depth.ts';

const COLUMNS = ['kind', 'cpu', 'thinkNs', 'object', 'a', 'b', 'c'] as const;

/** All events of a stream, a row of numbers each, and the sizes of its batches. */
function flatten(batches: Iterable<Batch>): { events: Buffer; sizes: number[] } {
  const rows: Buffer[] = [];
  const sizes: number[] = [];
  for (const batch of batches) {
    const cells = new Float64Array(batch.count * COLUMNS.length);
    COLUMNS.forEach((column, c) => {
      for (let i = 0; i < batch.count; i++) cells[i * COLUMNS.length + c] = batch[column][i]!;
    });
    rows.push(Buffer.from(cells.buffer));
    sizes.push(batch.count);
  }
  return { events: Buffer.concat(rows), sizes };
}

/** Values from the lowest to some times the default: big ones only make streams uniform. */
function optionsOf(workload: Workload): fc.Arbitrary<Record<string, number>> {
  const values = workload.options.map(({ name, unit, default: usual, min, max }) => {
    const top = Math.min(max, Math.max(4 * usual, min + 4));
    const value = unit === '' ? fc.double({ min, max: top, noNaN: true }) : fc.integer({ min, max: top });
    return [name, value] as const;
  });
  return fc.record(Object.fromEntries(values));
}

function expectAllFreed(stream: LawfulStream): void {
  expect(stream.processes.size).toBe(0);
  expect(stream.kernelObjects.size).toBe(0);
  expect(stream.liveMappedObjects).toBe(0);
  expect(stream.cachedFiles.size).toBe(0);
}

describe.each(WORKLOADS)('$name', (workload) => {
  test('by default every event is lawful, object numbers are dense, and drain frees everything', () => {
    const events = workload.defaultEvents / atDepth({ quick: 4, full: 1 });
    const stream = LawfulStream.check(workload.generate(1, { drain: 1 }, events));
    expect(stream.events).toBeGreaterThan(events);
    expect(stream.highestObject).toBe(stream.peakObjects);
    expectAllFreed(stream);
  });

  test('with any options every event is lawful, and drain frees everything', () => {
    fc.assert(
      fc.property(optionsOf(workload), fc.nat(), (options, seed) => {
        expectAllFreed(LawfulStream.check(workload.generate(seed, { ...options, drain: 1 }, 5000)));
      }),
      { numRuns: atDepth({ quick: 1, full: 12, long: 50 }) },
    );
  });

  test('the same seed gives the same events, however often and in whatever batches', () => {
    const stream = workload.generate(7, {}, 20_000, 4096);
    const { events, sizes } = flatten(stream);
    expect(sizes).toEqual([4096, 4096, 4096, 4096, 3616]);
    expect(flatten(stream).events.equals(events)).toBe(true);
    for (const batchSize of atDepth({ quick: [777], full: [1, 777, 20_000, 100_000] })) {
      const others = flatten(workload.generate(7, {}, 20_000, batchSize)).events;
      expect(others.equals(events), `in batches of ${batchSize}`).toBe(true);
    }
  });

  test('another seed gives other events', () => {
    const events = (seed: number): Buffer => flatten(workload.generate(seed, {}, 20_000)).events;
    expect(events(1).equals(events(2))).toBe(false);
  });

  test('fewer events are the beginning of more', () => {
    const some = flatten(workload.generate(7, {}, 5001)).events;
    const more = flatten(workload.generate(7, {}, 9000)).events;
    expect(some.length).toBe(5001 * COLUMNS.length * Float64Array.BYTES_PER_ELEMENT);
    expect(more.subarray(0, some.length).equals(some)).toBe(true);
  });
});
