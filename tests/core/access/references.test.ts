/** Single references: which faults they take, which TLBs serve them, and how they are counted. */
import { describe, expect, test } from 'vitest';
import { CONTINUED, KERNEL_MODE, MODIFY, READ, WRITE } from '../../../core/event/access-mode.ts';
import { MAP_SHARED, PROT_READ } from '../../../core/event/mmap-flags.ts';
import { freePagesOf } from '../../../core/phys/free-lists.ts';
import { buddyinfo, drained } from '../../support/laws.ts';
import { pc } from '../../support/pc.ts';
import { access, kmalloc, mmap, munmap, PAGE, RUNNING, RW, Session, starve } from '../../support/rows.ts';

describe('faults and translation', () => {
  const running = new Session(pc).given(...RUNNING).machine;

  test('a page is zero when read, its own when written, and then no fault at all', () => {
    const session = new Session(running).given(mmap(1, 2 * PAGE));
    const seen = [READ, READ, WRITE, MODIFY].map((mode) => session.do(access(1, 0, 8, mode)));
    expect(seen.map(({ fault, tlb }) => [fault, tlb])).toEqual([
      ['zero-page', 'walk'],
      ['none', 'l1'],
      ['copy-on-write', 'l1'],
      ['none', 'l1'],
    ]);
    expect(session.do(access(1, PAGE, 8, WRITE)).fault).toBe('demand-zero');
  });

  test('after a fork the first store copies, the last one left reuses the page', () => {
    const session = new Session(running).given(mmap(1, PAGE), access(1, 0, 8, WRITE), {
      kind: 'fork',
      pid: 2,
    });
    const free = (): number => freePagesOf(session.machine, 1) + freePagesOf(session.machine, 2);
    const before = free();
    expect(session.do(access(1, 0, 8, WRITE)).fault).toBe('copy-on-write');
    expect(free()).toBe(before - 1);
    session.given({ kind: 'switch', pid: 2 });
    expect(session.do(access(1, 0, 8, WRITE)).fault).toBe('copy-on-write');
    expect(free()).toBe(before - 1);
  });

  test('a file is read once, and is shared from then on', () => {
    const session = new Session(running).given(
      { kind: 'file', file: 1, length: 3 * PAGE },
      { kind: 'file_read', file: 1, offset: PAGE, length: 1 },
      mmap(1, 3 * PAGE, PROT_READ, 1),
      mmap(2, 3 * PAGE, RW | MAP_SHARED, 1),
      mmap(3, 3 * PAGE, RW, 1),
    );
    const faults = (object: number, mode: number): string[] =>
      [0, 1].map((page) => session.do(access(object, page * PAGE, 1, mode)).fault);
    expect(faults(1, READ)).toEqual(['file-major', 'file-minor']);
    expect(faults(2, WRITE)).toEqual(['file-minor', 'file-minor']);
    expect(faults(3, READ)).toEqual(['file-minor', 'file-minor']);
    expect(faults(3, WRITE)).toEqual(['copy-on-write', 'copy-on-write']);
    expect(session.counter('pageCachePages')).toBe(2);
    session.given({ kind: 'file_drop', file: 1 });
    expect(session.counter('pageCachePages')).toBe(2);
    // What was written through the shared mapping has to go to disk first.
    session.given({ kind: 'exit' }, { kind: 'file_drop', file: 1 });
    expect(session.counter('pageCachePages')).toBe(2);
    session.given({ kind: 'file_drop', file: 1 });
    expect(session.counter('pageCachePages')).toBe(0);
  });

  test.each([0, 1, 2 ** 32 - 1])(
    'shared memory is the same page in parent and child, whoever touches it first: object %i',
    (object) => {
      const shared = mmap(object, PAGE, RW | MAP_SHARED);
      const session = new Session(running).given(shared, { kind: 'fork', pid: 2 });
      expect(session.do(access(object, 0, 8, WRITE)).fault).toBe('demand-zero');
      session.given({ kind: 'switch', pid: 2 });
      expect(session.do(access(object, 0, 8, WRITE)).fault).toBe('file-minor');
    },
  );

  test.each([
    [0, 0, 0],
    [0, 1, 1],
    [99, 0, 0],
    [PAGE - 1, 1, 1],
    [PAGE, 0, 0],
    [PAGE, 1, 1],
    [0, 3 * PAGE, 3],
    [2 * PAGE + 99, 1, 1],
    [2 * PAGE + 100, 1, 0],
    [2 * PAGE, PAGE, 1],
    [3 * PAGE, PAGE, 0],
  ])('read of a file of two pages and 100 bytes, from %i on %i bytes: %i pages', (offset, length, pages) => {
    const session = new Session(pc).given({ kind: 'file', file: 1, length: 2 * PAGE + 100 });
    const { latencyNs } = session.do({ kind: 'file_read', file: 1, offset, length });
    expect(session.counter('pageCachePages')).toBe(pages);
    const { syscallNs, diskReadNs, copyPageNs } = pc.platform.costs;
    expect(latencyNs).toBe(syscallNs + pages * (diskReadNs + copyPageNs));
  });

  test('shared memory ends with its last mapping, all of it, also when it had a hole', () => {
    const shared = mmap(1, 5 * PAGE, RW | MAP_SHARED);
    const session = new Session(running);
    const before = buddyinfo(drained(session.machine));
    session.given(shared, munmap(1, PAGE, PAGE), access(1, 3 * PAGE, 8, WRITE), { kind: 'exec' });
    expect(buddyinfo(drained(session.machine))).toEqual(before);
    session.given(shared);
    expect(session.do(access(1, 3 * PAGE, 8)).fault).toBe('demand-zero');
  });

  test('as many pages as the set has ways stay in the first level, one more pushes out the oldest', () => {
    const session = new Session(running).given(mmap(1, 200 * 16 * PAGE, RW));
    const touch = (n: number): string => session.do(access(1, n * 16 * PAGE, 1)).tlb;
    for (const n of [0, 1, 2, 3]) touch(n);
    expect([0, 1, 2, 3].map(touch)).toEqual(['l1', 'l1', 'l1', 'l1']);
    expect([4, 0].map(touch)).toEqual(['walk', 'l2']);
    // The second level has 128 sets of 12 ways: every eighth of these pages falls into one of its sets.
    for (let n = 0; n <= 12; n++) touch(8 * n);
    expect([1, 12].map((n) => touch(8 * n))).toEqual(['l2', 'l1']);
    for (let n = 13; n <= 24; n++) touch(8 * n);
    expect(touch(12 * 8)).toBe('walk');
  });

  test('a reference across a page is one reference and two translations; its second half counts as neither', () => {
    const session = new Session(running).given(
      mmap(1, 2 * PAGE),
      access(1, PAGE - 1, 2),
      access(1, 0, 1, CONTINUED),
    );
    expect(
      ['references', 'translations', 'walks', 'l1Hits'].map((name) => session.counter(name as 'walks')),
    ).toEqual([1, 3, 2, 1]);
  });

  test('kernel references are counted by their type of address, once each, whatever memory is left', () => {
    for (const machine of [pc, starve(new Session(pc).given(kmalloc(1, 2 * PAGE)).machine, 0)]) {
      const session = new Session(machine);
      session.status(kmalloc(1, 2 * PAGE));
      session.given(access(1, PAGE - 1, 2, KERNEL_MODE));
      expect(session.counter('kernelLogicalReferences')).toBe(1);
    }
  });
});
