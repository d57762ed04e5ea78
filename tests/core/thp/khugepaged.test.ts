/** khugepaged: what becomes a huge page again, what does not and why, and huge pages that lost a part. */
import { describe, expect, test } from 'vitest';
import { checkMachine } from '../../../core/check/invariants.ts';
import { READ, WRITE } from '../../../core/event/access-mode.ts';
import { MADV_DONTNEED, MADV_HUGEPAGE, MADV_NOHUGEPAGE, PROT_READ } from '../../../core/event/mmap-flags.ts';
import type { CounterName } from '../../../core/outcome/counters.ts';
import { hugePages, type ThpOptions } from '../../../core/thp/settings.ts';
import {
  access,
  MIB,
  machineOf,
  madvise,
  mmap,
  mprotect,
  munmap,
  PAGE,
  RUNNING,
  Session,
  type Step,
} from '../../support/rows.ts';
import { counters, exit, fork, HUGE, huge, isHuge, switchTo } from './huge-sessions.ts';

/** A process with 8 MiB, three whole huge pages among them; khugepaged looks at ten of them every 16 ms. */
function looked(scanSleepMs = 10, options: ThpOptions = {}): Session {
  const thp = { mode: 'always', usesZeroPage: true, scanSleepMs, pagesToScan: 10 * 512, ...options } as const;
  return new Session(machineOf('linux-x86_64', 256, { cpus: 2 }, { thp })).given(
    ...RUNNING,
    mmap(1, 8 * MIB),
  );
}
const sleep: readonly Step[] = [{ kind: 'switch', pid: 1, thinkNs: 40e6 } as Step, switchTo(1)];
const touch = (session: Session, pages: readonly number[], mode = WRITE): Step[] =>
  pages.map((page) => access(1, huge(session) + page * PAGE, 8, mode));
const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const small: Step = madvise(1, 0, 8 * MIB, MADV_NOHUGEPAGE);
const wanted: Step = madvise(1, 0, 8 * MIB, MADV_HUGEPAGE);

describe('base pages become a huge page', () => {
  test.each<[string, number[], number[], boolean, CounterName | undefined]>([
    ['all written', upTo(512), [], true, undefined],
    ['half of them', upTo(256).map((i) => 2 * i), [], true, undefined],
    ['one written, of 511 others nothing', [7], [], true, undefined],
    ['one written, 511 zero pages', [7], upTo(512).filter((i) => i !== 7), true, undefined],
    // A page of its own elsewhere: without any it is not looked at.
    ['zero pages only', [-1], upTo(512), false, 'thpScanExceedNonePte'],
  ])('%s', (_, written, read, collapses, reason) => {
    const session = looked();
    session.given(small, ...touch(session, written), ...touch(session, read, READ), wanted, ...sleep);
    expect(isHuge(session, huge(session))).toBe(collapses);
    expect(session.counter('thpPagesCollapsed')).toBe(collapses ? 1 : 0);
    if (reason !== undefined) expect(session.counter(reason)).toBeGreaterThan(0);
    expect(checkMachine(session.machine)).toEqual([]);
  });

  test.each([
    [{ maxPtesNone: 10 }, 502, 'thpScanExceedNonePte', true],
    [{ maxPtesNone: 10 }, 501, 'thpScanExceedNonePte', false],
    [{ maxPtesNone: 0 }, 512, 'thpScanExceedNonePte', true],
    [{ maxPtesNone: 0 }, 511, 'thpScanExceedNonePte', false],
  ] as const)('with %j and %i pages written', (options, written, reason, collapses) => {
    const session = looked(10, options);
    session.given(small, ...touch(session, upTo(written)), wanted, ...sleep);
    expect(counters(session, 'thpPagesCollapsed', reason)[0]).toBe(collapses ? 1 : 0);
    expect(session.counter(reason) > 0).toBe(!collapses);
  });

  test.each([
    [12, 500, true],
    [11, 500, false],
  ])('with max_ptes_shared %i and a child that wrote %i pages', (maxPtesShared, copied, collapses) => {
    const session = looked(10, { maxPtesShared });
    session.given(
      small,
      ...touch(session, upTo(512)),
      fork(2),
      ...touch(session, upTo(copied)),
      wanted,
      ...sleep,
    );
    expect(session.counter('thpPagesCollapsed')).toBe(collapses ? 1 : 0);
  });

  test('only in its own time', () => {
    const session = looked(10_000);
    session.given(small, ...touch(session, upTo(512)), wanted, ...sleep);
    expect(session.counter('thpPagesCollapsed')).toBe(0);
  });

  test('not where madvise() refuses them, nor where the VMA ends within', () => {
    const session = looked();
    session.given(small, ...touch(session, upTo(512)), ...sleep);
    expect(session.counter('thpPagesCollapsed')).toBe(0);
    session.given(wanted, munmap(1, huge(session) + HUGE - PAGE, PAGE), ...sleep);
    expect(session.counter('thpPagesCollapsed')).toBe(0);
  });

  test('not while a fork shares more than half of them, nor later if none is writable', () => {
    const session = looked();
    session.given(small, ...touch(session, upTo(512)), wanted, fork(2), ...sleep);
    expect(session.counter('thpScanExceedSharePte')).toBeGreaterThan(0);
    session.given(switchTo(2), exit, switchTo(1), ...sleep);
    expect(session.counter('thpPagesCollapsed')).toBe(0);
    // One entry that may be written to is enough.
    session.given(...touch(session, [5]), ...sleep);
    expect(session.counter('thpPagesCollapsed')).toBe(1);
    expect(checkMachine(session.machine)).toEqual([]);
  });

  test('and no memory is lost', () => {
    const session = looked();
    session.given(small, ...touch(session, upTo(300)), wanted, ...sleep, exit);
    expect(session.counter('thpPagesCollapsed')).toBe(1);
    expect(session.counter('pageTablePages')).toBe(
      looked().given(switchTo(1), exit).counter('pageTablePages'),
    );
    expect(checkMachine(session.machine)).toEqual([]);
  });
});

