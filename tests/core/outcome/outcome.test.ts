/** What a fold hands out is nobody else's: neither its outcomes nor the counters of its machine. */
import { describe, expect, test } from 'vitest';
import { batchOf } from '../../../core/event/batch.ts';
import { fold } from '../../../core/fold/fold.ts';
import { stateDigest } from '../../../core/machine/digest.ts';
import { COUNTER, countersOf } from '../../../core/outcome/counters.ts';
import { OutcomeDigest } from '../../../core/outcome/outcome-digest.ts';
import { pc } from '../../support/pc.ts';
import { access, eventOf, kmalloc, mmap, PAGE, RUNNING } from '../../support/rows.ts';

const ACCESSES = batchOf([...RUNNING, mmap(1, 4 * PAGE), access(1, 0, 8)].map(eventOf));
/** Nothing is placed by these. */
const SWITCHES = batchOf(RUNNING.map(eventOf));

describe('outcomes', () => {
  test.each([
    ['of a batch in which nothing was placed', SWITCHES],
    ['of one in which something was', ACCESSES],
  ])('%s, written to, are not those of another fold', (_what, batch) => {
    const [one, other] = [fold(pc, batch), fold(pc, batch)];
    const before = [...other.outcomes.vpn, ...other.outcomes.pfn, ...other.outcomes.status];
    for (const column of ['vpn', 'pfn', 'status', 'flags', 'latencyNs'] as const) {
      // @ts-expect-error: columns of outcomes are for reading
      one.outcomes[column][0] = 42;
    }
    expect([...other.outcomes.vpn, ...other.outcomes.pfn, ...other.outcomes.status]).toEqual(before);
    expect([...fold(pc, batch).outcomes.vpn]).toEqual([...other.outcomes.vpn]);
  });

  test('say where something was placed, with columns and without', () => {
    const { outcomes } = fold(pc, batchOf([kmalloc(1, 64), ...RUNNING].map(eventOf)));
    expect(outcomes.vpnAt(0)).toBeGreaterThan(0);
    expect([outcomes.vpnAt(0), outcomes.vpnAt(1), outcomes.vpnAt(2)]).toEqual([...outcomes.vpn]);
    expect([outcomes.pfnAt(0), outcomes.pfnAt(1), outcomes.pfnAt(2)]).toEqual([...outcomes.pfn]);
  });

  test('have the same digest whether somebody asked for the columns or not', () => {
    const [read, unread] = [fold(pc, ACCESSES).outcomes, fold(pc, ACCESSES).outcomes];
    expect([...read.vpn, ...read.pfn]).toHaveLength(2 * ACCESSES.count);
    expect(new OutcomeDigest().with(read).toString()).toBe(new OutcomeDigest().with(unread).toString());
  });
});

test('counters of a machine, written to, are not those of the machines before and after it', () => {
  const first = fold(pc, ACCESSES).machine;
  const second = fold(first, SWITCHES).machine;
  const digests = [stateDigest(pc), stateDigest(second)];
  // @ts-expect-error: counters are for reading
  first.counters[COUNTER.events] = 999;
  expect([stateDigest(pc), stateDigest(second)]).toEqual(digests);
  expect([countersOf(pc.counters).events, countersOf(second.counters).events]).toEqual([
    0,
    ACCESSES.count + SWITCHES.count,
  ]);
});
