/** Read-around: which pages of a file that is not cached a fault reads. */
import { describe, expect, test } from 'vitest';
import { checkMachine } from '../../../core/check/invariants.ts';
import { GFP_ATOMIC } from '../../../core/event/gfp.ts';
import { MADV_NORMAL, MADV_RANDOM, MADV_SEQUENTIAL, PROT_READ } from '../../../core/event/mmap-flags.ts';
import type { MachineOptions } from '../../../core/machine/options.ts';
import { lruFlags, PG_READAHEAD } from '../../../core/pages/lru.ts';
import { PageReclaimer } from '../../../core/reclaim/reclaimer.ts';
import { fillPage } from '../../../core/vm/page-cache.ts';
import {
  access,
  MIB,
  machineOf,
  madvise,
  mmap,
  PAGE,
  pages,
  RUNNING,
  Session,
  type Step,
} from '../../support/rows.ts';
import { within } from '../reclaim/looks.ts';

const FILE_PAGES = 64;

function cold(readaheadPages: number, ...advice: number[]): Session {
  const boot = machineOf('linux-3g1g', 96, {}, { readaheadBytes: readaheadPages * PAGE });
  const session = new Session(boot).given(...RUNNING, { kind: 'file', file: 1, length: FILE_PAGES * PAGE });
  return session.given(
    mmap(1, FILE_PAGES * PAGE, PROT_READ, 1),
    ...advice.map((each) => madvise(1, 0, 0, each)),
  );
}

/** Pages of the file that are cached, as [first, behind the last]. */
function cached({ machine }: Session): number[] {
  const { firstSlot } = machine.records.files[1]!;
  const pages = Array.from({ length: FILE_PAGES }, (_, page) => page).filter(
    (page) => machine.pageCache.get(firstSlot + page, 0) > 0,
  );
  expect(pages).toEqual(Array.from({ length: pages.length }, (_, i) => pages[0]! + i));
  return [pages[0]!, pages.at(-1)! + 1];
}

test.each([
  ['none: its page', 0, [], 20, [20, 21]],
  ['a page: no more', 1, [], 20, [20, 21]],
  ['half of the window before it, half behind', 16, [], 20, [12, 28]],
  ['from the beginning of the file where there is less before it', 16, [], 3, [0, 16]],
  ['up to the end of the file', 16, [], 62, [54, 64]],
  ['read in order: from itself on', 16, [MADV_SEQUENTIAL], 20, [20, 36]],
  ['at random: its page', 16, [MADV_RANDOM], 20, [20, 21]],
  ['as usual again', 16, [MADV_RANDOM, MADV_NORMAL], 20, [12, 28]],
])('%s', (_, pages, advice, page, expected) => {
  const session = cold(pages, ...advice).given(access(1, page * PAGE, 8));
  expect(cached(session)).toEqual(expected);
  expect(session.counter('fileMajorFaults')).toBe(1);
  expect(checkMachine(session.machine)).toEqual([]);
});

test('what was read along is a minor fault, and waits for no disk', () => {
  const session = cold(16).given(access(1, 20 * PAGE, 8));
  expect(session.do(access(1, 21 * PAGE, 8)).fault).toBe('file-minor');
});

test('a file as large as the window, read in order, is one major fault', () => {
  const boot = machineOf('linux-3g1g', 96, {}, { readaheadBytes: 8 * MIB, faultAroundBytes: 16 * PAGE });
  const session = new Session(boot).given(...RUNNING, { kind: 'file', file: 1, length: 8 * MIB });
  session.given(mmap(1, 8 * MIB, PROT_READ, 1));
  session.given(...Array.from({ length: 2048 }, (_, page) => access(1, page * PAGE, 8)));
  expect(session.counter('fileMajorFaults')).toBe(1);
  expect(session.counter('fileMinorFaults')).toBeLessThan(2048 / 16 + 2);
});

