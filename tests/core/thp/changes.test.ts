/** What becomes of huge pages that are cut, shared, moved and given up (mm/huge_memory.c, v6.1). */
import { describe, expect, test } from 'vitest';
import { checkMachine } from '../../../core/check/invariants.ts';
import { MODIFY, WRITE } from '../../../core/event/access-mode.ts';
import {
  MADV_DONTNEED,
  MADV_HUGEPAGE,
  MAP_POPULATE,
  MREMAP_MAYMOVE,
  PROT_READ,
} from '../../../core/event/mmap-flags.ts';
import { PTE_ACCESSED, PTE_DIRTY, PTE_RW, pteFrame } from '../../../core/paging/pte.ts';
import { tablesOf } from '../../../core/paging/table-walk.ts';
import { buddyinfo, drained } from '../../support/laws.ts';
import {
  access,
  MIB,
  machineOf,
  madvise,
  mlock,
  mmap,
  mprotect,
  mremap,
  mremapFixed,
  munmap,
  PAGE,
  RUNNING,
  RW,
  Session,
  type Step,
} from '../../support/rows.ts';
import { exit, fork, free, given, HUGE, huge, isHuge, leafOf, running, switchTo } from './huge-sessions.ts';

describe('what cuts a huge page splits its entry', () => {
  /** Three huge pages of object 1, all written to. */
  const three = (): Session => {
    const session = running();
    return session.given(...[0, 1, 2].map((n) => access(1, huge(session, n), 8, WRITE)));
  };
  const at = (n: number): number => huge(running(), n);

  test.each<[string, Step, number]>([
    ['munmap of its end', munmap(1, at(1) + MIB, MIB), 1],
    ['munmap of pages in two', munmap(1, at(0) + MIB, HUGE), 2],
    ['munmap of it', munmap(1, at(1), HUGE), 0],
    ['MADV_DONTNEED of a page', madvise(1, at(1) + PAGE, PAGE, MADV_DONTNEED), 1],
    ['MADV_DONTNEED of it', madvise(1, at(1), HUGE, MADV_DONTNEED), 0],
    ['mprotect of a page', mprotect(1, at(1) + PAGE, PAGE, PROT_READ), 1],
    ['mprotect of it', mprotect(1, at(1), HUGE, PROT_READ), 0],
    ['mprotect of a page, to what it is', mprotect(1, at(1) + PAGE, PAGE, RW), 0],
    ['mlock of a page', mlock(1, at(1) + PAGE, PAGE), 1],
    ['MADV_HUGEPAGE of a page', madvise(1, at(1) + PAGE, PAGE, MADV_HUGEPAGE), 1],
    ['mremap that shrinks into it', mremap(1, at(1) + PAGE), 1],
  ])('%s', (_name, step, splits) => {
    const session = given(three(), step);
    expect(session.counter('thpSplitPmd')).toBe(splits);
  });

  test('its block stays whole until the last page of it is unmapped', () => {
    const session = three();
    const before = free(session);
    given(session, munmap(1, at(1) + PAGE, HUGE - PAGE));
    expect(free(session)).toBe(before);
    given(session, munmap(1, at(1), PAGE));
    expect(free(session) - before).toBeGreaterThanOrEqual(512);
  });

  test('the pages that are left are writable, and clean until they are written to again', () => {
    const session = given(three(), munmap(1, at(1), PAGE));
    const flags = (): boolean[] => {
      const { pte } = leafOf(session, at(1) + PAGE);
      return [(pte & PTE_RW) !== 0, (pte & PTE_DIRTY) !== 0];
    };
    expect(flags()).toEqual([true, false]);
    expect(session.do(access(1, at(1) + PAGE, 8, MODIFY)).fault).toBe('none');
    expect(flags()).toEqual([true, true]);
  });

  test('mprotect of the whole keeps it, and its first store asks for the right to write again', () => {
    const session = given(three(), mprotect(1, at(1), HUGE, PROT_READ), mprotect(1, at(1), HUGE, RW));
    expect(leafOf(session, at(1)).pte & PTE_RW).toBe(0);
    expect(session.do(access(1, at(1), 8, WRITE)).fault).toBe('copy-on-write');
    expect([isHuge(session, at(1)), session.counter('thpSplitPmd')]).toEqual([true, 0]);
    expect(session.do(access(1, at(1) + PAGE, 8, WRITE)).fault).toBe('none');
  });

  test('after PROT_NONE nothing of it can be read, and it is still there when it can again', () => {
    const session = given(three(), mprotect(1, at(1), HUGE, 0));
    expect(session.status(access(1, at(1), 8))).toBe('protection');
    given(session, mprotect(1, at(1), HUGE, PROT_READ));
    expect(session.do(access(1, at(1), 8)).fault).toBe('none');
  });
});

