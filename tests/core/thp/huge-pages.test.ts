/** Where huge pages come: page faults, and the huge zero page (mm/huge_memory.c, v6.1). */
import { describe, expect, test } from 'vitest';
import { checkMachine } from '../../../core/check/invariants.ts';
import { WRITE } from '../../../core/event/access-mode.ts';
import { __GFP_HIGHMEM, GFP_KERNEL } from '../../../core/event/gfp.ts';
import {
  MADV_HUGEPAGE,
  MADV_NOHUGEPAGE,
  MAP_POPULATE,
  MAP_SHARED,
  PLACE_STACK,
  PLACE_VDSO,
} from '../../../core/event/mmap-flags.ts';
import { pteFrame } from '../../../core/paging/pte.ts';
import { tablesOf } from '../../../core/paging/table-walk.ts';
import { FRAME } from '../../../core/phys/frames.ts';
import type { ThpMode } from '../../../core/thp/settings.ts';
import {
  access,
  brk,
  MIB,
  machineOf,
  madvise,
  mlock,
  mmap,
  PAGE,
  RUNNING,
  RW,
  Session,
  type Step,
} from '../../support/rows.ts';
import {
  counters,
  exit,
  fork,
  free,
  given,
  HUGE,
  huge,
  isHuge,
  leafOf,
  running,
  switchTo,
} from './huge-sessions.ts';

/** Takes every block that a huge page could be. */
const takeBlocks = (): Step[] =>
  Array.from({ length: 40 }, (_, i) => ({
    kind: 'page_alloc',
    object: 100 + i,
    order: 9,
    gfp: GFP_KERNEL | __GFP_HIGHMEM,
  }));

describe('a store where nothing is mapped yet', () => {
  test('brings an aligned block of 512 frames, one entry and a table in reserve', () => {
    const session = running();
    const before = free(session);
    const { fault } = session.do(access(1, huge(session) + 5 * PAGE, 8, WRITE));
    expect(fault).toBe('demand-zero');
    const { pte, level } = leafOf(session, huge(session));
    expect(level).toBe(2);
    expect(pteFrame(pte) % 512).toBe(0);
    expect(session.machine.frames.get(pteFrame(pte), FRAME.order)).toBe(9);
    // Root, PUD and PMD tables; and the one in reserve.
    expect(tablesOf(session.machine, session.machine.records.mms[1]!.root)).toBe(4);
    expect(before - free(session)).toBeGreaterThanOrEqual(512);
    expect(counters(session, 'thpFaultAlloc', 'demandZeroFaults')).toEqual([1, 1]);
  });

  test('costs the clearing of all of it, once', () => {
    const latency = (thp: ThpMode): number[] => {
      const session = running(thp, { costs: { clearPageNs: 1000 } });
      return [0, 1, 2].map((page) => {
        const before = session.machine.cpus.get(0, 0);
        session.given(access(1, huge(session) + page * PAGE, 8, WRITE));
        return Math.floor((session.machine.cpus.get(0, 0) - before) / 1000);
      });
    };
    expect(latency('always')).toEqual([512, 0, 0]);
    expect(latency('never')).toEqual([1, 1, 1]);
  });

  test.each([
    ['linux-3g1g', 1024, 10, 'pgd'],
    ['linux-3g1g-pae', 512, 9, 'pmd'],
    ['linux-x86_64', 512, 9, 'pmd'],
    ['linux-x86_64-la57', 512, 9, 'pmd'],
  ])('has the size that one entry of the last table but one maps: %s', (layout, nrPages, order, name) => {
    const session = new Session(machineOf(layout, 256, {}, { thp: 'always' })).given(
      ...RUNNING,
      mmap(1, 32 * MIB),
    );
    given(session, access(1, 16 * MIB, 8, WRITE));
    const { pte, level } = leafOf(session, 16 * MIB);
    expect(session.machine.platform.mmu.levels[level]).toMatchObject({ name, span: nrPages });
    expect(session.machine.frames.get(pteFrame(pte), FRAME.order)).toBe(order);
  });

  test.each(['ia64-8k', 'vax-vms'])('brings a base page where a kernel has no huge ones: %s', (layout) => {
    const session = new Session(machineOf(layout, 64, {}, { thp: 'always' })).given(
      ...RUNNING,
      mmap(1, 8 * MIB),
    );
    given(session, access(1, 4 * MIB, 8, WRITE));
    expect(session.counter('thpFaultAlloc')).toBe(0);
    expect(session.counter('demandZeroFaults')).toBe(1);
  });

  test('brings a base page when no block is free, and nobody waits for one', () => {
    const session = running('always', {}, 'linux-x86_64', 64);
    for (const step of takeBlocks()) session.status(step);
    given(session, access(1, huge(session), 8, WRITE));
    expect(isHuge(session, huge(session))).toBe(false);
    expect(counters(session, 'thpFaultAlloc', 'thpFaultFallback')).toEqual([0, 1]);
  });

  test.each([
    [[], 0],
    [[madvise(1, 0, 0, MADV_HUGEPAGE)], 1],
  ])('waits for one, that is reclaims, only where it was asked for: after %j', (advice, reclaims) => {
    const session = running('always', { reclaim: { swapBytes: 64n << 20n } }, 'linux-x86_64', 64);
    for (const step of takeBlocks()) session.status(step);
    const before = session.counter('directReclaims');
    given(session, ...advice, access(1, huge(session), 8, WRITE));
    expect(session.counter('directReclaims') - before).toBe(reclaims);
  });

  test('brings a base page where one was mapped before', () => {
    const session = running('madvise');
    session.given(access(1, huge(session), 8, WRITE), madvise(1, 0, 0, MADV_HUGEPAGE));
    given(session, access(1, huge(session) + PAGE, 8, WRITE), access(1, huge(session, 1), 8, WRITE));
    expect([isHuge(session, huge(session)), isHuge(session, huge(session, 1))]).toEqual([false, true]);
  });
});

