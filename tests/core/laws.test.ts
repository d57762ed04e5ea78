/** The laws that every stream of events must obey, lawful or not, on machines where memory runs out. */
import fc from 'fast-check';
import { describe, test } from 'vitest';
import type { Batch } from '../../core/event/batch.ts';
import {
  expectBatchingInvisible,
  expectConservation,
  expectDeterminism,
  expectPurity,
} from '../support/laws.ts';
import { batchOfRows, randomEvents } from '../support/naive-events.ts';
import { SMALL_MACHINES } from '../support/rows.ts';

const EVENTS = 1500;

describe.each(SMALL_MACHINES)('random events on $name', ({ boot }) => {
  const holds = (law: (events: Batch[]) => void, seed: number): void =>
    fc.assert(
      fc.property(randomEvents(EVENTS), (rows) => {
        law([batchOfRows(rows)]);
      }),
      { seed, numRuns: 12 },
    );

  test('the same events give the same bits', () => {
    holds((events) => expectDeterminism(boot, events), 1);
  });

  test('a fold leaves the machine that it was given as it was', () => {
    holds((events) => expectPurity(boot, events, 50), 2);
  });

  test('how events are cut into batches changes nothing', () => {
    holds((events) => expectBatchingInvisible(boot, events, [1, 7, 64, 4096]), 3);
  });

  test('every frame, table and TLB entry stays accounted for', () => {
    holds((events) => expectConservation(boot, events, 16), 4);
  });
});
