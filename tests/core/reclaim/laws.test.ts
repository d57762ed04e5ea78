/** The laws of the machine, where memory runs out and pages are reclaimed. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { countersOf } from '../../../core/outcome/counters.ts';
import { atDepth, FULL } from '../../support/depth.ts';
import { expectLaws } from '../../support/laws.ts';
import { SMALL_MACHINES, starve } from '../../support/rows.ts';
import { pressure } from './pressure.ts';

const STEPS = 120;
const RUNS = atDepth({ quick: 1, full: 2, long: 40 });
const LEFT_PAGES = 500;
const SWAPS = [
  { swap: 'much swap', swapBytes: 64n << 20n },
  { swap: 'little swap', swapBytes: 800n << 10n },
  { swap: 'no swap', swapBytes: 0n },
];

/** Each with each; at least each once. */
const MACHINES = SMALL_MACHINES.flatMap(({ name, boot }, machine) =>
  SWAPS.filter((_, i) => FULL || i === machine).map(({ swap, swapBytes }) => ({
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
  test('the same events give the same bits in any batches, by machines that are whole and stay as they were', () => {
    const law = fc.property(pressure(STEPS), (batch) => {
      const counters = countersOf(expectLaws(() => machine, [batch], 250).counters);
      for (const name of MECHANISMS) if (counters[name] > 0) reached.add(name);
    });
    fc.assert(law, { numRuns: RUNS, endOnFailure: process.env.VMSPLIT_SHRINK !== '1' });
  });
});

test('the random programs reclaim, swap and are killed', () => {
  expect([...reached].sort()).toEqual([...MECHANISMS].sort());
});
