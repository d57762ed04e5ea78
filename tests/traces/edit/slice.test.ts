/** Slices: their events come out as they did in the whole trace, and the prologue tells no more than it has to. */
import { describe, expect, it } from 'vitest';
import { type Batch, batchOf, eventsOf } from '../../../core/event/batch.ts';
import type { MemoryEvent } from '../../../core/event/kinds.ts';
import { fold } from '../../../core/fold/fold.ts';
import { STATUSES } from '../../../core/outcome/outcome.ts';
import { type SliceOptions, type SliceResult, sliced } from '../../../traces/edit/slice.ts';
import { WORKLOADS, workload } from '../../../workloads/index.ts';
import { batchesOf, event, lane, randomEvents } from '../../replay/support.ts';
import { atDepth } from '../../support/depth.ts';

const eventsIn = (batches: readonly Batch[]): MemoryEvent[] =>
  batches.flatMap((batch) => [...eventsOf(batch)]);

async function slice(
  batches: readonly Batch[],
  from: number,
  to: number,
  which: Omit<SliceOptions, 'from' | 'to'> = {},
): Promise<{ prologue: MemoryEvent[]; kept: MemoryEvent[] }> {
  const result: SliceResult = { prologue: 0, kept: 0 };
  const all: Batch[] = [];
  for await (const batch of sliced(batches, { from, to, ...which }, result)) all.push(batch);
  const events = eventsIn(all);
  expect(events).toHaveLength(result.prologue + result.kept);
  return { prologue: events.slice(0, result.prologue), kept: events.slice(result.prologue) };
}

/** Of each event on a machine with plenty of memory. */
function statuses(events: readonly MemoryEvent[]): string[] {
  const { outcomes } = fold(lane('linux-x86_64').machine, batchOf(events));
  return events.map((_, at) => STATUSES[outcomes.status[at]!]!.name);
}

/** What only says that something was touched, or brought into a cache. */
const TOUCHES = new Set(['access', 'file_read', 'file_drop', 'dma_sync']);

describe.each(WORKLOADS.map(({ name }) => name))('%s', (name) => {
  const batches = [...workload(name).generate(2, {}, 3000, 500)];
  const events = eventsIn(batches);
  const whole = statuses(events);

  const starts = atDepth({ quick: [1, 2000], full: [0, 1, 700, 2000, 2999] });
  it.each(starts)('from event %i on comes out as in the whole trace', async (from) => {
    const { prologue, kept } = await slice(batches, from, 3000);
    expect(kept).toEqual(events.slice(from));
    const found = statuses([...prologue, ...kept]);
    expect(found.slice(prologue.length)).toEqual(whole.slice(from));
    expect(new Set(found.slice(0, prologue.length))).toEqual(
      prologue.length === 0 ? new Set() : new Set(['ok']),
    );
    expect(prologue.filter(({ kind, thinkNs }) => TOUCHES.has(kind) || thinkNs > 0)).toEqual([]);
    const before = events.slice(0, from).filter(({ kind }) => !TOUCHES.has(kind));
    // Switches are put where they are needed.
    const calls = (all: readonly MemoryEvent[]) => all.filter(({ kind }) => kind !== 'switch').length;
    expect(calls(prologue)).toBeLessThanOrEqual(calls(before));
  });

  it('ends where it is told to, and reads no further', async () => {
    let read = 0;
    const counted = (function* () {
      for (const batch of batches) {
        read++;
        yield batch;
      }
    })();
    const result = { prologue: 0, kept: 0 };
    for await (const _ of sliced(counted, { from: 100, to: 900 }, result));
    expect([result.kept, read]).toEqual([800, 2]);
  });
});

describe('events of all sorts, lawful and not', () => {
  it.each([1, 2, 3, 4, 5, 6])('seed %i: few come out worse than in the whole trace', async (seed) => {
    const events = randomEvents(seed, 3000);
    const from = 1500;
    const { prologue, kept } = await slice(batchesOf(events, 333), from, 3000);
    expect(kept).toEqual(events.slice(from));
    const whole = statuses(events).slice(from);
    const worse = (found: readonly string[]): number =>
      whole.filter((status, i) => status === 'ok' && found[i] !== 'ok').length;
    // What failed where it was recorded is taken as if it had not: such events may make others fail.
    expect(worse(statuses([...prologue, ...kept]).slice(prologue.length))).toBeLessThan(
      worse(statuses(kept)) / 2,
    );
  });
});

