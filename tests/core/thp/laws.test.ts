/** The laws of the machine where processes have huge pages: of random streams, and of programs that are swapped out. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Batch } from '../../../core/event/batch.ts';
import { kindOf } from '../../../core/event/vocabulary.ts';
import { fold } from '../../../core/fold/fold.ts';
import type { MachineOptions } from '../../../core/machine/options.ts';
import { type CounterName, countersOf } from '../../../core/outcome/counters.ts';
import { hugeEvents } from '../../generators/huge-events.ts';
import { batchOfRows, cleanUp, type Row, randomEvents } from '../../generators/random-events.ts';
import { atDepth } from '../../support/depth.ts';
import { buddyinfo, drained, expectLaws, replay } from '../../support/laws.ts';
import { machineOf } from '../../support/rows.ts';

const RUNS = atDepth({ quick: 3, full: 3, long: 60 });
const SWAP: MachineOptions = { reclaim: { swapBytes: 64n << 20n } };
/** As on a machine with more memory. */
const ALWAYS = { mode: 'always', usesZeroPage: true } as const;
const reached = new Set<CounterName>();

/** What a run may reach. */
const MECHANISMS: readonly CounterName[] = [
  'thpFaultAlloc',
  'thpFaultFallback',
  'thpZeroPageAlloc',
  'thpSplitPmd',
  'thpSplitPage',
];

const MACHINES = ['linux-3g1g', 'linux-3g1g-pae', 'linux-x86_64-la57'].flatMap((layout) => [
  { name: layout, boot: () => machineOf(layout, 64, { cpus: 4 }, { thp: ALWAYS }) },
  { name: `${layout}, swap`, boot: () => machineOf(layout, 32, { cpus: 4 }, { thp: ALWAYS, ...SWAP }) },
  { name: `${layout}, madvise`, boot: () => machineOf(layout, 64, { cpus: 4 }, { thp: 'madvise' }) },
]);

/** Large mappings, then anything. */
const streams: fc.Arbitrary<Row[]> = fc
  .tuple(hugeEvents(150), randomEvents(150), hugeEvents(100))
  .map((parts) => parts.flat());

describe.each(MACHINES)('random events on $name', ({ boot }) => {
  const machine = boot();
  const holds = (numRuns: number, law: (events: Batch[], rows: Row[]) => void): void =>
    fc.assert(
      fc.property(streams, (rows) => law([batchOfRows(rows)], rows)),
      { numRuns, endOnFailure: process.env.VMSPLIT_SHRINK !== '1' },
    );

  test('the same events give the same bits in any batches, by machines that are whole and stay as they were', () => {
    holds(RUNS, (events) => {
      const counters = countersOf(expectLaws(boot, events, 20).counters);
      for (const name of MECHANISMS) if (counters[name] > 0) reached.add(name);
    });
  });

  test('when everything is freed, the free lists are those of the beginning', () => {
    holds(atDepth({ quick: 1, full: RUNS }), (events, rows) => {
      const end = replay(machine, [...events, batchOfRows(cleanUp(rows))], 4096).machine;
      expect(buddyinfo(drained(end))).toEqual(buddyinfo(drained(machine)));
    });
  });
});

test('the random events make, split, share and give up huge pages', () => {
  expect([...reached].sort()).toEqual([...MECHANISMS].sort());
});

test('and reach every system call that huge pages have to do with', () => {
  const done = new Set<string | undefined>();
  for (const rows of fc.sample(hugeEvents(400), { seed: 3, numRuns: 3 })) {
    const batch = batchOfRows(rows);
    const { status } = fold(machineOf('linux-x86_64', 256, { cpus: 2 }, { thp: 'always' }), batch).outcomes;
    for (let at = 0; at < batch.count; at++) if (status[at] === 0) done.add(kindOf(batch.kind[at]!)?.name);
  }
  const calls = [
    'mmap',
    'munmap',
    'mprotect',
    'madvise',
    'mlock',
    'munlock',
    'mremap',
    'mremap_fixed',
    'brk',
    'fork',
  ];
  expect([...done]).toEqual(expect.arrayContaining(calls));
});
