/** Two captures that differ only in how strace printed them give the same events. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { eventsOf } from '../../../core/event/batch.ts';
import { importText, sum } from '../../captures/program-traces.ts';
import { atDepth } from '../../support/depth.ts';
import { tell } from '../../support/strace-lines.ts';
import { type Printing, print, printing, session } from '../../support/strace-session.ts';

/** Thousands of runs, when asked for. */
const LONG = { timeout: 3_600_000 };

async function eventsIn(text: string, hasTimes: boolean): Promise<string[]> {
  const { result, batches } = await importText(text);
  expect(result.format).toBe('strace');
  expect(result.lines).toBe(result.eventLines + sum(result.ignored));
  expect(result.warnings.filter((text) => !text.includes('without a line'))).toEqual([]);
  const events = batches.flatMap((batch) => [...eventsOf(batch)]);
  // where no line names the first process, it is 1
  const told = events.map((event) => tell(event).replace(/pid=1$/, 'pid=20'));
  return told.map((event, i) => (hasTimes ? `${event} +${events[i]!.thinkNs}` : event));
}

const PLAIN: Printing = {
  pids: 'file',
  time: 'epoch',
  number: false,
  address: false,
  context: false,
  constants: 'abbrev',
  names: false,
  column: 40,
  isOld: false,
  duration: false,
  paths: false,
  stacks: false,
  summary: false,
  colour: false,
  lineEnd: '\n',
  ends: true,
  lateFlags: false,
};

test('whatever options print it, a session is the same events', LONG, async () => {
  await fc.assert(
    fc.asyncProperty(session, printing, async (happenings, options) => {
      const hasTimes = options.time !== 'none';
      const plain = await eventsIn(print(happenings, PLAIN), hasTimes);
      expect(await eventsIn(print(happenings, options), hasTimes)).toEqual(plain);
    }),
    { numRuns: atDepth({ quick: 60, full: 250, long: 20_000 }) },
  );
});

test('each option alone', LONG, async () => {
  const alone = fc.constantFrom(...(Object.keys(PLAIN) as (keyof Printing)[]));
  await fc.assert(
    fc.asyncProperty(session, printing, alone, async (happenings, options, one) => {
      const printed = { ...PLAIN, [one]: options[one] };
      const hasTimes = printed.time !== 'none';
      const plain = await eventsIn(print(happenings, PLAIN), hasTimes);
      expect(await eventsIn(print(happenings, printed), hasTimes)).toEqual(plain);
    }),
    { numRuns: atDepth({ quick: 60, full: 250, long: 20_000 }) },
  );
});