test.each([
  { what: 'is read along is asked for once, and left out', isWaitedFor: false, rounds: 1, kills: 0 },
  {
    what: 'somebody waits for is asked for anew, as long as that takes',
    isWaitedFor: true,
    rounds: 17,
    kills: 1,
  },
])('where no memory is left a page that $what', ({ isWaitedFor, rounds, kills }) => {
  const boot = machineOf('linux-3g1g', 96, {}, { readaheadBytes: 16 * PAGE, reclaim: {} });
  const session = new Session(boot).given({ kind: 'file', file: 1, length: FILE_PAGES * PAGE });
  session.given(...RUNNING);
  session.repeat((i) => pages(1000 + i, 0, GFP_ATOMIC));
  within(session, (draft) => {
    draft.reclaimer = new PageReclaimer();
    fillPage(draft, draft.records.file(1)!, 20, isWaitedFor);
    draft.reclaimer.settle(draft, 0);
  });
  expect(session.counter('directReclaims')).toBe(rounds);
  expect(session.counter('oomKills')).toBe(kills);
});

describe('a file that is read in order', () => {
  const READAHEAD = 32;
  const LONG = 400;

  function opened(options: MachineOptions = {}): Session {
    const boot = machineOf('linux-3g1g', 96, {}, { readaheadBytes: READAHEAD * PAGE, ...options });
    return new Session(boot).given(...RUNNING, { kind: 'file', file: 1, length: LONG * PAGE });
  }

  const read = (first: number, count: number): Step => ({
    kind: 'file_read',
    file: 1,
    offset: first * PAGE,
    length: count * PAGE,
  });

  /** Where what is cached ends, and the pages at which more will be read. */
  function state(session: Session): { end: number; marks: number[] } {
    const { machine } = session;
    const { firstSlot } = machine.records.files[1]!;
    const cell = (page: number): number => machine.pageCache.get(firstSlot + page, 0);
    const pages = Array.from({ length: LONG }, (_, page) => page).filter((page) => cell(page) > 0);
    return within(session, (draft) => ({
      end: pages.at(-1)! + 1,
      marks: pages.filter((page) => (lruFlags(draft, cell(page) - 1) & PG_READAHEAD) !== 0),
    }));
  }

  test.each([
    // The first window is as large as what is asked for makes it, and marked where that ends; then each marks its first page.
    { what: 'by one page', steps: [read(0, 1)], end: 4, marks: [1] },
    { what: 'up to the mark', steps: [read(0, 1), read(1, 1)], end: 12, marks: [4] },
    { what: 'and past the next one', steps: [read(0, 1), read(1, 4)], end: 28, marks: [12] },
    { what: 'by 16 pages', steps: [read(0, 16)], end: 32, marks: [16] },
    { what: 'twice', steps: [read(0, 16), read(16, 16)], end: 64, marks: [32] },
    {
      what: 'from the middle on, after the page before',
      steps: [read(99, 1), read(100, 16)],
      end: 132,
      marks: [116],
    },
    { what: 'anywhere', steps: [read(0, 1), read(300, 2)], end: 302, marks: [1] },
    { what: 'to its end', steps: [read(0, 1), read(380, 1), read(381, 19)], end: 400, marks: [1] },
  ])('$what', ({ steps, end, marks }) => {
    expect(state(opened().given(...steps))).toEqual({ end, marks });
  });

  test('by faults has one that misses; fault-around leaves the marked page to its own', () => {
    const session = opened({ faultAroundBytes: 16 * PAGE }).given(mmap(1, LONG * PAGE, PROT_READ, 1));
    session.given(...Array.from({ length: 320 }, (_, page) => access(1, page * PAGE, 8)));
    expect(session.counter('fileMajorFaults')).toBe(1);
    expect(session.counter('fileMinorFaults')).toBeGreaterThan(320 / 16 - 1);
    expect(state(session).end).toBeGreaterThan(320);
    expect(checkMachine(session.machine)).toEqual([]);
  });

  test('waits for the disk no longer than that takes, and not for what was read long before', () => {
    const session = opened();
    const { diskReadNs } = session.machine.platform.costs;
    expect(session.do(read(0, 16)).latencyNs).toBeGreaterThanOrEqual(diskReadNs);
    // The next window is asked for, and nobody waits for it until he comes to it.
    session.given({ ...read(15, 1), thinkNs: 2 * diskReadNs });
    expect(session.do(read(16, 16)).latencyNs).toBeLessThan(diskReadNs);
    expect(session.do(read(32, 1)).latencyNs).toBeGreaterThan(diskReadNs / 2);
  });

  test('of which far more faults miss than not is read page by page', () => {
    const session = opened({ faultAroundBytes: 0 });
    const far = (file: number): number => 1000 + file;
    session.given(
      { kind: 'file', file: 2, length: 110 * 64 * PAGE },
      mmap(far(2), 110 * 64 * PAGE, PROT_READ, 2),
    );
    const cachedBy = (miss: number): number => {
      const before = session.counter('pageCachePages');
      session.given(access(far(2), miss * 64 * PAGE, 8));
      return session.counter('pageCachePages') - before;
    };
    const read = Array.from({ length: 103 }, (_, miss) => cachedBy(miss));
    expect(read.slice(1, 100)).toEqual(Array.from({ length: 99 }, () => READAHEAD));
    expect(read.slice(100)).toEqual([1, 1, 1]);
  });
});

