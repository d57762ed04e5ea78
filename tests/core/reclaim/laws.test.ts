/** The laws of the machine, where memory runs out and pages are reclaimed. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Batch } from '../../../core/event/batch.ts';
import { countersOf } from '../../../core/outcome/counters.ts';
import {
  expectBatchingInvisible,
  expectConservation,
  expectDeterminism,
  expectPurity,
} from '../../support/laws.ts';
import { SMALL_MACHINES, starve } from '../../support/rows.ts';
import { pressure } from './pressure.ts';

const STEPS = 120;
const RUNS = process.env.VMSPLIT_SLOW === '1' ? 40 : 2;
const LEFT_PAGES = 500;
const SWAPS = [
  { swap: 'much swap', swapBytes: 64n << 20n },
  { swap: 'little swap', swapBytes: 800n << 10n },
  { swap: 'no swap', swapBytes: 0n },
];

const MACHINES = SMALL_MACHINES.flatMap(({ name, boot }) =>
  SWAPS.map(({ swap, swapBytes }) => ({
    name: `${name}, ${swap}`,
    boot: () => starve(boot({ reclaim: { swapBytes } }), LEFT_PAGES),
  })),
);

const MECHANISMS = [
  'pgstealKswapd',
  'pgstealDirect',
  'pgactivate',
  'pgdeactivate',
  'pswpin',
  'pswpout',
  'fileWritebacks',
  'directReclaims',
  'oomKills',
] as const;
const reached = new Set<string>();

describe.each(MACHINES)('programs too large for $name', ({ boot }) => {
  const machine = boot();
  const holds = (law: (events: Batch[]) => void): void =>
    fc.assert(
      fc.property(pressure(STEPS), (batch) => law([batch])),
      { numRuns: RUNS, endOnFailure: process.env.VMSPLIT_SHRINK !== '1' },
    );

  test('the same events give the same bits', () =>
    holds((events) => expectDeterminism(() => machine, events)));

  test('a fold leaves the machine that it was given as it was', () =>
    holds((events) => expectPurity(machine, events, 500)));

  test('how events are cut into batches changes nothing', () =>
    holds((events) => expectBatchingInvisible(machine, events, [1, 7, 64, 4096])));

  test('every page stays on one list, every slot of the swap area accounted for', () =>
    holds((events) => {
      const counters = countersOf(expectConservation(machine, events, 200).counters);
      for (const name of MECHANISMS) if (counters[name] > 0) reached.add(name);
    }));
});

test('the random programs reclaim, swap and are killed', () => {
  expect([...reached].sort()).toEqual([...MECHANISMS].sort());
});
