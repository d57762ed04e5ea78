/** Statistics of traces: counts that add up, sizes and lifetimes of made-up objects. */
import { describe, expect, it } from 'vitest';
import { eventsOf } from '../../../core/event/batch.ts';
import { EVENT_KINDS, type KindName, type MemoryEvent } from '../../../core/event/kinds.ts';
import { passesOf } from '../../../replay/events/passes.ts';
import { statsText } from '../../../replay/stats/text.ts';
import { TraceStats, type TraceStatsResult } from '../../../replay/stats/trace-stats.ts';
import { workload } from '../../../workloads/index.ts';
import { batchesOf, event } from '../support.ts';

async function statsOf(events: readonly MemoryEvent[], size = 3): Promise<TraceStatsResult> {
  const stats = new TraceStats();
  for await (const pass of passesOf(batchesOf(events, size))) stats.add(pass);
  return stats.result();
}

const later = (one: MemoryEvent, thinkNs: number): MemoryEvent => ({ ...one, thinkNs });

describe('objects', () => {
  it('have sizes and lifetimes, by the event that asked for them', async () => {
    const { objects } = await statsOf([
      event('kmalloc', { object: 1, size: 100 }),
      event('kmalloc', { object: 2, size: 64 }),
      later(event('kfree', { object: 1 }), 1000),
      event('kmem_cache_create', { cache: 1, size: 192 }),
      event('kmem_cache_alloc', { object: 1, cache: 1 }),
      event('page_alloc', { object: 3, order: 3 }),
      later(event('page_free', { object: 3 }), 5),
      event('mmap', { object: 4, length: 8192 }),
      event('munmap', { object: 4, offset: 4096 }),
      event('munmap', { object: 4, length: 8191 }),
      event('munmap', { object: 4, length: 8192 }),
      event('vfree', { object: 99 }),
    ]);
    expect(objects).toEqual([
      {
        kind: 'kmalloc',
        count: 2,
        bytes: 164,
        recordedAsFailed: 0,
        aliveAtEnd: 1,
        sizes: [{ from: 64, to: 128, count: 2 }],
        lifetimeEvents: [{ from: 2, to: 4, count: 1 }],
        lifetimeNs: [{ from: 512, to: 1024, count: 1 }],
      },
      {
        kind: 'kmem_cache_alloc',
        count: 1,
        bytes: 192,
        recordedAsFailed: 0,
        aliveAtEnd: 1,
        sizes: [{ from: 128, to: 256, count: 1 }],
        lifetimeEvents: [],
        lifetimeNs: [],
      },
      {
        kind: 'page_alloc',
        count: 1,
        bytes: 32768,
        recordedAsFailed: 0,
        aliveAtEnd: 0,
        sizes: [{ from: 32768, to: 65536, count: 1 }],
        lifetimeEvents: [{ from: 1, to: 2, count: 1 }],
        lifetimeNs: [{ from: 4, to: 8, count: 1 }],
      },
      {
        kind: 'mmap',
        count: 1,
        bytes: 8192,
        recordedAsFailed: 0,
        aliveAtEnd: 0,
        sizes: [{ from: 8192, to: 16384, count: 1 }],
        lifetimeEvents: [{ from: 2, to: 4, count: 1 }],
        lifetimeNs: [{ from: 0, to: 1, count: 1 }],
      },
    ]);
  });

  it('that were refused where they were recorded are counted apart, by the request that the note names', async () => {
    const note = (kind: KindName) => event('refused', { object: 1, request: EVENT_KINDS[kind].code });
    const stats = await statsOf([
      event('kmalloc', { object: 1, size: 100 }),
      note('kmalloc'),
      event('kfree', { object: 1 }),
      event('kmalloc', { object: 1, size: 100 }),
      note('brk'),
    ]);
    expect(stats.objects).toMatchObject([{ kind: 'kmalloc', count: 2, recordedAsFailed: 1 }]);
    expect(statsText(stats)).toMatch(/kmalloc\n.*\n.*\n {2}failed where recorded +1\n/);
  });
});

describe('a workload', () => {
  const events = [...workload('prefork').generate(1, {}, 5000)].flatMap((batch) => [...eventsOf(batch)]);

  it('has counts that add up, however it is cut', async () => {
    const stats = await statsOf(events, 1000);
    expect(await statsOf(events, 77)).toEqual(stats);
    const sum = (counts: Iterable<number>): number => [...counts].reduce((a, b) => a + b, 0);
    expect(sum(Object.values(stats.kinds))).toBe(5000);
    expect(sum(Object.values(stats.references))).toBe(stats.kinds.access);
    const { pages } = stats;
    expect(sum(pages.reuseDistances.map(({ count }) => count)) + pages.firstTouches).toBe(pages.references);
    const touched = new Set<string>();
    for (const one of events) {
      if (one.kind !== 'access') continue;
      for (const byte of [one.offset, one.offset + one.size - 1]) touched.add(`${one.object} ${byte >> 12}`);
    }
    expect([pages.touched, pages.firstTouches, pages.sampledRate]).toEqual([touched.size, touched.size, 1]);
  });

  it('is told in tables that fit 80 columns', async () => {
    const text = statsText(await statsOf(events, 1000), 80);
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(text).toMatch(
      /^5,000 events, .* between them\n\nevents by kind\n {2}access +\d,\d{3} +\d+\.\d\d %/,
    );
    expect(text).toContain('working set: mean pages touched by the');
    expect(text).toContain('lifetimes in events');
  });
});

it('a trace without references, and one without events, have nothing to tell of pages', async () => {
  const text = statsText(await statsOf([event('spawn', { pid: 1 })]));
  expect(text).toBe('1 events, 0 ns between them\n\nevents by kind\n  spawn  1  100.00 %');
  expect(statsText(await statsOf([]))).toBe('0 events, 0 ns between them');
});
