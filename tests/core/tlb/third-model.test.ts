/** A TLB model that the core does not know, given to a machine: it folds, flushes, checks and explains like any other. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkMachine } from '../../../core/check/invariants.ts';
import { explainAddress } from '../../../core/explain/explain.ts';
import { fold } from '../../../core/fold/fold.ts';
import { countersOf } from '../../../core/outcome/counters.ts';
import { NO_CACHE } from '../../../core/tlb/options.ts';
import { batchOfRows, randomEvents } from '../../generators/random-events.ts';
import { USER_KINDS } from '../../models/naive-kernel.ts';
import { twoEntries } from '../../models/two-entries.ts';
import { access, machineOf, mmap, munmap, PAGE, RUNNING, Session } from '../../support/rows.ts';

const inTwoEntries = () =>
  new Session(machineOf('linux-x86_64', 256, {}, { tlb: twoEntries })).given(...RUNNING);

test('the third page pushes out the one used longest ago', () => {
  const session = inTwoEntries().given(mmap(1, 8 * PAGE));
  const tlbOf = (page: number): string => session.do(access(1, page * PAGE, 8)).tlb;
  expect([0, 1, 0, 2, 0, 1].map(tlbOf)).toEqual(['walk', 'walk', 'l1', 'walk', 'l1', 'walk']);
});

test('explanations tell what it holds: two pages, and no walk cache', () => {
  const session = inTwoEntries();
  const { vpn } = session.do(mmap(1, 8 * PAGE));
  session.given(access(1, 0, 8), access(1, PAGE, 8), access(1, 2 * PAGE, 8));
  const caches = (page: number) =>
    explainAddress(session.machine, 'virtual', BigInt(vpn + page) * 4096n, { caches: true }).caches;
  const facts = { cpu: 0, mode: 'any', walkCache: undefined, entriesRead: 4 };
  expect(caches(0)).toEqual([{ ...facts, tlbs: [] }]);
  expect(caches(2)).toEqual([{ ...facts, tlbs: ['pair'] }]);
});

test('what is unmapped is forgotten', () => {
  const session = inTwoEntries();
  const { vpn } = session.do(mmap(1, 8 * PAGE));
  session.given(access(1, 0, 8), access(1, PAGE, 8));
  expect(session.machine.platform.mmu.tlb.describe(session.machine.tlbs[0]!)).toHaveLength(2);
  session.given(munmap(1, 0, PAGE));
  const held = session.machine.platform.mmu.tlb.describe(session.machine.tlbs[0]!);
  expect(held.map((entry) => entry.vpn)).toEqual([vpn + 1]);
});

/** The same by options, through another model. */
const PAIR = { unifiedL1: true, l1d: { sets: 1, ways: 2 }, l2: NO_CACHE, pdeCache: NO_CACHE };

test.each(['linux-3g1g', 'linux-x86_64'])(
  'outcomes and counters are those of the same TLB by options: %s',
  (layout) => {
    const known = machineOf(layout, 1024, { cpus: 4 }, { mmu: PAIR });
    const third = machineOf(layout, 1024, { cpus: 4 }, { mmu: PAIR, tlb: twoEntries });
    fc.assert(
      fc.property(randomEvents(300, USER_KINDS, 0), (rows) => {
        const batch = batchOfRows(rows);
        const [expected, found] = [fold(known, batch), fold(third, batch)];
        expect(found.outcomes).toEqual(expected.outcomes);
        expect(countersOf(found.machine.counters)).toEqual(countersOf(expected.machine.counters));
        expect(checkMachine(found.machine)).toEqual([]);
      }),
      { numRuns: 10, endOnFailure: true },
    );
  },
);
