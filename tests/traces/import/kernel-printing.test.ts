/** Captures of one session that differ only in how they were printed give the same events, as far as they say the same. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { eventsOf } from '../../../core/event/batch.ts';
import type { MemoryEvent } from '../../../core/event/kinds.ts';
import { atDepth } from '../../support/depth.ts';
import { importText } from '../../support/import-text.ts';
import * as printers from '../../support/kernel-sessions.ts';
import { PLAIN, type Printing, type SessionEvent, session } from '../../support/kernel-sessions.ts';

const RUNS = atDepth({ quick: 40, full: 120 });

/** The session as a printing can tell it: what it leaves out is 0. */
function asTold(events: readonly SessionEvent[], { lacks }: Printing): SessionEvent[] {
  return events.map((event) => ({
    ...event,
    cpu: lacks.cpu ? 0 : event.cpu,
    timeUs: lacks.time ? 1 : event.timeUs,
    // the idle task: no process runs
    pid: lacks.task ? 0 : event.pid,
  }));
}

async function eventsIn(text: string): Promise<MemoryEvent[]> {
  const { batches } = await importText(text);
  return batches.flatMap((batch) => [...eventsOf(batch)]);
}

/** An import is refused when nothing in the session is an event of ours. */
const hasEvent = (events: readonly SessionEvent[]): boolean =>
  events.some((event) => event.kind !== 'kfree' && event.kind !== 'kmem_cache_free');

describe.each([
  ['ftrace', printers.ftrace],
  ['perf script', printers.perfScript],
  ['trace-cmd report', printers.traceCmd],
  ['perf trace', printers.perfTrace],
  ['bpftrace', printers.bpftrace],
] as const)('%s', (_name, printer) => {
  test('whatever the options', async () => {
    await fc.assert(
      fc.asyncProperty(session.filter(hasEvent), printer, async (events, print) => {
        const printing = print(events);
        const expected = await eventsIn(PLAIN(asTold(events, printing)).text);
        expect(await eventsIn(printing.text)).toEqual(expected);
      }),
      { numRuns: RUNS },
    );
  });
});
