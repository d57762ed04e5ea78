/** The laws that every stream of events must obey, lawful or not, on machines where memory runs out. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Batch } from '../../core/event/batch.ts';
import { KIND_NAMES } from '../../core/event/kinds.ts';
import { fold } from '../../core/fold.ts';
import { STATUSES } from '../../core/outcome.ts';
import {
  buddyinfo,
  expectBatchingInvisible,
  expectConservation,
  expectDeterminism,
  expectPurity,
  replay,
} from '../support/laws.ts';
import { batchOfRows, cleanUp, randomEvents } from '../support/naive-events.ts';
import { SMALL_MACHINES, starve } from '../support/rows.ts';

const EVENTS = 1000;

const MACHINES = SMALL_MACHINES.flatMap(({ name, boot }) => [
  { name, boot },
  { name: `${name}, all but 30 pages taken`, boot: () => starve(boot(), 30) },
  { name: `${name}, all but 400 pages of low memory taken`, boot: () => starve(boot(), 400, false) },
]);

describe.each(MACHINES)('random events on $name', ({ boot }) => {
  const machine = boot();
  const holds = (law: (events: Batch[]) => void, seed: number): void =>
    fc.assert(
      fc.property(randomEvents(EVENTS), (rows) => {
        law([batchOfRows(rows)]);
      }),
      { seed, numRuns: 8 },
    );

  test('the same events give the same bits', () => {
    holds((events) => expectDeterminism(boot, events), 1);
  });

  test('a fold leaves the machine that it was given as it was', () => {
    holds((events) => expectPurity(machine, events, 50), 2);
  });

  test('how events are cut into batches changes nothing', () => {
    holds((events) => expectBatchingInvisible(machine, events, [1, 7, 64, 4096]), 3);
  });

  test('when everything is freed, the free lists are those of the beginning', () => {
    fc.assert(
      fc.property(randomEvents(EVENTS), (rows) => {
        const end = replay(machine, [batchOfRows(rows), batchOfRows(cleanUp(rows))], 4096).machine;
        expect(buddyinfo(end)).toEqual(buddyinfo(machine));
        expect(end.records.processes).toEqual({});
      }),
      { seed: 5, numRuns: 16 },
    );
  });

  test('every frame, table and TLB entry stays accounted for', () => {
    holds((events) => void expectConservation(machine, events, 16), 4);
  });
});

test('the random events reach every kind and every status', () => {
  const kinds = new Set<string | undefined>();
  const statuses = new Set<string>();
  for (const { boot } of MACHINES) {
    for (const rows of fc.sample(randomEvents(EVENTS), { seed: 5, numRuns: 8 })) {
      const batch = batchOfRows(rows);
      const { outcomes } = fold(boot(), batch);
      for (let at = 0; at < batch.count; at++) {
        kinds.add(KIND_NAMES[batch.kind[at]!]);
        statuses.add(STATUSES[outcomes.status[at]!]!.name);
      }
    }
  }
  // Unknown kinds are `undefined`. The two windows are too large to be filled by so few objects.
  expect(kinds).toEqual(new Set([undefined, ...KIND_NAMES.filter((name) => name !== undefined)]));
  const missing = STATUSES.map(({ name }) => name).filter((name) => !statuses.has(name));
  expect(missing).toEqual(['vmalloc-space', 'kmap-slots']);
});
