/** Where the swap area comes into what reclaim does with a page: who may write to it, its slots, and the TLBs. */
import { describe, expect, test } from 'vitest';
import { checkMachine } from '../../../core/check/invariants.ts';
import { WRITE } from '../../../core/event/access-mode.ts';
import { MAP_SHARED } from '../../../core/event/mmap-flags.ts';
import { PAGES_VAR } from '../../../core/pages/state.ts';
import { isSwapPte } from '../../../core/paging/pte.ts';
import { access, MIB, machineOf, mmap, munmap, PAGE, RUNNING, RW, Session } from '../../support/rows.ts';
import { entryOf, frameOf, look, lookAt, reclaiming } from './looks.ts';

describe('the swap area', () => {
  const unused = (swapMib = 64) => {
    const session = reclaiming(swapMib).given(...RUNNING, mmap(1, MIB), access(1, 0, 8, WRITE));
    look(session, frameOf(session, 1, 1));
    return session;
  };

  test('is not written by a request that must do no I/O', () => {
    const session = unused();
    expect(lookAt(session, frameOf(session, 1, 1), { mayDoIo: false })).toBe('kept, inactive anon');
    expect(lookAt(session, frameOf(session, 1, 1), { mayEnterFs: false })).toBe('queued');
  });

  test('is full: the page becomes active', () => {
    const session = unused(0);
    expect(lookAt(session, frameOf(session, 1, 1))).toBe('kept, active anon');
  });

  test('a page of two processes takes one slot, with two entries that refer to it', () => {
    const session = unused().given({ kind: 'fork', pid: 2 }, { kind: 'switch', pid: 2, cpu: 1 });
    expect(look(session, frameOf(session, 1, 1))).toBe('queued');
    expect(session.machine.vars[PAGES_VAR.swapUsed]).toBe(1);
    const entries = [1, 2].map((pid) => entryOf(session.machine, pid, 1, 0));
    expect(isSwapPte(entries[0]!)).toBe(true);
    expect(entries[1]).toBe(entries[0]);
    expect(checkMachine(session.machine)).toEqual([]);
    // Whoever is left holds the slot; nobody: it is free.
    session.given(munmap(1, 0, 0));
    expect(session.machine.vars[PAGES_VAR.swapUsed]).toBe(1);
    session.given({ ...munmap(1, 0, 0), cpu: 1 });
    expect(session.machine.vars[PAGES_VAR.swapUsed]).toBe(0);
  });

  test('gives a slot out again: one is enough for a page that comes and goes', () => {
    const reclaim = { swapBytes: BigInt(2 * PAGE) };
    const session = new Session(machineOf('linux-x86_64', 64, {}, { reclaim })).given(
      ...RUNNING,
      mmap(1, MIB),
    );
    for (let times = 0; times < 3; times++) {
      session.given(access(1, 0, 8, WRITE));
      const pfn = frameOf(session, 1, 1);
      look(session, pfn);
      expect([look(session, pfn), look(session, pfn)]).toEqual(['queued', 'freed']);
      expect(session.machine.vars[PAGES_VAR.swapSlots]).toBe(1);
    }
  });

  test('shared memory leaves its slot with the page cache', () => {
    const session = reclaiming().given(...RUNNING, mmap(1, MIB, RW | MAP_SHARED), access(1, 0, 8, WRITE));
    const pfn = frameOf(session, 1, 1);
    look(session, pfn);
    expect(look(session, pfn)).toBe('queued');
    expect(entryOf(session.machine, 1, 1, 0)).toBe(0);
    expect(checkMachine(session.machine)).toEqual([]);
    expect(session.do(access(1, 0, 8)).fault).toBe('swap-in');
    expect(session.machine.vars[PAGES_VAR.swapUsed]).toBe(0);
  });

  test('what was swapped out is in no TLB any more', () => {
    const session = unused().given(
      { kind: 'clone', pid: 2, cloneFlags: 0x100 },
      { kind: 'switch', pid: 2, cpu: 1 },
    );
    session.given({ ...access(1, 0, 8), cpu: 1 }, access(1, 0, 8));
    const pfn = frameOf(session, 1, 1);
    const before = session.counter('shootdowns');
    look(session, pfn);
    look(session, pfn);
    expect(session.counter('shootdowns')).toBe(before + 1);
    expect(checkMachine(session.machine)).toEqual([]);
    expect(session.do({ ...access(1, 0, 8), cpu: 1 }).fault).toBe('swap-in');
  });
});