describe('where huge pages come', () => {
  const first = (session: Session, object = 1): boolean => {
    session.status(access(object, huge(session, 0, object), 8, WRITE));
    expect(checkMachine(session.machine)).toEqual([]);
    return isHuge(session, huge(session, 0, object), 1, object);
  };

  test.each<[ThpMode, number[], boolean]>([
    ['always', [], true],
    ['always', [MADV_NOHUGEPAGE], false],
    ['always', [MADV_NOHUGEPAGE, MADV_HUGEPAGE], true],
    ['madvise', [], false],
    ['madvise', [MADV_HUGEPAGE], true],
    ['madvise', [MADV_HUGEPAGE, MADV_NOHUGEPAGE], false],
    ['never', [MADV_HUGEPAGE], false],
  ])('%s, after madvise %j: %s', (mode, advice, expected) => {
    const session = running(mode).given(...advice.map((one) => madvise(1, 0, 0, one)));
    expect(first(session)).toBe(expected);
  });

  test('not across the end of a VMA, at either side of which one fits', () => {
    const session = running().given(madvise(1, 0, 0, MADV_HUGEPAGE));
    session.given(madvise(1, huge(session, 1) + PAGE, PAGE, MADV_NOHUGEPAGE));
    const got = [0, 1, 2].map((n) => {
      given(session, access(1, huge(session, n), 8, WRITE));
      return isHuge(session, huge(session, n));
    });
    expect(got).toEqual([true, false, true]);
  });

  test('not in a file, in shared memory, or in the vdso', () => {
    const session = running().given(
      { kind: 'file', file: 1, length: 8 * MIB },
      mmap(2, 8 * MIB, RW, 1),
      mmap(3, 8 * MIB, RW | MAP_SHARED),
      mmap(4, 8 * MIB, RW | PLACE_VDSO),
    );
    expect([2, 3, 4].map((object) => first(session, object))).toEqual([false, false, false]);
  });

  test('in the heap, and in a stack once it has grown far enough', () => {
    const session = running().given(brk(2, 8 * MIB), mmap(3, 8 * MIB, RW | PLACE_STACK));
    expect(first(session, 2)).toBe(true);
    const aligned = huge(session, 2, 3);
    given(session, access(3, aligned + HUGE - PAGE, 8, WRITE));
    expect(isHuge(session, aligned + HUGE - PAGE, 1, 3)).toBe(false);
    // The touch of its first page lets the stack grow to contain all of the next one.
    given(session, access(3, aligned - HUGE, 8, WRITE));
    expect(isHuge(session, aligned - HUGE, 1, 3)).toBe(true);
  });

  test('MAP_POPULATE and mlock take a fault for each, not for each page', () => {
    const session = running().given(mmap(2, 8 * MIB, RW | MAP_POPULATE), mlock(1, huge(running()), HUGE));
    const small = (session.counter('demandZeroFaults') - session.counter('thpFaultAlloc')) % 512;
    expect(session.counter('thpFaultAlloc')).toBeGreaterThanOrEqual(4);
    expect(session.counter('demandZeroFaults')).toBeLessThan(512 + 5 + small);
    expect(checkMachine(session.machine)).toEqual([]);
  });
});

describe('the huge zero page', () => {
  test('is one for all loads, and goes with its last mapping', () => {
    const session = running();
    const before = free(session);
    given(session, access(1, huge(session), 8), access(1, huge(session, 1), 8), fork(2));
    expect(counters(session, 'zeroPageFaults', 'thpZeroPageAlloc', 'thpFaultAlloc')).toEqual([2, 1, 0]);
    expect(pteFrame(leafOf(session, huge(session)).pte)).toBe(
      pteFrame(leafOf(session, huge(session, 1), 2).pte),
    );
    given(session, exit, switchTo(2), exit);
    expect(free(session) - before).toBeGreaterThanOrEqual(0);
  });

  test('is split by a store, which gets a base page of its own', () => {
    const session = running().given(access(1, 0, 8), access(1, huge(running()), 8));
    const { fault } = session.do(access(1, huge(session) + PAGE, 8, WRITE));
    expect(fault).toBe('copy-on-write');
    expect(isHuge(session, huge(session))).toBe(false);
    const frames = [0, 1, 2].map((page) => pteFrame(leafOf(session, huge(session) + page * PAGE).pte));
    const { zeroPfn } = session.machine.platform;
    expect(frames.map((pfn) => pfn === zeroPfn)).toEqual([true, false, true]);
    expect(session.counter('thpSplitPmd')).toBe(1);
    expect(checkMachine(session.machine)).toEqual([]);
  });
});

test('a machine says what it takes for a mode', () => {
  expect(() => machineOf('linux-x86_64', 64, {}, { thp: 'sometimes' as ThpMode })).toThrow(
    'thp sometimes: expected one of always, madvise, never',
  );
});