describe('fork', () => {
  const forked = (): Session => {
    const session = running();
    return session.given(access(1, huge(session), 8, WRITE), fork(2));
  };
  const at = huge(running());

  test('shares it as a whole, with a table in reserve for each', () => {
    const session = forked();
    const tables = [1, 2].map((mm) => tablesOf(session.machine, session.machine.records.mms[mm]!.root));
    expect(tables).toEqual([4, 4]);
    expect(pteFrame(leafOf(session, at).pte)).toBe(pteFrame(leafOf(session, at, 2).pte));
    expect([1, 2].map((pid) => leafOf(session, at, pid).pte & PTE_RW)).toEqual([0, 0]);
  });

  test('a store then splits the entry of its process, and copies a base page', () => {
    const session = forked();
    const before = free(session);
    expect(session.do(access(1, at + PAGE, 8, WRITE)).fault).toBe('copy-on-write');
    expect([isHuge(session, at), isHuge(session, at, 2)]).toEqual([false, true]);
    expect(before - free(session)).toBeLessThan(512);
    const [head, copy, next] = [0, 1, 2].map((page) => pteFrame(leafOf(session, at + page * PAGE).pte));
    expect([next! - head!, copy! - head! === 1]).toEqual([2, false]);
    expect(checkMachine(session.machine)).toEqual([]);
  });

  test('who is left alone with it makes it writable again as it is', () => {
    const session = given(forked(), switchTo(2), exit, switchTo(1));
    expect(session.do(access(1, at + PAGE, 8, WRITE)).fault).toBe('copy-on-write');
    expect([isHuge(session, at), session.counter('thpSplitPmd')]).toEqual([true, 0]);
  });

  test('base pages of a split one are copied even when nobody else is left: they are counted together', () => {
    const session = given(forked(), access(1, at, 8, WRITE), switchTo(2), exit, switchTo(1));
    const before = pteFrame(leafOf(session, at + PAGE).pte);
    session.given(access(1, at + PAGE, 8, WRITE));
    expect(pteFrame(leafOf(session, at + PAGE).pte)).not.toBe(before);
  });

  test('unless it is the last one that anybody maps', () => {
    const session = given(forked(), access(1, at, 8, WRITE), switchTo(2), exit, switchTo(1));
    given(session, munmap(1, at + 2 * PAGE, HUGE - 2 * PAGE));
    const before = pteFrame(leafOf(session, at + PAGE).pte);
    session.given(access(1, at + PAGE, 8, WRITE));
    expect(pteFrame(leafOf(session, at + PAGE).pte)).toBe(before);
  });

  test('the child has not used it yet; a load through the TLB of its own does', () => {
    const session = forked();
    const accessed = (): boolean[] =>
      [1, 2].map((pid) => (leafOf(session, at, pid).pte & PTE_ACCESSED) !== 0);
    expect(accessed()).toEqual([true, false]);
    session.given(switchTo(2), access(1, at + PAGE, 8));
    expect(accessed()).toEqual([true, true]);
  });

  test('but those that were never shared are written to in place', () => {
    const session = running();
    session.given(access(1, at, 8, WRITE), mprotect(1, at, PAGE, PROT_READ), mprotect(1, at, PAGE, RW));
    const before = pteFrame(leafOf(session, at).pte);
    expect(session.do(access(1, at, 8, WRITE)).fault).toBe('copy-on-write');
    expect(pteFrame(leafOf(session, at).pte)).toBe(before);
  });
});

describe('mremap', () => {
  test('moves it as a whole to where alignment allows it', () => {
    const session = running().given(mmap(2, 16 * MIB));
    const from = huge(session);
    const over = huge(session, 1, 2) - from;
    given(session, access(1, from, 8, WRITE));
    const before = pteFrame(leafOf(session, from).pte);
    given(session, mremapFixed(1, 2, over));
    expect(pteFrame(leafOf(session, from).pte)).toBe(before);
    expect([isHuge(session, from), session.counter('thpSplitPmd')]).toEqual([true, 0]);
  });

  test('splits it where alignment does not', () => {
    const session = running().given(mmap(2, 16 * MIB));
    const from = huge(session);
    const over = huge(session, 1, 2) - from + PAGE;
    given(session, access(1, from, 8, WRITE));
    const before = pteFrame(leafOf(session, from).pte);
    given(session, mremapFixed(1, 2, over));
    expect(pteFrame(leafOf(session, from).pte)).toBe(before);
    expect([isHuge(session, from), session.counter('thpSplitPmd')]).toEqual([false, 1]);
  });

  test('of the heap of a program that grows: what is behind comes in huge pages too', () => {
    const session = given(
      running(),
      access(1, huge(running()), 8, WRITE),
      mremap(1, 20 * MIB, MREMAP_MAYMOVE),
    );
    given(session, access(1, 16 * MIB, 8, WRITE));
    expect(isHuge(session, 16 * MIB)).toBe(true);
  });
});

describe('exit', () => {
  test('gives back the pages and the tables in reserve', () => {
    const session = new Session(machineOf('linux-x86_64', 256, {}, { thp: 'always' }));
    const before = [buddyinfo(drained(session.machine)), session.counter('pageTablePages')];
    given(session, ...RUNNING, mmap(1, 8 * MIB, RW | MAP_POPULATE), exit);
    expect([buddyinfo(drained(session.machine)), session.counter('pageTablePages')]).toEqual(before);
  });
});
