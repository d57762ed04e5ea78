/**
 * Over every captured heap trace: all lines and events accounted for, and replays in which nothing fails and as many
 * pages are faulted in as the blocks lie in, by the addresses of the trace.
 */
import { describe, expect, test } from 'vitest';
import { eventsOf } from '../../../core/event/batch.ts';
import { COUNTER } from '../../../core/outcome/counters.ts';
import { BAD_TRACES, HEAP_TRACES, importText, sum } from '../../captures/program-traces.ts';
import { expectConservation } from '../../support/laws.ts';
import { machineOf } from '../../support/rows.ts';
import { rowsOf } from '../support.ts';

const LAYOUTS = ['linux-x86_64', 'linux-3g1g'] as const;
const PAGE = 4096;

test('there are captures in each of the three formats', () => {
  const formats = new Set(HEAP_TRACES.map(({ format }) => format));
  expect(formats).toEqual(new Set(['vgmalloc', 'ltrace', 'mtrace']));
});

describe.each(HEAP_TRACES)('$name', (trace) => {
  const text = Buffer.from(trace.text()).toString('latin1');
  const imported = importText(text);

  test('every line and every event is accounted for', async () => {
    const { result, batches } = await imported;
    expect(result).toMatchObject({ format: trace.format, lines: text.split('\n').length - 1, warnings: [] });
    expect(result.lines).toBe(result.eventLines + sum(result.ignored));
    expect(result.events).toBe(result.eventLines + sum(result.implied));
    const modes = batches.flatMap((batch) =>
      [...eventsOf(batch)].flatMap((event) => (event.kind === 'access' ? [event.mode] : [])),
    );
    expect(modes.filter((mode) => mode === 0)).toHaveLength(result.references.read);
    expect(modes.filter((mode) => mode === 1)).toHaveLength(result.references.write);
  });

  test('calls with a block are events', async () => {
    // realloc(0x0,8)malloc(8) is one call
    const calls = text.match(/\b(?:malloc|calloc|realloc|memalign|free)\([^)]*\)(?!malloc)|^@ .* [-+>] 0x/gm);
    const ofNull = text.match(/free\((?:0x0|0|nil|NULL)\)/g)?.length ?? 0;
    const { eventLines, ignored } = (await imported).result;
    expect(eventLines).toBe(calls!.length - ofNull);
    expect(ignored['free(NULL)'] ?? 0).toBe(ofNull);
  });

  test('blocks of any size give the same events', async () => {
    const other = await importText(text, 4_099);
    expect(other.result).toEqual((await imported).result);
    expect(rowsOf(other.batches)).toEqual(rowsOf((await imported).batches));
  });

  test.each(LAYOUTS)('under %s nothing fails, and the pages of the blocks are faulted in', async (layout) => {
    const { counters } = expectConservation(machineOf(layout, 256), (await imported).batches, 4_096);
    expect(counters[COUNTER.failures]).toBe(0);
    expect(counters[COUNTER.demandZeroFaults]).toBe(pagesOfBlocks(text).size);
  });
});

/** Pages in which a block lies, or the 8 bytes before it, or a free one's links. */
function pagesOfBlocks(text: string): Set<number> {
  const pages = new Set<number>();
  const calls = text.matchAll(/(calloc|[a-z]*alloc|memalign)\(([^)]*)\) += 0x(\w+)|[+>] 0x(\w+) 0x(\w+)$/gm);
  for (const [, name, args, address, start, length] of calls) {
    const numbers = args?.split(',').map((arg) => Number(/\w+$/.exec(arg)![0])) ?? [];
    const size = name === 'calloc' ? numbers[0]! * numbers[1]! : numbers.at(-1);
    const from = Number.parseInt(address ?? start!, 16);
    const end = from + Math.max(16, size ?? Number.parseInt(length!, 16));
    for (let page = Math.floor((from - 8) / PAGE); page * PAGE < end; page++) pages.add(page);
  }
  return pages;
}

describe.each(BAD_TRACES)('$name', (trace) => {
  test('is refused, with the line and how to record again', async () => {
    await expect(importText(trace.text())).rejects.toThrow(/line \d+: found .* Record again: ltrace -L -x/);
  });
});