describe('windows', () => {
  const PAGES = 4096;

  /** Of each step in which pages came in: where, as `first-end`. */
  function cameIn(aheadPages: number, steps: readonly Step[]): string[] {
    const boot = machineOf('linux-x86_64', 256, {}, { readaheadBytes: aheadPages * PAGE });
    const session = new Session(boot).given(
      ...RUNNING,
      { kind: 'file', file: 1, length: PAGES * PAGE },
      mmap(1, PAGES * PAGE, PROT_READ, 1),
    );
    let before = new Set<number>();
    return steps.flatMap((step) => {
      session.given({ thinkNs: 2_000_000, ...step });
      const { firstSlot } = session.machine.records.files[1]!;
      const slots = Array.from({ length: PAGES }, (_, page) => page);
      const after = slots.filter((page) => session.machine.pageCache.get(firstSlot + page, 0) > 0);
      const fresh = after.filter((page) => !before.has(page));
      before = new Set(after);
      return fresh.length === 0 ? [] : [`${fresh[0]}-${fresh[0]! + fresh.length}`];
    });
  }

  const read = (page: number, nrPages = 1): Step => ({
    kind: 'file_read',
    file: 1,
    offset: page * PAGE,
    length: nrPages * PAGE,
  });

  /**
   * What mincore() told of a file of 16 MiB on ext4 with read_ahead_kb of 8192, dropped before, under 6.18: the pages that
   * came in, as far as they are of windows that folios of more than a page do not round (page_cache_ra_order, since 5.18).
   */
  test.each<[string, Step[], string[]]>([
    ['page by page from the beginning', [0, 1, 2, 3].map((page) => read(page)), ['0-4', '4-20']],
    [
      'four at a time from the middle',
      [1000, 1004, 1008, 1012].map((page) => read(page, 4)),
      ['1000-1004', '1004-1020', '1020-1084'],
    ],
    [
      'here and there, then one behind the other',
      [50, 900, 300, 301].map((page) => read(page)),
      ['50-51', '900-901', '300-301', '301-305'],
    ],
    [
      'by faults here and there',
      [100, 101, 120, 700, 2000, 0, 3].map((page) => access(1, page * PAGE, 1)),
      ['0-2048'],
    ],
  ])('of a booted kernel, %s', (_, steps, pages) => {
    expect(cameIn(2048, steps)).toEqual(pages);
  });

  /** Rules of ondemand_readahead() (mm/readahead.c, v6.1), of 32 pages at most. */
  test.each<[string, number[], string[]]>([
    [
      'that begins behind the last is as large as can be, and the next one read half way through it',
      [0, 1, 4, 12, 60, 75, 76],
      ['0-4', '4-12', '12-28', '28-60', '60-92', '92-124'],
    ],
    [
      'behind pages of which nobody knows the window: as long as they are, twice that from the beginning of the file on',
      [0, 1, 40, 41, 12],
      ['0-4', '4-12', '40-41', '41-45', '12-37'],
    ],
    [
      'the same in the middle of the file',
      [100, 101, 140, 141, 105],
      ['100-101', '101-105', '140-141', '141-145', '105-111'],
    ],
  ])('%s', (_, pages, windows) => {
    const steps = pages.map((page) => read(page));
    expect(cameIn(32, steps)).toEqual(windows);
  });
});
