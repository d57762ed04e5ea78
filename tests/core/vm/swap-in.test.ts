/** Pages that come back from the swap area: from the swap cache, or with their neighbours. */
import { describe, expect, test } from 'vitest';
import { checkMachine } from '../../../core/check/invariants.ts';
import { READ, WRITE } from '../../../core/event/access-mode.ts';
import { PAGES_VAR } from '../../../core/pages/state.ts';
import { PTE_RW } from '../../../core/paging/pte.ts';
import { access, MIB, machineOf, mmap, PAGE, RUNNING, Session } from '../../support/rows.ts';
import { entryOf, frameOf, look, touchAll } from '../reclaim/looks.ts';

/** Pages [0, count) of object 1, swapped out in order; `freed`: their frames too. */
function swappedOut(count: number, pageCluster: number, freed = true): Session {
  const reclaim = { swapBytes: BigInt(MIB), pageCluster };
  const session = new Session(machineOf('linux-x86_64', 64, { cpus: 2 }, { reclaim })).given(
    ...RUNNING,
    mmap(1, MIB),
  );
  touchAll(session, 1, count);
  for (let page = 0; page < count; page++) {
    const pfn = frameOf(session, 1, 1, page);
    look(session, pfn);
    expect(look(session, pfn)).toBe('queued');
    if (freed) expect(look(session, pfn)).toBe('freed');
  }
  return session;
}

describe('a page in the swap cache', () => {
  test('comes back without a read, and is not written again if it stays as it is', () => {
    const session = swappedOut(1, 0, false);
    expect(session.do(access(1, 0, 8, READ)).fault).toBe('swap-in');
    expect([session.counter('pswpin'), session.machine.vars[PAGES_VAR.swapCached]]).toEqual([0, 1]);
    const pfn = frameOf(session, 1, 1);
    look(session, pfn);
    expect(look(session, pfn)).toBe('freed');
    expect(session.counter('pswpout')).toBe(1);
    expect(checkMachine(session.machine)).toEqual([]);
  });

  test('is written to: its own, and the slot is given up', () => {
    const session = swappedOut(1, 0);
    session.given(access(1, 0, 8, WRITE));
    expect(session.machine.vars[PAGES_VAR.swapUsed]).toBe(0);
    expect(entryOf(session.machine, 1, 1, 0) & PTE_RW).not.toBe(0);
    expect(checkMachine(session.machine)).toEqual([]);
  });

  test('of two processes is one page for both, until one of them writes', () => {
    const session = swappedOut(1, 0).given({ kind: 'fork', pid: 2 }, { kind: 'switch', pid: 2, cpu: 1 });
    session.given(access(1, 0, 8, READ), { ...access(1, 0, 8, READ), cpu: 1 });
    expect(frameOf(session, 2, 1)).toBe(frameOf(session, 1, 1));
    expect(session.counter('pswpin')).toBe(1);
    session.given(access(1, 0, 8, WRITE));
    expect(frameOf(session, 2, 1)).not.toBe(frameOf(session, 1, 1));
    expect(checkMachine(session.machine)).toEqual([]);
  });
});

describe('a page in the swap cache that another process knows by its slot', () => {
  test('is copied by the first store, and what the other one finds is as it was', () => {
    const session = swappedOut(1, 0).given({ kind: 'fork', pid: 2 }, { kind: 'switch', pid: 2, cpu: 1 });
    session.given(access(1, 0, 8, READ));
    const shared = frameOf(session, 1, 1);
    expect(session.do(access(1, 0, 8, WRITE)).fault).toBe('copy-on-write');
    expect(frameOf(session, 1, 1)).not.toBe(shared);
    session.given({ ...access(1, 0, 8, READ), cpu: 1 });
    expect(frameOf(session, 2, 1)).toBe(shared);
    expect(session.counter('pswpin')).toBe(1);
    expect(checkMachine(session.machine)).toEqual([]);
  });
});

describe('neighbours', () => {
  test.each([
    // Hits begin at 4: the first read is of all 8, the others find what it brought.
    { pageCluster: 3, reads: [8, 0, 0, 0, 0, 0, 0, 0, 8] },
    { pageCluster: 1, reads: [2, 0, 2, 0, 2, 0, 2, 0, 2] },
    { pageCluster: 0, reads: [1, 1, 1, 1, 1, 1, 1, 1, 1] },
  ])('come along, page-cluster $pageCluster: $reads', ({ pageCluster, reads }) => {
    const session = swappedOut(24, pageCluster);
    // Slots begin at 1: page 7 is the first of an aligned group.
    const found = reads.map((_, i) => {
      const before = session.counter('pswpin');
      session.given(access(1, (7 + i) * PAGE, 8, READ));
      return session.counter('pswpin') - before;
    });
    expect(found).toEqual(reads);
    expect(checkMachine(session.machine)).toEqual([]);
  });

  test('fewer, when those that came along are not wanted', () => {
    const session = swappedOut(64, 3);
    const read = (page: number): number => {
      const before = session.counter('pswpin');
      session.given(access(1, page * PAGE, 8, READ));
      return session.counter('pswpin') - before;
    };
    // Far apart: half as many each time.
    expect([7, 39, 23, 55].map(read)).toEqual([8, 4, 2, 1]);
  });
});
