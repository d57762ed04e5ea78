/**
 * Over every captured heap trace: all lines and events accounted for, every block where glibc has put it, and replays in
 * which nothing fails and as many pages are faulted in as the events touch of what is mapped.
 */
import { describe, expect, test } from 'vitest';
import type { Batch } from '../../../core/event/batch.ts';
import { eventsOf } from '../../../core/event/batch.ts';
import { COUNTER } from '../../../core/outcome/counters.ts';
import { BAD_TRACES, HEAP_TRACES, importText, sum } from '../../captures/program-traces.ts';
import { atDepth, FULL } from '../../support/depth.ts';
import { expectConservation } from '../../support/laws.ts';
import { machineOf } from '../../support/rows.ts';
import { rowsOf } from '../support.ts';

const LAYOUTS = atDepth({ quick: ['linux-x86_64'], full: ['linux-x86_64', 'linux-3g1g'] });
const PAGE = 4096;

test('there are captures in each of the three formats', () => {
  const formats = new Set(HEAP_TRACES.map(({ format }) => format));
  expect(formats).toEqual(new Set(['vgmalloc', 'ltrace', 'mtrace']));
});

describe.each(HEAP_TRACES.filter((_, i) => FULL || i % 2 === 0))('$name', (trace) => {
  const text = Buffer.from(trace.text()).toString('latin1');
  const imported = importText(text);

  test('every line and every event is accounted for', async () => {
    const { result, batches } = await imported;
    expect(result).toMatchObject({ format: trace.format, lines: text.split('\n').length - 1 });
    expect(result.warnings.filter((warning) => !warning.includes('taken for threads'))).toEqual([]);
    expect(result.lines).toBe(result.eventLines + sum(result.ignored));
    expect(result.events).toBe(result.eventLines + sum(result.implied));
    const modes = batches.flatMap((batch) =>
      [...eventsOf(batch)].flatMap((event) => (event.kind === 'access' ? [event.mode] : [])),
    );
    expect(modes.filter((mode) => mode === 0)).toHaveLength(result.references.read);
    expect(modes.filter((mode) => mode === 1)).toHaveLength(result.references.write);
  });

  test('blocks of any size give the same events', async () => {
    const other = await importText(text, 4_099);
    expect(other.result).toEqual((await imported).result);
    expect(rowsOf(other.batches)).toEqual(rowsOf((await imported).batches));
  });

  test.each(LAYOUTS)('under %s nothing fails, and the pages of the blocks are faulted in', async (layout) => {
    const { counters } = expectConservation(machineOf(layout, 256), (await imported).batches, 4_096);
    expect(counters[COUNTER.failures]).toBe(0);
    const { result, batches } = await imported;
    expect(counters[COUNTER.demandZeroFaults]).toBe(pagesTouched(batches));
    // what a fork copies is a page of the child without being touched
    const { least, most } = result.heapPages!;
    if (result.processes === 1) expect(most).toBe(pagesTouched(batches));
    expect(least).toBeLessThanOrEqual(most);
  });
});

/** A set of the pages that are there: touched, and not unmapped or given back since. How often one is added. */
function pagesTouched(batches: readonly Batch[]): number {
  const there = new Map<number, Set<number>>();
  let added = 0;
  for (const event of batches.flatMap((batch) => [...eventsOf(batch)])) {
    const pages = 'object' in event ? (there.get(event.object) ?? new Set<number>()) : new Set<number>();
    if ('object' in event) there.set(event.object, pages);
    const drop = (from: number, end = Number.POSITIVE_INFINITY): void => {
      for (const page of pages) if (page * PAGE >= from && page * PAGE < end) pages.delete(page);
    };
    if (event.kind === 'access' && !pages.has(Math.floor(event.offset / PAGE))) {
      pages.add(Math.floor(event.offset / PAGE));
      added++;
    }
    if (event.kind === 'brk' || event.kind === 'mremap') drop(event.length);
    if (event.kind === 'munmap' || event.kind === 'madvise')
      drop(event.offset, event.length === 0 ? undefined : event.offset + event.length);
  }
  return added;
}

describe.each(BAD_TRACES)('$name', (trace) => {
  test('is refused, with the line and how to record again', async () => {
    await expect(importText(trace.text())).rejects.toThrow(/line \d+: found .* Record again: ltrace -L -x/);
  });
});
