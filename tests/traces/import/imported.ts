/** Imports of a trace with what lies beside it, every line and event accounted for; and events of one kind. */
import { expect } from 'vitest';
import { eventsOf } from '../../../core/event/batch.ts';
import type { MemoryEvent } from '../../../core/event/kinds.ts';
import { importTrace } from '../../../traces/index.ts';
import { inBlocks } from '../support.ts';

export async function imported(text: string, ...beside: string[]) {
  const events: MemoryEvent[] = [];
  const output = { write: (batch: Parameters<typeof eventsOf>[0]) => void events.push(...eventsOf(batch)) };
  const result = await importTrace(
    {
      name: 'some.trace',
      blocks: inBlocks(Buffer.from(text), 1 << 16),
      beside: beside.map((each, i) => ({ name: `${i}`, text: each })),
    },
    output,
  );
  const ignored = Object.values(result.ignored).reduce((sum, count) => sum + count, 0);
  expect(result.lines).toBe(result.eventLines + ignored);
  expect(result.events).toBe(events.length);
  return { result, events };
}

export const of = <K extends MemoryEvent['kind']>(events: readonly MemoryEvent[], kind: K) =>
  events.filter((event): event is Extract<MemoryEvent, { kind: K }> => event.kind === kind);