describe('a huge page waits to be split', () => {
  const deferred = (session: Session): number[] => counters(session, 'thpSplitPmd', 'thpDeferredSplitPage');

  test.each<[string, (at: number) => Step[], number[]]>([
    ['when a part of it is unmapped', (at) => [munmap(1, at + 10 * PAGE, 3 * PAGE)], [1, 1]],
    ['when a part of it is given back', (at) => [madvise(1, at, 50 * PAGE, MADV_DONTNEED)], [1, 1]],
    ['not when all of it is', (at) => [madvise(1, at, HUGE, MADV_DONTNEED)], [0, 0]],
    ['not when its protection is cut', (at) => [mprotect(1, at, PAGE, PROT_READ)], [1, 0]],
    ['when its process ends after that', (at) => [mprotect(1, at, PAGE, PROT_READ), exit], [1, 1]],
  ])('%s', (_, steps, expected) => {
    const session = looked();
    session.given(...touch(session, [0]), ...steps(huge(session)));
    expect(deferred(session)).toEqual(expected);
    expect(checkMachine(session.machine)).toEqual([]);
  });

  test('when the last whole mapping goes, and others have only parts of it', () => {
    const session = looked();
    session.given(...touch(session, [0]), fork(2), ...touch(session, [3]));
    expect(deferred(session)).toEqual([1, 0]);
    session.given(switchTo(2), exit);
    expect(deferred(session)).toEqual([1, 1]);
    expect(checkMachine(session.machine)).toEqual([]);
  });
});

describe('settings', () => {
  const of = (options: object, pages?: number) => {
    const { layout, mmu } = machineOf('linux-x86_64', 64).platform;
    return hugePages(layout, mmu, { mode: 'always', ...options }, pages)!;
  };
  test('the huge zero page is off by default below 512 MiB', () => {
    expect(of({}, 2 ** 17 - 1).usesZeroPage).toBe(false);
    expect(of({}, 2 ** 17).usesZeroPage).toBe(true);
    expect(of({ usesZeroPage: true }, 2 ** 17 - 1).usesZeroPage).toBe(true);
  });

  test('without it a load gets a huge page of its own', () => {
    const session = new Session(machineOf('linux-x86_64', 256, {}, { thp: 'always' }));
    session.given(...RUNNING, mmap(1, 8 * MIB), access(1, 4 * MIB, 8));
    expect(counters(session, 'thpFaultAlloc', 'thpZeroPageAlloc')).toEqual([1, 0]);
  });

  test('by default it looks at eight huge pages, and puts up with what Linux does', () => {
    expect(of({}).khugepaged).toMatchObject({
      ...{ pagesToScan: 4096, maxPtesNone: 511, maxPtesSwap: 64, maxPtesShared: 256 },
    });
  });

  test('a sleep of 10 ms is three ticks of 4 ms, and ends with the next', () => {
    expect(of({ scanSleepMs: 10 }).khugepaged.periodNs).toBe(16e6);
  });

  test.each([
    [{ defrag: 'sometimes' }, /thp defrag sometimes: expected one of always, defer/],
    [{ pagesToScan: 0 }, /khugepaged\/pages_to_scan 0: expected a whole number from 1 to 4294967295/],
    [{ maxPtesNone: 512 }, /khugepaged\/max_ptes_none 512: expected a whole number from 0 to 511/],
    [{ maxPtesSwap: -1 }, /khugepaged\/max_ptes_swap -1: expected a whole number from 0 to 511/],
    [{ maxPtesShared: 0.5 }, /khugepaged\/max_ptes_shared 0.5: expected a whole number from 0 to 511/],
  ])('%j is refused', (options, message) => {
    expect(() => of(options)).toThrow(message);
  });
});
