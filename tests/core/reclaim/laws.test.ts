/** The laws of the machine, where memory runs out and pages are reclaimed. */
import { describe, expect, test } from 'vitest';
import type { Batch } from '../../../core/event/batch.ts';
import { EVENT_KINDS } from '../../../core/event/kinds.ts';
import {
  buddyinfo,
  drained,
  expectBatchingInvisible,
  expectConservation,
  expectDeterminism,
  expectPurity,
  replay,
} from '../../support/laws.ts';
import { batchOfRows, cleanUp, forStreams, type Row, randomEvents } from '../../support/naive-events.ts';
import { SMALL_MACHINES, starve } from '../../support/rows.ts';

const EVENTS = 600;
const RUNS = process.env.VMSPLIT_SLOW === '1' ? 16 : 2;
const SWAPS = [
  { swap: 'much swap', swapBytes: 64n << 20n },
  { swap: 'little swap', swapBytes: 200n << 10n },
  { swap: 'no swap', swapBytes: 0n },
];

/** Random events with files of at most 8 MiB: all of a larger one goes through memory at each read. */
const FILE = EVENT_KINDS.file.code;
const MOST_FILE_BYTES = 8 << 20;
const EVENTS_OF_SMALL_FILES = randomEvents(EVENTS).map((rows) =>
  rows.map((row): Row => {
    const [kind, cpu, thinkNs, object, a, b, c] = row;
    return kind === FILE ? [kind, cpu, thinkNs, object, Math.min(a, MOST_FILE_BYTES), b, c] : row;
  }),
);

const MACHINES = SMALL_MACHINES.flatMap(({ name, boot }) =>
  SWAPS.flatMap(({ swap, swapBytes }) => [
    { name: `${name}, ${swap}`, boot: () => boot({ reclaim: { swapBytes } }) },
    {
      name: `${name}, ${swap}, all but 60 pages taken`,
      boot: () => starve(boot({ reclaim: { swapBytes } }), 60),
    },
  ]),
);

describe.each(MACHINES)('random events on $name', ({ boot }) => {
  const machine = boot();
  const holds = (law: (events: Batch[]) => void): void =>
    forStreams(EVENTS_OF_SMALL_FILES, RUNS, (rows) => law([batchOfRows(rows)]));

  test('the same events give the same bits', () => holds((events) => expectDeterminism(boot, events)));

  test('a fold leaves the machine that it was given as it was', () =>
    holds((events) => expectPurity(machine, events, 50)));

  test('how events are cut into batches changes nothing', () =>
    holds((events) => expectBatchingInvisible(machine, events, [1, 7, 64, 4096])));

  test('every page stays on one list, every slot of the swap area accounted for', () =>
    holds((events) => void expectConservation(machine, events, 8)));

  test('when everything is freed, nothing is left in memory or in the swap area', () => {
    forStreams(EVENTS_OF_SMALL_FILES, RUNS, (rows) => {
      const end = replay(machine, [batchOfRows(rows), batchOfRows(cleanUp(rows))], 4096).machine;
      const free = (of: typeof end) => buddyinfo(drained(of)).map((zone) => zone.free);
      expect(free(end)).toEqual(free(machine));
      expect(end.records.processes).toEqual({});
    });
  });
});