describe('a prologue', () => {
  const told = async (events: readonly MemoryEvent[]): Promise<string[]> => {
    const { prologue } = await slice(
      batchesOf([...events, event('access', {})], 3),
      events.length,
      events.length + 1,
    );
    return prologue.map(({ kind, ...fields }) => {
      const { object, pid } = fields as { object?: number; pid?: number };
      return `${kind} ${object ?? pid ?? ''}`.trim();
    });
  };
  const start = [event('spawn', { pid: 1 }), event('switch', { pid: 1 })];

  it('leaves out what is gone', async () => {
    expect(
      await told([
        event('kmalloc', { object: 1, size: 8 }),
        event('page_alloc', { object: 2 }),
        event('kmap', { object: 2, page: 0 }),
        event('kfree', { object: 1 }),
        event('kmalloc', { object: 1, size: 16 }),
        event('kunmap', { object: 2, page: 0 }),
        event('kmap', { object: 2, page: 0 }),
        event('vmalloc', { object: 3, size: 8 }),
        event('vfree', { object: 3 }),
      ]),
    ).toEqual(['page_alloc 2', 'kmalloc 1', 'kmap 2']);
  });

  it('keeps what something else is made of', async () => {
    expect(
      await told([
        event('kmem_cache_create', { cache: 1, size: 64 }),
        event('page_alloc', { object: 5, order: 1 }),
        event('vmap', { object: 6, pages: 5, count: 2 }),
        event('kmem_cache_alloc', { object: 7, cache: 1 }),
        event('page_free', { object: 5 }),
      ]),
    ).toEqual(['kmem_cache_create', 'page_alloc 5', 'vmap 6', 'kmem_cache_alloc 7', 'page_free 5']);
  });

  it('leaves out processes that are gone, but not what their children have of them', async () => {
    const child = [
      event('fork', { pid: 2 }),
      event('switch', { pid: 2 }),
      event('mmap', { object: 2, length: 4096 }),
    ];
    const mapped = event('mmap', { object: 1, length: 4096 });
    expect(await told([...start, mapped, ...child, event('exit'), event('switch', { pid: 1 })])).toEqual([
      'spawn 1',
      'switch 1',
      'mmap 1',
    ]);
    expect(
      await told([
        ...start,
        mapped,
        ...child,
        event('switch', { pid: 1 }),
        event('exit'),
        event('switch', { pid: 2 }),
      ]),
    ).toEqual([
      'spawn 1',
      'switch 1',
      'mmap 1',
      'fork 2',
      'switch 2',
      'mmap 2',
      'switch 1',
      'exit',
      'switch 2',
    ]);
  });

  it('leaves out what exec, munmap and a longer brk have replaced', async () => {
    expect(
      await told([
        ...start,
        event('brk', { object: 9, length: 4096 }),
        event('mmap', { object: 1, length: 8192 }),
        event('mprotect', { object: 1, length: 4096 }),
        event('mmap', { object: 2, length: 8192 }),
        event('munmap', { object: 1, length: 8192 }),
        event('munmap', { object: 2, length: 4096 }),
        event('brk', { object: 9, length: 8192 }),
      ]),
    ).toEqual(['spawn 1', 'switch 1', 'mmap 2', 'munmap 2', 'brk 9']);
    expect(await told([...start, event('mmap', { object: 1, length: 1 }), event('exec')])).toEqual([
      'spawn 1',
      'switch 1',
      'exec',
    ]);
  });
});

describe('a choice', () => {
  const batches = [...workload('prefork').generate(1, {}, 5000, 800)];

  it('of processes has what they do, and what it needs', async () => {
    const all = eventsIn(batches);
    const running = new Map<number, number>();
    const expected = all.filter((one) => {
      const by = running.get(one.cpu);
      if (one.kind === 'switch') running.set(one.cpu, one.pid);
      if (['spawn', 'fork', 'clone', 'exec', 'exit', 'switch', 'file'].includes(one.kind)) return true;
      return by === 3;
    });
    const { prologue, kept } = await slice(batches, 0, 5000, { processes: new Set([3]) });
    expect(prologue).toEqual([]);
    expect(kept).toEqual(expected);
    const later = await slice(batches, 3000, 5000, { processes: new Set([3]) });
    expect(new Set(statuses([...later.prologue, ...later.kept]))).toEqual(new Set(['ok']));
  });

  it('of objects has the events that name one', async () => {
    const { kept } = await slice(batches, 0, 5000, { objects: new Set([12]) });
    const about = kept.filter((one) => 'object' in one);
    expect(about.length).toBeGreaterThan(5);
    expect(about.every((one) => (one as { object?: number }).object === 12)).toBe(true);
  });
});
