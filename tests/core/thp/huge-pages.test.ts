/** Huge pages of processes: where they come, how they are shared, cut, moved and given up (mm/huge_memory.c, v6.1). */
import { describe, expect, test } from 'vitest';
import type { MachineOptions } from '../../../core/boot.ts';
import { MODIFY, READ, WRITE } from '../../../core/event/access-mode.ts';
import { __GFP_HIGHMEM, GFP_KERNEL } from '../../../core/event/gfp.ts';
import {
  MADV_DONTNEED,
  MADV_HUGEPAGE,
  MADV_NOHUGEPAGE,
  MAP_POPULATE,
  MAP_SHARED,
  MREMAP_MAYMOVE,
  PLACE_STACK,
  PLACE_VDSO,
  PROT_READ,
} from '../../../core/event/mmap-flags.ts';
import { checkMachine } from '../../../core/invariants.ts';
import { PTE_DIRTY, PTE_LARGE, PTE_RW, pteFrame } from '../../../core/paging/pte.ts';
import { findLeaf, tablesOf } from '../../../core/paging/tables.ts';
import { FRAME } from '../../../core/phys/frames.ts';
import { freePagesOf } from '../../../core/phys/free-lists.ts';
import { VAR } from '../../../core/state/machine.ts';
import type { ThpMode } from '../../../core/thp/settings.ts';
import { buddyinfo, drained } from '../../support/laws.ts';
import {
  access,
  brk,
  device,
  dmaMap,
  dmaUnmap,
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

const HUGE = 2 * MIB;
const fork = (pid: number): Step => ({ kind: 'fork', pid });
const switchTo = (pid: number): Step => ({ kind: 'switch', pid });
const exit: Step = { kind: 'exit' };

/** Object 1 has 8 MiB: at any alignment three whole huge pages of 2 MiB. */
function running(
  thp: ThpMode = 'always',
  options: MachineOptions = {},
  layout = 'linux-x86_64',
  mib = 256,
): Session {
  return new Session(machineOf(layout, mib, { cpus: 2 }, { thp, ...options })).given(
    ...RUNNING,
    mmap(1, 8 * MIB),
  );
}

/** Offset in the object of its huge page number `n`. */
function huge(session: Session, n = 0, object = 1): number {
  const mm = session.machine.records.mms[1]!;
  const base = mm.moved[object] ?? session.machine.objects.get(object, 1);
  const first = Math.ceil(base / 512) * 512;
  return (first - base) * PAGE + n * HUGE;
}

function leafOf(session: Session, offset: number, pid = 1, object = 1) {
  const { machine } = session;
  const mm = machine.records.mms[machine.records.processes[pid]!.mm]!;
  const vma = mm.vmas.find((one) => one.object === object)!;
  return findLeaf(machine, mm.root, vma.startVpn - vma.objectPage + Math.floor(offset / PAGE));
}

const isHuge = (session: Session, offset: number, pid = 1, object = 1): boolean =>
  (leafOf(session, offset, pid, object).pte & PTE_LARGE) !== 0;
const free = ({ machine }: Session): number =>
  machine.platform.zones.reduce((sum, { index }) => sum + freePagesOf(machine, index), 0);
const counters = (session: Session, ...names: Parameters<Session['counter']>[0][]): number[] =>
  names.map((name) => session.counter(name));

/** Does something, and checks that the machine is sound. */
function given(session: Session, ...steps: Step[]): Session {
  session.given(...steps);
  expect(checkMachine(session.machine)).toEqual([]);
  return session;
}

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
    const taken: Step[] = Array.from({ length: 40 }, (_, i) => ({
      kind: 'page_alloc',
      object: 100 + i,
      order: 9,
      gfp: GFP_KERNEL | __GFP_HIGHMEM,
    }));
    for (const step of taken) session.status(step);
    given(session, access(1, huge(session), 8, WRITE));
    expect(isHuge(session, huge(session))).toBe(false);
    expect(counters(session, 'thpFaultAlloc', 'thpFaultFallback')).toEqual([0, 1]);
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

describe('TLBs', () => {
  test('know a huge page by one entry; a walk reads one table entry fewer', () => {
    const walks = (thp: ThpMode): number[] => {
      const session = running(thp).given(
        ...Array.from({ length: 100 }, (_, i) => access(1, huge(running()) + i * PAGE, 8, WRITE)),
      );
      return counters(session, 'walks', 'walkReferences');
    };
    expect(walks('always')).toEqual([1, 3]);
    expect(walks('never')).toEqual([100, 4 + 99]);
  });

  test('forget few huge pages one by one, though they are many base pages', () => {
    const session = running().given(mmap(2, PAGE));
    const at = [0, 1, 2].map((n) => huge(session, n));
    session.given(...at.map((offset) => access(1, offset, 8, WRITE)), access(2, 0, 8, WRITE));
    session.given(munmap(1, at[1]!, HUGE));
    const seen = [access(1, at[0]!, 8), access(1, at[2]!, 8), access(2, 0, 8)].map(
      (step) => session.do(step).tlb,
    );
    expect(seen).toEqual(['l1', 'l1', 'l1']);
    expect(checkMachine(session.machine)).toEqual([]);
  });

  test('forget everything when one is split', () => {
    const session = running().given(mmap(2, PAGE), access(2, 0, 8, WRITE));
    session.given(access(1, huge(session), 8, WRITE), munmap(1, huge(session) + PAGE, PAGE));
    expect(session.do(access(2, 0, 8)).tlb).toBe('walk');
    expect(session.do(access(1, huge(session), 8)).tlb).toBe('walk');
  });

  test('a load before the first store: the dirty bit is that of the whole', () => {
    const session = running();
    const at = huge(session);
    session.given(access(1, at, 8, WRITE), fork(2), switchTo(2), exit, switchTo(1), access(1, at, 8, WRITE));
    session.given(switchTo(1), access(1, at + PAGE, 8), access(1, at + 2 * PAGE, 8, WRITE));
    expect(session.counter('dirtyAssists')).toBe(0);
  });
});

describe('a device', () => {
  test('holds the whole of a huge page as long as it has a page of it', () => {
    const session = running().given(device(1, 64));
    const at = huge(session);
    const before = free(session);
    given(
      session,
      access(1, at, 8, WRITE),
      dmaMap('sg', 1, 1, at + PAGE, PAGE),
      madvise(1, at, HUGE, MADV_DONTNEED),
    );
    expect(before - free(session)).toBeGreaterThanOrEqual(512);
    given(session, dmaUnmap(1, 1, at + PAGE));
    expect(before - free(session)).toBeLessThan(512);
  });

  test('reads the huge zero page, which stays for it', () => {
    const session = running().given(device(1, 64));
    const at = huge(session);
    given(
      session,
      access(1, at, 8, READ),
      dmaMap('sg', 1, 1, at + PAGE, PAGE, 1),
      madvise(1, at, HUGE, MADV_DONTNEED),
    );
    given(session, dmaUnmap(1, 1, at + PAGE));
    expect(session.machine.vars[VAR.hugeZeroPfn]).toBe(0);
  });
});

describe('reclaim', () => {
  test('splits a huge page, writes its base pages to the swap area, and they come back one by one', () => {
    const session = running('always', { reclaim: { swapBytes: 64n << 20n } }, 'linux-x86_64', 32);
    const at = huge(session);
    given(session, access(1, at, 8, WRITE), mmap(2, 40 * MIB), madvise(2, 0, 0, MADV_NOHUGEPAGE));
    for (let page = 0; page < 8000; page++) session.given(access(2, page * PAGE, 8, WRITE));
    expect(checkMachine(session.machine)).toEqual([]);
    const [splits, written] = counters(session, 'thpSplitPage', 'pswpout');
    expect(splits).toBeGreaterThan(0);
    expect(written).toBeGreaterThan(512);
    expect(session.do(access(1, at + PAGE, 8)).fault).toBe('swap-in');
    expect(isHuge(session, at)).toBe(false);
  });

  test('frees what of a split one nobody maps any more', () => {
    const session = running('always', { reclaim: { swapBytes: 64n << 20n } }, 'linux-x86_64', 32);
    const at = huge(session);
    given(
      session,
      access(1, at, 8, WRITE),
      munmap(1, at + PAGE, HUGE - PAGE),
      mmap(2, 40 * MIB),
      madvise(2, 0, 0, MADV_NOHUGEPAGE),
    );
    for (let page = 0; page < 8000; page++) session.given(access(2, page * PAGE, 8, WRITE));
    expect(session.counter('thpSplitPage')).toBeGreaterThan(0);
    expect(checkMachine(session.machine)).toEqual([]);
  });
});

test('a machine says what it takes for a mode', () => {
  expect(() => machineOf('linux-x86_64', 64, {}, { thp: 'sometimes' as ThpMode })).toThrow(
    'thp sometimes: expected one of always, madvise, never',
  );
});
