/**
 * Over every captured kernel trace: all lines and events accounted for, objects named lawfully, the rules' counts the
 * same as counted naively, and replays in which nothing fails.
 */
import { describe, expect, test } from 'vitest';
import { type Batch, eventsOf } from '../../../core/event/batch.ts';
import type { MemoryEvent } from '../../../core/event/kinds.ts';
import { COUNTER } from '../../../core/outcome/counters.ts';
import { type ImportResult, importTrace } from '../../../traces/index.ts';
import { type CapturedTrace, KERNEL_TRACES, linesOf } from '../../captures/kernel-traces.ts';
import { replay } from '../../support/laws.ts';
import { bootedOnce } from '../../support/rows.ts';
import { inBlocks, rowsOf } from '../support.ts';

/** RAM for everything that the captures allocate. */
const PLENTY = [
  ['linux-x86_64', 16 << 10],
  ['linux-3g1g', 4 << 10],
] as const;

interface Imported {
  readonly result: ImportResult;
  readonly batches: readonly Batch[];
}

async function importAll(trace: CapturedTrace, blockBytes: number): Promise<Imported> {
  const batches: Batch[] = [];
  const output = { write: (batch: Batch) => void batches.push(batch) };
  const blocks = inBlocks(trace.text(), blockBytes);
  return { result: await importTrace({ name: trace.name, blocks }, output), batches };
}

test('there are captures in each of the three forms', () => {
  const forms = new Set(KERNEL_TRACES.map(({ dialect }) => dialect));
  expect(forms).toEqual(new Set(['ftrace', 'perf-script', 'trace-cmd']));
});

describe.each(KERNEL_TRACES)('$name', (trace) => {
  const imported = importAll(trace, 1 << 20);

  test('every line and every event is accounted for', async () => {
    const { result, batches } = await imported;
    expect(result.format).toBe(trace.dialect);
    expect(result.lines).toBe(linesOf(trace.text()).length);
    expect(result.lines).toBe(result.eventLines + sum(result.ignored));
    expect(result.events).toBe(result.eventLines + sum(result.implied));
    expect(result.events).toBe(batches.reduce((events, { count }) => events + count, 0));
  });

  test('blocks of any size give the same events', async () => {
    const { result, batches } = await imported;
    const other = await importAll(trace, 10_007);
    expect(other.result).toEqual(result);
    expect(rowsOf(other.batches)).toEqual(rowsOf(batches));
  });

  test('the rules apply as often as they do when counted by hand', async () => {
    const { ignored, implied } = (await imported).result;
    const naive = countNaively(linesOf(trace.text()));
    const counted = { ...ignored, ...implied };
    expect(Object.fromEntries(Object.keys(naive).map((rule) => [rule, counted[rule] ?? 0]))).toEqual(naive);
  });

  test('a number names one live object at a time, and each is freed as what it is', async () => {
    const { batches } = await imported;
    const live = new Map<number, string>();
    const faults = batches
      .flatMap((batch) => [...eventsOf(batch)])
      .flatMap((event) => liveFault(live, event));
    expect(faults).toEqual([]);
  });

  test.each(PLENTY)('under %s nothing fails, and batches do not show', async (layout, mib) => {
    const { result, batches } = await imported;
    const { cpus } = result.notes as { cpus: number };
    const run = (batchSize: number) => {
      const { machine, outcomes } = replay(bootedOnce(layout, mib, cpus), batches, batchSize);
      return { outcomes, failures: machine.counters[COUNTER.failures] };
    };
    const whole = run(16_384);
    expect(whole.failures).toBe(0);
    expect(run(1_000)).toEqual(whole);
  });
});

const FREED_BY: Readonly<Record<string, string>> = {
  page_free: 'page_alloc',
  kfree: 'kmalloc',
  kmem_cache_free: 'kmem_cache_alloc',
  free_vm_area: 'vm_area',
};

function liveFault(live: Map<number, string>, event: MemoryEvent): string[] {
  if (!('object' in event)) return [];
  const { kind, object } = event;
  const before = live.get(object);
  if (kind in FREED_BY) live.delete(object);
  else live.set(object, kind);
  return before === FREED_BY[kind] ? [] : [`${kind} of ${object}, which is ${before}`];
}

/** What the rules should count, with one regular expression a tracepoint and a map. */
function countNaively(lines: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  const count = (rule: string, isSo = true) => {
    counts[rule] = (counts[rule] ?? 0) + Number(isSo);
  };
  const pages = new Map<string, boolean>();
  const pointers = new Set<string>();
  for (const line of lines) {
    const pfn = /\smm_page_(?:alloc|free): .*pfn=(\w+)|:mm_page_(?:alloc|free): .*pfn=(\w+)/.exec(line);
    const page = pfn?.[1] ?? pfn?.[2];
    if (page !== undefined && /mm_page_alloc:/.test(line)) {
      count('page freed without a line (lost)', pages.get(page) === true);
      pages.set(page, true);
    } else if (page !== undefined) {
      count('page allocated before the trace', !pages.has(page));
      count('page allocated without a line (in bulk, or lost)', pages.get(page) === false);
      pages.set(page, false);
    }
    const ptr = /(?:kmalloc|kmem_cache_alloc|kfree|kmem_cache_free): .*ptr=(\S+)/.exec(line)?.[1];
    if (ptr !== undefined && /alloc: /.test(line)) {
      count('slab object freed without a line (RCU, in bulk, or lost)', pointers.has(ptr));
      pointers.add(ptr);
    } else if (ptr !== undefined && /^(0+|\(nil\))$/.test(ptr)) count('kfree(NULL)');
    else if (ptr !== undefined)
      count('free of a slab object of before the trace, or allocated in bulk', !pointers.delete(ptr));
    if (/mm_page_free_batched:/.test(line)) count('free that mm_page_free said already');
    if (/mm_page_(alloc_zone_locked|pcpu_drain|alloc_extfrag):/.test(line))
      count('inside the page allocator');
  }
  return counts;
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}
