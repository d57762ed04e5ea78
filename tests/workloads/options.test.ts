import { describe, expect, test } from 'vitest';
import { UsageError } from '../../core/base/errors.ts';
import { defineWorkload } from '../../workloads/engine/workload.ts';
import { WORKLOADS, workload } from '../../workloads/index.ts';

const sample = defineWorkload({
  name: 'sample',
  title: 'for tests',
  doc: 'Does nothing.',
  defaultEvents: 10,
  options: {
    heapBytes: { default: 4096, unit: 'bytes', min: 8, max: 2 ** 30, doc: 'heap' },
    workers: { default: 4, unit: 'processes', min: 1, max: 8, doc: 'workers' },
    theta: { default: 0.5, unit: '', min: 0, max: 2, doc: 'exponent' },
  },
  start: () => {},
});

describe('settings', () => {
  test.each([
    ['heapBytes=8', 8],
    ['heapBytes=2K', 2048],
    ['heapBytes=2k', 2048],
    ['heapBytes=1.5M', 1.5 * 2 ** 20],
    ['heapBytes=1G', 2 ** 30],
    ['workers=1', 1],
    ['workers=8', 8],
    ['theta=0.99', 0.99],
    ['theta=2', 2],
    ['cpus=64', 64],
    ['drain=1', 1],
  ])('%s', (setting, value) => {
    expect(Object.values(sample.parse([setting]))).toEqual([value]);
  });

  test('the last of two wins', () =>
    expect(sample.parse(['workers=2', 'workers=3'])).toEqual({ workers: 3 }));

  test.each([
    ['workers', "option 'workers': expected name=value"],
    [
      'worker=2',
      "unknown option 'worker'; did you mean 'workers'? (known: heapBytes, workers, theta, cpus, drain)",
    ],
    ['zzzzzzzz=2', "unknown option 'zzzzzzzz' (known: heapBytes, workers, theta, cpus, drain)"],
    ['workers=0', 'option workers: 0 is out of range, expected 1 to 8 whole processes'],
    ['workers=9', 'option workers: 9 is out of range, expected 1 to 8 whole processes'],
    ['workers=1.5', 'option workers: 1.5 is out of range, expected 1 to 8 whole processes'],
    ['workers=4K', "option workers: '4K' is not a number of processes"],
    ['workers=-1', "option workers: '-1' is not a number of processes"],
    ['heapBytes=7', 'option heapBytes: 7 is out of range, expected 8 to 1073741824 whole bytes'],
    ['heapBytes=2T', "option heapBytes: '2T' is not a number of bytes, with K, M or G if you like"],
    ['heapBytes=0.3K', 'option heapBytes: 307.2 is out of range, expected 8 to 1073741824 whole bytes'],
    ['heapBytes=', "option heapBytes: '' is not a number of bytes, with K, M or G if you like"],
    ['theta=2.01', 'option theta: 2.01 is out of range, expected 0 to 2'],
    ['toString=1', "unknown option 'toString' (known: heapBytes, workers, theta, cpus, drain)"],
  ])('%s is refused', (setting, message) => {
    expect(() => sample.parse([setting])).toThrow(new UsageError(message));
  });
});

describe('generate', () => {
  test.each([
    [{ workers: 9 }, 10, 10, 'option workers: 9 is out of range, expected 1 to 8 whole processes'],
    [{ workers: Number.NaN }, 10, 10, 'option workers: NaN is out of range, expected 1 to 8 whole processes'],
    [{}, -1, 10, 'events: -1 is not a whole number of at least 0'],
    [{}, 10, 0, 'batch size: 0 is not a whole number of at least 1'],
  ])('refuses %o, %d events, batches of %d before it makes any', (options, events, batchSize, message) => {
    expect(() => sample.generate(1, options, events, batchSize)).toThrow(new UsageError(message));
  });
  test('a workload that does nothing has no events', () => {
    expect([...sample.generate(1, {}, 10)]).toEqual([]);
  });
});

describe('the table of workloads', () => {
  test('finds each by its name', () => {
    for (const known of WORKLOADS) expect(workload(known.name)).toBe(known);
  });
  test('suggests the nearest name', () => {
    expect(() => workload('databse')).toThrow(
      /^unknown workload 'databse'; did you mean 'database'\? \(known: .*prefork, all-lowmem, .*\)$/,
    );
  });

  const rows = WORKLOADS.flatMap((owner) =>
    owner.options.map((option) => ({ owner: owner.name, ...option })),
  );
  test.each(rows)('$owner.$name has a default in range and says where it comes from', (row) => {
    expect(row.default).toBeGreaterThanOrEqual(row.min);
    expect(row.default).toBeLessThanOrEqual(row.max);
    if (row.unit !== '') expect([row.default, row.min, row.max].every(Number.isInteger)).toBe(true);
    const cited = /\(.*\)/.test(row.doc);
    expect(cited || row.name === 'cpus' || row.name === 'drain', row.doc).toBe(true);
  });
});
