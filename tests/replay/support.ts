/** What the tests of replay share: machines, hand-made events, and a stream of lawful and unlawful ones. */
import { type Batch, batchOf, rebatch } from '../../core/event/batch.ts';
import { GFP_HIGHUSER, GFP_KERNEL } from '../../core/event/gfp.ts';
import { EVENT_KINDS, type KindName, type MemoryEvent } from '../../core/event/kinds.ts';
import { PROT_READ, PROT_WRITE } from '../../core/event/mmap-flags.ts';
import { buildLayout } from '../../core/layout/catalog/index.ts';
import { type Lane, type LaneOptions, newLane } from '../../replay/lane/lane.ts';
import type { ReplayResult } from '../../replay/run/result.ts';
import { MemorySink, memorySource, openTrace, type Trace, TraceWriter } from '../../traces/index.ts';

export const MIB = 2 ** 20;

/** A machine with 1 GiB: the 32-bit ones with a 3G/1G split have high memory then. */
export function lane(name: string, options: LaneOptions = {}): Lane {
  return newLane(buildLayout(name, { ramBytes: 2n ** 30n }), options);
}

/** An event on cpu 0, with zeros for the fields not given. */
export function event(kind: KindName, fields: Readonly<Record<string, number>> = {}): MemoryEvent {
  const names = Object.keys(EVENT_KINDS[kind].fields);
  const zeros = Object.fromEntries(names.map((name) => [name, 0]));
  return { kind, cpu: 0, thinkNs: 0, ...zeros, ...fields } as unknown as MemoryEvent;
}

export function batchesOf(events: readonly MemoryEvent[], size: number): Batch[] {
  return [...rebatch([batchOf(events)], size)];
}

/** A trace in memory, as `record` writes it. */
export async function traceOf(write: (writer: TraceWriter) => Promise<unknown>): Promise<Trace> {
  const sink = new MemorySink();
  const writer = await TraceWriter.create(sink, { tool: 'test', toolVersion: '0', seed: 3, parameters: {} });
  await write(writer);
  await writer.finish();
  return openTrace(memorySource(sink.bytes()));
}

/** A result without what depends on the wall clock. */
export function timeless(result: ReplayResult): unknown {
  const layouts = result.layouts.map(({ eventsPerSecond: _, ...layout }) => layout);
  const { elapsedMs: _, ...rest } = result;
  return { ...rest, layouts };
}

/**
 * Events over few objects and processes, so that they meet: allocations, uses and frees of what may or may not
 * be there, in user and kernel mode. Most are accesses, as in life.
 */
export function randomEvents(seed: number, count: number): MemoryEvent[] {
  let state = seed | 1;
  const below = (limit: number): number => {
    // Marsaglia's xorshift32
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
  const makers: (() => MemoryEvent)[] = [
    () => event('spawn', { pid: below(5) }),
    () => event('fork', { pid: below(5) }),
    () => event('switch', { pid: below(5) }),
    () => (below(8) === 0 ? event(below(2) === 0 ? 'exit' : 'exec') : event('switch', { pid: 1 + below(4) })),
    () => event('mmap', { object: below(40), length: 1 + below(MIB), flags: PROT_READ | PROT_WRITE }),
    () => event('munmap', { object: below(40) }),
    () => event('brk', { object: 41, length: below(MIB) }),
    () =>
      event('page_alloc', { object: below(40), order: below(4), gfp: below(2) ? GFP_HIGHUSER : GFP_KERNEL }),
    () => event('page_free', { object: below(40) }),
    () => event('kmalloc', { object: below(40), size: 1 + below(20_000), gfp: GFP_KERNEL }),
    () => event('kfree', { object: below(40) }),
    () => event('vmalloc', { object: below(40), size: below(8) === 0 ? 40 * MIB : 1 + below(MIB) }),
    () => event('vfree', { object: below(40) }),
    () => event('kmap', { object: below(40), page: below(4) }),
    () => event('kunmap', { object: below(40), page: below(4) }),
    () => event('ioremap', { object: below(40), size: 1 + below(MIB), pfn: 0xe0000 }),
    () => event('iounmap', { object: below(40) }),
  ];
  const access = (): MemoryEvent =>
    event('access', { object: below(42), offset: below(9000), size: 1 + below(8), mode: below(8) });
  return Array.from({ length: count }, () => ({
    ...(below(3) === 0 ? makers[below(makers.length)]!() : access()),
    cpu: below(2),
    thinkNs: below(100),
  }));
}
