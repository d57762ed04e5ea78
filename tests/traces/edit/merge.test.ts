/** Merges: every trace keeps its order, times and outcomes; numbers of things do not meet. */
import { describe, expect, it } from 'vitest';
import { type Batch, batchOf, eventsOf } from '../../../core/event/batch.ts';
import type { MemoryEvent } from '../../../core/event/kinds.ts';
import { kindNamed } from '../../../core/event/vocabulary.ts';
import { fold } from '../../../core/fold/fold.ts';
import { appended, interleaved, type MergeInput } from '../../../traces/edit/merge.ts';
import { workload } from '../../../workloads/index.ts';
import { batchesOf, event, lane } from '../../replay/support.ts';

const eventsIn = (batches: readonly Batch[]): MemoryEvent[] =>
  batches.flatMap((batch) => [...eventsOf(batch)]);

async function collect(batches: AsyncIterable<Batch>): Promise<MemoryEvent[]> {
  const all: Batch[] = [];
  for await (const batch of batches) all.push(batch);
  return eventsIn(all);
}

const input = (name: string, cpus: number, seed = 1): MergeInput => ({
  name,
  batches: [...workload(name).generate(seed, {}, 2000, 300)],
  cpus,
});

/** Every number that names a thing, as `space number`; 0 of files is none. */
function things(events: readonly MemoryEvent[]): Set<string> {
  const found = new Set<string>();
  for (const one of events) {
    const values = one as unknown as Record<string, number>;
    for (const { name, type } of kindNamed(one.kind)!.fields) {
      if (type.space === undefined || (type.space === 'file' && values[name] === 0)) continue;
      found.add(`${type.space} ${type.idOf?.(values[name]!) ?? values[name]}`);
    }
  }
  return found;
}

/** An event without what a merge changes. */
const shape = ({ kind, thinkNs }: MemoryEvent): unknown => [kind, thinkNs];

describe('by time', () => {
  it('keeps each trace whole, on cpus of its own, in the order of the latest clocks', async () => {
    const inputs = [input('prefork', 2), input('netrx', 2), input('drivers', 1)];
    const merged = await collect(interleaved(inputs));
    const [ends, clocks] = [new Map<number, number>(), new Map<number, number>()];
    let lastNs = 0;
    for (const { cpu, thinkNs } of merged) {
      const trace = Math.min(2, cpu >> 1);
      clocks.set(cpu, (clocks.get(cpu) ?? 0) + thinkNs);
      ends.set(trace, Math.max(ends.get(trace) ?? 0, clocks.get(cpu)!));
      expect(ends.get(trace)!).toBeGreaterThanOrEqual(lastNs);
      lastNs = ends.get(trace)!;
    }
    const parts = [0, 1, 2].map((trace) => merged.filter(({ cpu }) => cpu >> 1 === trace));
    for (const [i, part] of parts.entries()) {
      const own = eventsIn(inputs[i]!.batches as Batch[]);
      expect(part.map(shape)).toEqual(own.map(shape));
      expect(things(part).size).toBe(things(own).size);
      for (const other of parts.slice(i + 1))
        expect([...things(other)].filter((id) => things(part).has(id))).toEqual([]);
    }
  });

  it('lets all go well that goes well alone', async () => {
    const merged = await collect(
      interleaved([input('prefork', 2), input('prefork', 2, 9), input('netrx', 2)]),
    );
    const { outcomes } = fold(lane('linux-x86_64').machine, batchOf(merged));
    expect(outcomes.status.subarray(0, merged.length).every((status) => status === 0)).toBe(true);
  });

  it('takes the trace that was named first where times are the same', async () => {
    const one = (size: number) =>
      batchesOf([event('kmalloc', { object: 0, size }), event('kfree', { object: 0 })], 1);
    const merged = await collect(
      interleaved([
        { name: 'a', batches: one(1), cpus: 1 },
        { name: 'b', batches: one(2), cpus: 1 },
      ]),
    );
    expect(merged.map(({ kind, cpu }) => `${kind} ${cpu}`)).toEqual([
      'kmalloc 0',
      'kfree 0',
      'kmalloc 1',
      'kfree 1',
    ]);
  });

  it.each([
    [[input('prefork', 1)], /prefork: found an event on cpu 1, expected one of the 1 that the trace says/],
    [
      [input('netrx', 200), input('netrx', 57)],
      /found 257 cpus of all traces together, expected at most 256/,
    ],
  ])('refuses cpus that cannot be', async (inputs, message) => {
    await expect(collect(interleaved(inputs))).rejects.toThrow(message);
  });
});

describe('one after the other', () => {
  it('keeps cpus and times, and numbers of things apart', async () => {
    const inputs = [input('prefork', 2), input('prefork', 2)];
    const merged = await collect(appended(inputs));
    const own = eventsIn(inputs[0]!.batches as Batch[]);
    const full = (one: MemoryEvent): unknown => [one.cpu, shape(one)];
    expect(merged.slice(0, 2000).map(full)).toEqual(own.map(full));
    expect(merged.slice(2000).map(full)).toEqual(own.map(full));
    const [first, second] = [things(merged.slice(0, 2000)), things(merged.slice(2000))];
    expect([...first].filter((id) => second.has(id))).toEqual([]);
  });

  it('refuses numbers that would not fit', async () => {
    const large = { name: 'large', batches: [batchOf([event('kfree', { object: 2 ** 31 })])], cpus: 1 };
    await expect(collect(appended([large, large]))).rejects.toThrow(
      /large: found object 2147483648, expected less than/,
    );
  });

  it('of one trace is that trace', async () => {
    const only = input('highmem', 1);
    expect(await collect(appended([only]))).toEqual(eventsIn(only.batches as Batch[]));
  });
});
