/** Selections: each against an obvious predicate over event objects, alone and together. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventAt } from '../../../core/event/batch.ts';
import type { MemoryEvent } from '../../../core/event/kinds.ts';
import { STATUSES } from '../../../core/outcome/outcome.ts';
import { NO_PROCESS, type Pass, passesOf } from '../../../replay/events/passes.ts';
import { needsPast, type Selection, wantedBy } from '../../../replay/events/selection.ts';
import { batchesOf, event, lane, randomEvents } from '../support.ts';

async function passes(events: readonly MemoryEvent[]): Promise<Pass[]> {
  const all: Pass[] = [];
  for await (const pass of passesOf(batchesOf(events, 100), lane('3g1g'))) all.push(pass);
  return all;
}

const RANDOM = passes(randomEvents(7, 400));

function chosen(all: readonly Pass[], selection: Selection): number[] {
  const wanted = wantedBy(selection);
  return all.flatMap((pass) =>
    Array.from({ length: pass.batch.count }, (_, at) => at)
      .filter((at) => wanted(pass, at))
      .map((at) => pass.firstEvent + at),
  );
}

/** What the same words mean, for one event as an object. */
function means(selection: Selection, pass: Pass, at: number): boolean {
  const found = eventAt(pass.batch, at)! as MemoryEvent & Record<string, number>;
  const { kinds, objects, cpus, time, events, processes, outcomes } = selection;
  const startNs = pass.startNs![at]!;
  const number = pass.firstEvent + at;
  const status = STATUSES[pass.step!.outcomes.status[at]!]!.name;
  const runs = pass.processes![at]!;
  return (
    (kinds === undefined || kinds.includes(found.kind)) &&
    (objects === undefined || ('object' in found && objects.includes(found.object as number))) &&
    (cpus === undefined || cpus.includes(found.cpu)) &&
    (time === undefined || (time.from <= startNs && startNs <= time.to)) &&
    (events === undefined || (events.from <= number && number <= events.to)) &&
    (processes === undefined ||
      (runs !== NO_PROCESS && processes.includes(runs)) ||
      ('pid' in found && processes.includes(found.pid as number))) &&
    (outcomes === undefined ||
      outcomes.some((wanted) => wanted === status || (wanted === 'failed' && status !== 'ok')))
  );
}

const range = (max: number) =>
  fc.tuple(fc.nat(max), fc.nat(max)).map(([x, y]) => ({ from: Math.min(x, y), to: Math.max(x, y) }));

const selections: fc.Arbitrary<Selection> = fc.record(
  {
    kinds: fc.subarray(['access', 'kmalloc', 'switch', 'mmap', 'spawn'] as const),
    objects: fc.array(fc.nat(41), { maxLength: 9 }),
    cpus: fc.subarray([0, 1, 2]),
    time: range(40_000),
    events: range(450),
    processes: fc.subarray([0, 1, 2, 3, 4]),
    outcomes: fc.subarray(['ok', 'failed', 'no-object', 'no-process', 'exists'] as const),
  },
  { requiredKeys: [] },
);

describe('a selection', () => {
  it('chooses what its words mean', async () => {
    const all = await RANDOM;
    fc.assert(
      fc.property(selections, (selection) => {
        const expected = all.flatMap((pass) =>
          Array.from({ length: pass.batch.count }, (_, at) => at)
            .filter((at) => means(selection, pass, at))
            .map((at) => pass.firstEvent + at),
        );
        expect(chosen(all, selection)).toEqual(expected);
      }),
    );
  });

  it('finds every number that names a thing, wherever in an event it stands', async () => {
    const all = await passes([
      event('device', { device: 3, maskBits: 32 }),
      event('page_alloc', { object: 5, order: 2 }),
      event('vmap', { object: 6, pages: 5, count: 4 }),
      event('dma_map_page', { object: 5, transfer: 3 * 4 + 1, length: 64 }),
      event('file', { file: 5, length: 4096 }),
      event('mmap', { object: 9, length: 4096, file: 5 }),
      event('mremap_fixed', { object: 9, over: 6 }),
      event('kmem_cache_create', { cache: 5, size: 64 }),
      event('kmem_cache_alloc', { object: 7, cache: 5 }),
    ]);
    expect(chosen(all, { objects: [5] })).toEqual([1, 2, 3]);
    expect(chosen(all, { objects: [6] })).toEqual([2, 6]);
    expect(chosen(all, { files: [5] })).toEqual([4, 5]);
    expect(chosen(all, { caches: [5] })).toEqual([7, 8]);
    expect(chosen(all, { devices: [3] })).toEqual([0, 3]);
    expect(chosen(all, { devices: [3], objects: [5] })).toEqual([3]);
  });

  it('needs what was before for clocks, processes and outcomes only', () => {
    expect(needsPast({ kinds: ['access'], objects: [1], cpus: [0], events: { from: 1, to: 2 } })).toBe(false);
    expect(needsPast({ processes: [1] })).toBe(true);
    expect(needsPast({ time: { from: 0, to: 1 } })).toBe(true);
    expect(needsPast({ outcomes: ['ok'] })).toBe(true);
  });
});
