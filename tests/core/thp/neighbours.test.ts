/** Huge pages of several objects: where a kernel would keep neighbours as one VMA (can_vma_merge_after of mm/mmap.c, v6.1). */
import { describe, expect, test } from 'vitest';
import { checkMachine } from '../../../core/check/invariants.ts';
import { READ, WRITE } from '../../../core/event/access-mode.ts';
import {
  MADV_DONTNEED,
  MADV_HUGEPAGE,
  MADV_NOHUGEPAGE,
  MAP_SHARED,
  MREMAP_MAYMOVE,
  PLACE_TEXT,
  PROT_READ,
} from '../../../core/event/mmap-flags.ts';
import { fold } from '../../../core/fold/fold.ts';
import { Draft } from '../../../core/machine/draft.ts';
import type { MachineOptions } from '../../../core/machine/options.ts';
import { partsOfHuge } from '../../../core/pages/huge-owners.ts';
import { LRU_LISTS, lruList } from '../../../core/pages/lru.ts';
import { PTE_LARGE, pteFrame } from '../../../core/paging/pte.ts';
import { isPinned } from '../../../core/reclaim/pageout.ts';
import { ReverseMap } from '../../../core/reclaim/rmap.ts';
import { viewNamed } from '../../../replay/views/index.ts';
import { parseSmaps } from '../../../traces/index.ts';
import { neighbourEvents } from '../../generators/huge-events.ts';
import { batchOfRows, forStreams } from '../../generators/random-events.ts';
import { atDepth } from '../../support/depth.ts';
import {
  access,
  brk,
  device,
  dmaMap,
  MIB,
  machineOf,
  madvise,
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
import { counters, exit, fork, free, given, HUGE, isHuge, leafOf, switchTo } from './huge-sessions.ts';

/** The highest mapping ends a page below a multiple of 2 MiB: behind this one mappings begin at such a multiple. */
const LID = mmap(9, HUGE - PAGE, PROT_READ);

function running(options: MachineOptions = {}, mib = 256): Session {
  const thp = { mode: 'always', usesZeroPage: true } as const;
  const machine = machineOf('linux-x86_64', mib, { cpus: 2 }, { thp, ...options });
  return new Session(machine).given(...RUNNING, LID);
}

/** Objects 1 and 2, a megabyte each, of which 2 lies below: together they fill an aligned huge page. */
const TWO: readonly Step[] = [mmap(1, MIB), mmap(2, MIB)];
const store = (object: number, offset = 0): Step => access(object, offset, 8, WRITE);
const file: Step = { kind: 'file', file: 1, length: 8 * MIB };
/** Of object 2. */
const lastPage = (steps: readonly Step[]): number =>
  steps.some((step) => step.kind === 'mmap' && step.object === 2 && step.length === PAGE) ? 0 : PAGE;
const splits = (session: Session): number => session.counter('thpSplitPmd');

describe('a store gets a huge page', () => {
  test.each<[string, Step[], boolean]>([
    ['of two halves', [...TWO], true],
    ['of one page and all others', [mmap(1, PAGE), mmap(2, HUGE - PAGE)], true],
    ['of all pages but one and that one', [mmap(1, HUGE - PAGE), mmap(2, PAGE)], true],
    ['of four quarters', [mmap(1, MIB / 2), mmap(3, MIB / 2), mmap(4, MIB / 2), mmap(2, MIB / 2)], true],
    ['of two halves and more on both sides', [mmap(3, HUGE), ...TWO, mmap(4, HUGE)], true],
    ['not of one half', [mmap(1, MIB), mmap(2, MIB), munmap(1, 0, 0)], false],
    ['not around a hole at its end', [...TWO, munmap(1, MIB - PAGE, PAGE)], false],
    ['not around a hole at its beginning', [...TWO, munmap(2, 0, PAGE)], false],
    ['not around a hole between', [...TWO, munmap(1, 0, PAGE)], false],
    ['not if one may be read only', [mmap(1, MIB, PROT_READ), mmap(2, MIB)], false],
    ['nor if it came to that later', [...TWO, mprotect(1, 0, 0, PROT_READ)], false],
    [
      'but if it may be written to again',
      [...TWO, mprotect(1, 0, 0, PROT_READ), mprotect(1, 0, 0, RW)],
      true,
    ],
    ['not if madvise() has refused it for one', [...TWO, madvise(1, 0, 0, MADV_NOHUGEPAGE)], false],
    ['nor if it has asked for it for one', [...TWO, madvise(1, 0, 0, MADV_HUGEPAGE)], false],
    [
      'but if it has asked for it for both',
      [...TWO, madvise(1, 0, 0, MADV_HUGEPAGE), madvise(2, 0, 0, MADV_HUGEPAGE)],
      true,
    ],
    ['not of a file and memory', [file, mmap(1, MIB, RW, 1), mmap(2, MIB)], false],
    ['not of shared and private memory', [mmap(1, MIB, RW | MAP_SHARED), mmap(2, MIB)], false],
  ])('%s', (_name, steps, isExpected) => {
    const session = given(running(), ...steps, store(2, PAGE / 2 + lastPage(steps)));
    expect(isHuge(session, lastPage(steps), 1, 2)).toBe(isExpected);
    expect(session.counter('thpFaultAlloc')).toBe(isExpected ? 1 : 0);
    if (isExpected) expect(session.do(store(1)).fault).toBe('none');
  });

  test('whichever of them it is to', () => {
    const session = given(running(), ...TWO, store(1, MIB - PAGE));
    expect([isHuge(session, 0, 1, 1), isHuge(session, 0, 1, 2)]).toEqual([true, true]);
    expect(session.do(store(2)).fault).toBe('none');
  });

  test('and a load the huge zero page', () => {
    const session = given(running(), ...TWO, access(2, 0, 8, READ));
    expect(session.counter('thpZeroPageAlloc')).toBe(1);
    expect(session.do(access(1, MIB - PAGE, 8, READ)).fault).toBe('none');
  });

  test('not where what was moved lies beside what was not: its pages keep their offsets', () => {
    const moved = (steps: readonly Step[]): boolean => {
      // Object 3 makes room below 1, into which 2 is moved.
      const session = given(running(), mmap(1, MIB), mmap(3, MIB), mmap(2, MIB), ...steps);
      given(session, mremapFixed(2, 3, 0), store(2, MIB - PAGE));
      return isHuge(session, 0, 1, 2);
    };
    expect([moved([]), moved([store(2)])]).toEqual([true, false]);
  });

  test('not where what a fork has copied lies beside what came after it', () => {
    const forked = (steps: readonly Step[]): boolean => {
      const session = given(running(), mmap(1, MIB), ...steps, fork(2), switchTo(2), mmap(2, MIB), store(2));
      return isHuge(session, 0, 2, 2);
    };
    expect([forked([]), forked([madvise(1, 0, 0, MADV_DONTNEED)])]).toEqual([true, true]);
    // With pages of the parent's: those lie here, in the one table that both would need, but a kernel has two VMAs too.
    expect(forked([store(1)])).toBe(false);
  });

  test('not across the beginning of the heap (brk: vma_prev_limit)', () => {
    const text = (first: number): Session =>
      running().given(mmap(1, first, RW | PLACE_TEXT), brk(2, 4 * MIB));
    const session = given(text(MIB), store(2));
    expect(isHuge(session, 0, 1, 2)).toBe(false);
    expect(isHuge(given(text(HUGE), store(2)), 0, 1, 2)).toBe(true);
  });
});

describe('what changes one of the objects', () => {
  const two = (options: MachineOptions = {}): Session => given(running(options), ...TWO, store(2));
  const frames = (session: Session): number[] =>
    [
      [2, 0],
      [2, MIB - PAGE],
      [1, 0],
      [1, MIB - PAGE],
    ].map(([object, offset]) => {
      const { pte } = leafOf(session, offset!, 1, object);
      const isWhole = (pte & PTE_LARGE) !== 0;
      return pteFrame(pte) + (isWhole ? (object! === 2 ? 0 : 256) + offset! / PAGE : 0);
    });

  test.each<[string, Step]>([
    ['munmap', munmap(2, 0, 0)],
    ['MADV_DONTNEED', madvise(2, 0, 0, MADV_DONTNEED)],
    ['mprotect', mprotect(2, 0, 0, PROT_READ)],
    ['MADV_HUGEPAGE', madvise(2, 0, 0, MADV_HUGEPAGE)],
    ['mremap that moves it', mremap(2, 4 * MIB, MREMAP_MAYMOVE)],
    ['mremap that shrinks it', mremap(1, MIB - PAGE)],
  ])('splits the entry: %s', (_name, step) => {
    const session = given(two(), step);
    expect(splits(session)).toBe(1);
    expect(session.do(access(1, 0, 8)).fault).toBe('none');
  });

  test('does not, if nothing changes', () => {
    expect(splits(given(two(), mprotect(2, 0, 0, RW)))).toBe(0);
  });

  test('leaves its pages in their frames, wherever it goes', () => {
    const session = two();
    const before = frames(session);
    expect(before.map((pfn) => pfn - before[0]!)).toEqual([0, 255, 256, 511]);
    given(session, mremap(2, 4 * MIB, MREMAP_MAYMOVE), mprotect(1, 0, 0, PROT_READ));
    expect(frames(session)).toEqual(before);
  });

  test('gives the block back with the last page of either', () => {
    const session = two();
    const before = free(session);
    given(session, munmap(2, 0, 0));
    expect(free(session)).toBe(before);
    given(session, munmap(1, 0, 0));
    expect(free(session) - before).toBeGreaterThanOrEqual(512);
  });

  test('what is mapped over both at once takes it away whole', () => {
    const session = two().given(mmap(3, 4 * MIB));
    given(session, mremapFixed(3, 2, 0));
    expect([splits(session), session.do(access(1, 0, 8)).status]).toEqual([0, 'no-object']);
  });
});

test('what is mapped over one of them and a part of the other splits it', () => {
  const session = given(running(), ...TWO, store(2), mmap(3, MIB + MIB / 2));
  given(session, mremapFixed(3, 2, 0));
  expect([splits(session), session.do(access(1, MIB / 2, 8)).fault]).toEqual([1, 'none']);
});

describe('a fork', () => {
  const forked = (): Session => given(running(), ...TWO, store(2), fork(2));

  test('shares it as a whole, and both objects of it', () => {
    const session = forked();
    expect(pteFrame(leafOf(session, 0, 1, 2).pte)).toBe(pteFrame(leafOf(session, 0, 2, 2).pte));
    given(session, switchTo(2));
    expect(session.do(access(1, MIB - PAGE, 8)).fault).toBe('none');
    expect(session.do(store(1)).fault).toBe('copy-on-write');
    expect([isHuge(session, 0, 1, 1), isHuge(session, 0, 2, 1)]).toEqual([true, false]);
  });

  test('and both go with both', () => {
    const session = running();
    const before = free(session);
    given(session, ...TWO, store(2), fork(2), switchTo(2), store(1), exit, switchTo(1));
    given(session, munmap(1, 0, 0), munmap(2, 0, 0));
    expect(before - free(session)).toBeLessThan(16);
  });
});

describe('reclaim finds the pages of each object', () => {
  const RECLAIM: MachineOptions = { reclaim: { swapBytes: 64n << 20n } };

  test('and writes them to the swap area, from where they come back', () => {
    const session = running(RECLAIM, 32);
    given(session, ...TWO, store(2), mmap(4, 40 * MIB), madvise(4, 0, 0, MADV_NOHUGEPAGE));
    session.given(...Array.from({ length: 8000 }, (_, page) => store(4, page * PAGE)));
    expect(counters(given(session), 'thpSplitPage')).toEqual([1]);
    const back = [access(2, 0, 8), access(1, MIB - PAGE, 8)].map((step) => session.do(step).fault);
    expect(back).toEqual(['swap-in', 'swap-in']);
  });

  const split: Step = { kind: 'vma_split', object: 1, offset: 64 * PAGE, tail: 5 };
  test.each<[string, number, Step[]]>([
    ['as they were', 1, []],
    ['where one was moved', 512, [mremap(2, 4 * MIB, MREMAP_MAYMOVE)]],
    ['where both were', 512, [mremap(2, 4 * MIB, MREMAP_MAYMOVE), mremap(1, 4 * MIB, MREMAP_MAYMOVE)]],
    ['where one is gone', 256, [munmap(2, 0, 0)]],
    ['where the other one is', 256, [munmap(1, 0, 0)]],
    ['where a part has another name', 512, [split]],
    ['and was moved then', 512, [split, mremap(5, 4 * MIB, MREMAP_MAYMOVE)]],
    ['of a fork', 2, [fork(2)]],
    ['of a fork that has copied one', 1 + 511, [fork(2), store(2)]],
  ])('%s', (_name, nrEntries, steps) => {
    const session = given(running(RECLAIM), ...TWO, store(2));
    const { pte } = leafOf(session, 0, 1, 2);
    given(session, ...steps);
    expect(new ReverseMap(new Draft(session.machine)).mappersOf(pteFrame(pte))).toHaveLength(nrEntries);
  });

  test.each<[string, Step[], number[]]>([
    ['all of it', [mmap(2, 4 * MIB)], [5]],
    ['its first part', [mmap(1, MIB), mmap(2, 3 * MIB)], [5, 1]],
  ])('of which a name changes while one entry maps all: %s', (_name, mapped, owners) => {
    const renamed: Step = { kind: 'vma_split', object: 2, offset: 2 * MIB, tail: 5 };
    const session = given(running(RECLAIM), ...mapped, store(2, 2 * MIB), renamed);
    expect([isHuge(session, 2 * MIB, 1, 5), splits(session)]).toEqual([true, 0]);
    const pfn = pteFrame(leafOf(session, 2 * MIB, 1, 5).pte);
    expect(new ReverseMap(new Draft(session.machine)).mappersOf(pfn)).toHaveLength(1);
    expect(partsOfHuge(session.machine, pfn).map(({ object }) => object)).toEqual(owners);
  });

  test('where another object has filled a hole in one whose end gets a name', () => {
    const renamed: Step = { kind: 'vma_split', object: 2, offset: PAGE, tail: 5 };
    const session = running(RECLAIM).given(mmap(2, 4 * MIB), munmap(2, 2 * MIB, MIB), mmap(3, MIB));
    given(session, store(3), renamed);
    const pfn = pteFrame(leafOf(session, 0, 1, 3).pte);
    const parts = partsOfHuge(session.machine, pfn);
    expect(parts.map(({ from, object, page }) => [from, object, page])).toEqual([
      [0, 3, 0],
      [256, 5, 768],
    ]);
  });

  test('of which those alone get a new name that nobody else maps', () => {
    const session = running({ reclaim: {} }).given(mmap(2, HUGE), store(2));
    const first = pteFrame(leafOf(session, 0, 1, 2).pte);
    // Mapped page by page, by both; the child then writes copies of two.
    session.given(
      mprotect(2, 0, PAGE, PROT_READ),
      fork(2),
      switchTo(2),
      store(2, 3 * PAGE),
      store(2, 7 * PAGE),
    );
    given(session, switchTo(1), { kind: 'vma_split', object: 2, tail: 3, offset: 2 * PAGE });
    const owners = partsOfHuge(session.machine, first).map(({ from, object, page }) => [from, object, page]);
    expect(owners).toEqual([
      [0, 2, 0],
      [3, 3, 3],
      [4, 2, 4],
      [7, 3, 7],
      [8, 2, 8],
    ]);
  });

  test('of whatever happens to neighbours', () => {
    const machine = machineOf('linux-x86_64', 64, { cpus: 4 }, { thp: 'always', ...RECLAIM });
    const runs = atDepth({ quick: 3, full: 10, long: 200 });
    forStreams(neighbourEvents(150), runs, (rows) => {
      const end = fold(machine, batchOfRows(rows)).machine;
      expect(checkMachine(end)).toEqual([]);
      const draft = new Draft(end);
      const rmap = new ReverseMap(draft);
      for (const list of LRU_LISTS)
        for (const pfn of lruList(end, list))
          if (isPinned(draft, pfn, rmap.mappersOf(pfn))) throw new Error(`PFN ${pfn}: not all entries found`);
    });
  });
});

describe('khugepaged', () => {
  const looked = (...between: Step[]): Session => {
    const thp = { mode: 'always', usesZeroPage: true, scanSleepMs: 10, pagesToScan: 5120 } as const;
    const session = running({ thp });
    // Each was touched before the other was there.
    given(session, mmap(1, MIB), store(1, PAGE), mmap(2, MIB), ...between);
    return given(session, { kind: 'switch', pid: 1, thinkNs: 40e6 } as Step, switchTo(1));
  };

  test('makes one of the base pages of both', () => {
    const session = looked(store(2));
    expect([session.counter('thpPagesCollapsed'), isHuge(session, 0, 1, 1)]).toEqual([1, true]);
    expect(session.do(store(2, MIB - PAGE)).fault).toBe('none');
  });

  test('also where one of them has none, which a fork copies then all the same', () => {
    const session = given(looked(), fork(2), switchTo(2));
    expect([session.counter('thpPagesCollapsed'), isHuge(session, 0, 2, 2)]).toEqual([1, true]);
  });

  test('not where a device has a page of either', () => {
    const held = (object: number): Session =>
      looked(store(2), device(1, 64), dmaMap('sg', object, 1, 0, PAGE, 0));
    expect([1, 2].map((object) => held(object).counter('thpPagesCollapsed'))).toEqual([0, 0]);
  });

  test('not where a kernel has two VMAs', () => {
    expect(looked(store(2), mprotect(2, 0, 0, PROT_READ)).counter('thpPagesCollapsed')).toBe(0);
  });
});

test('smaps shows the one mapping that has it', () => {
  const { machine } = given(running(), ...TWO, store(2));
  const rows = parseSmaps(viewNamed('smaps', 1).text(machine)).map(({ kb, numbers }) => [
    kb.Size,
    kb.AnonHugePages,
    numbers.THPeligible,
  ]);
  expect(rows).toEqual([
    [2048, 2048, 1],
    [2044, 0, 0],
  ]);
});
