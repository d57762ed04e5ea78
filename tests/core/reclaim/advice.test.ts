/** What madvise tells of pages that reclaim may take: MADV_COLD, MADV_PAGEOUT, MADV_FREE (mm/madvise.c, v6.1). */
import { describe, expect, test } from 'vitest';
import { checkMachine } from '../../../core/check/invariants.ts';
import { READ, WRITE } from '../../../core/event/access-mode.ts';
import { MADV_COLD, MADV_FREE, MADV_PAGEOUT, MAP_SHARED, PROT_READ } from '../../../core/event/mmap-flags.ts';
import { activate, lruFlags } from '../../../core/pages/lru.ts';
import { isSwapPte, pteFrame } from '../../../core/paging/pte.ts';
import { viewNamed } from '../../../replay/views/index.ts';
import { parseSmaps } from '../../../traces/index.ts';
import { access, MIB, machineOf, madvise, mlock, mmap, PAGE, RUNNING, Session } from '../../support/rows.ts';
import {
  entryOf,
  flagsOf,
  frameOf,
  isAccessed,
  listOf,
  lookAt,
  reclaiming,
  touchAll,
  within,
} from './looks.ts';

const FOUR = 4 * PAGE;
const store = (page: number) => access(1, page * PAGE, 8, WRITE);
/** Four pages of memory, written. */
const used = (swapMib = 64) =>
  reclaiming(swapMib).given(...RUNNING, mmap(1, FOUR), ...[0, 1, 2, 3].map(store));
const entries = ({ machine }: Session) => [0, 1, 2, 3].map((page) => entryOf(machine, 1, 1, page));
/** LazyFree of smaps, in kB. */
const parsedLazyFree = ({ machine }: Session) =>
  parseSmaps(viewNamed('smaps', 1).text(machine)).reduce((sum, { kb }) => sum + kb.LazyFree!, 0);
const makeActive = (session: Session, pfn: number) =>
  within(session, (draft) => activate(draft, pfn, lruFlags(draft, pfn)));

describe('MADV_COLD', () => {
  test('active pages become inactive, and count as not used', () => {
    const session = used();
    const pfn = frameOf(session, 1, 1);
    makeActive(session, pfn);
    expect(listOf(session, pfn)).toBe('active anon');
    session.given(madvise(1, 0, PAGE, MADV_COLD));
    expect([
      listOf(session, pfn),
      isAccessed(entries(session)[0]!),
      isAccessed(entries(session)[1]!),
    ]).toEqual(['inactive anon', false, true]);
    expect(session.counter('pgdeactivate')).toBe(1);
    expect(lookAt(session, pfn)).toBe('queued');
    expect(checkMachine(session.machine)).toEqual([]);
  });

  test('what others map too is left alone, and what is locked is refused', () => {
    const session = used().given({ kind: 'fork', pid: 2 });
    session.given(madvise(1, 0, 0, MADV_COLD));
    expect(entries(session).every(isAccessed)).toBe(true);
    const locked = used().given(mlock(1, 0, PAGE));
    expect(locked.status(madvise(1, 0, PAGE, MADV_COLD))).toBe('invalid');
  });

  test('a machine that does not reclaim forgets that they were used, and no more', () => {
    const session = new Session(machineOf('linux-x86_64', 64)).given(...RUNNING, mmap(1, FOUR), store(0));
    const before = pteFrame(entries(session)[0]!);
    session.given(madvise(1, 0, 0, MADV_COLD), madvise(1, 0, 0, MADV_PAGEOUT));
    expect(pteFrame(entries(session)[0]!)).toBe(before);
    expect(checkMachine(session.machine)).toEqual([]);
  });
});

describe('MADV_PAGEOUT', () => {
  test('memory goes to the swap area at once, however much it is used, and comes back', () => {
    const session = used().given(madvise(1, PAGE, 2 * PAGE, MADV_PAGEOUT));
    expect(entries(session).map(isSwapPte)).toEqual([false, true, true, false]);
    expect(session.counter('pswpout')).toBe(2);
    expect(checkMachine(session.machine)).toEqual([]);
    session.given(store(1));
    expect(entries(session).map(isSwapPte)).toEqual([false, false, true, false]);
    expect(checkMachine(session.machine)).toEqual([]);
  });

  test('without a swap area it stays', () => {
    const session = used(0).given(madvise(1, 0, 0, MADV_PAGEOUT));
    expect(entries(session).map(isSwapPte)).toEqual([false, false, false, false]);
    expect(checkMachine(session.machine)).toEqual([]);
  });

  test('pages of a file leave the cache', () => {
    const session = reclaiming().given(...RUNNING, { kind: 'file', file: 1, length: MIB });
    session.given(mmap(1, FOUR, PROT_READ | MAP_SHARED, 1), access(1, 0, 8, READ), access(1, PAGE, 8, READ));
    const before = session.counter('pageCachePages');
    session.given(madvise(1, 0, PAGE, MADV_PAGEOUT));
    expect(session.counter('pageCachePages')).toBe(before - 1);
    expect(checkMachine(session.machine)).toEqual([]);
  });
});

describe('MADV_FREE under pressure', () => {
  test('pages wait with those of files, and go without being written; the next read finds zeros', () => {
    const session = used(0).given(madvise(1, 0, 2 * PAGE, MADV_FREE));
    const pfn = frameOf(session, 1, 1);
    expect(parsedLazyFree(session)).toBe(8);
    expect([listOf(session, pfn), flagsOf(session, pfn).referenced]).toEqual(['inactive file', false]);
    expect(lookAt(session, pfn)).toBe('freed');
    expect(entries(session)[0]).toBe(0);
    expect([session.counter('pswpout'), session.counter('fileWritebacks')]).toEqual([0, 0]);
    expect(checkMachine(session.machine)).toEqual([]);
    session.given(access(1, 0, 8, READ));
    expect(session.counter('zeroPageFaults')).toBe(1);
  });

  test('what was written since is kept, as memory like any other', () => {
    const session = used(0).given(madvise(1, 0, PAGE, MADV_FREE));
    session.machine = { ...session.machine, tlbs: [] };
    session.given(store(0));
    const pfn = frameOf(session, 1, 1);
    // used since the last look, then not: but dirty
    lookAt(session, pfn);
    expect(lookAt(session, pfn)).toBe('kept, active anon');
    expect(checkMachine(session.machine)).toEqual([]);
  });

  test('memory that is given up makes room where there is no swap area', () => {
    const filled = (): Session => {
      const session = reclaiming(0, 'linux-x86_64', 32).given(
        ...RUNNING,
        mmap(1, 8 * MIB),
        mmap(2, 12 * MIB),
      );
      touchAll(session, 1, 2048);
      return session;
    };
    const kept = filled();
    expect(touchAll(kept, 2, 3072)).toContain('oom-killed');
    const given = filled().given(madvise(1, 0, 0, MADV_FREE));
    expect([...touchAll(given, 2, 3072)]).toEqual(['ok']);
    expect(checkMachine(given.machine)).toEqual([]);
  });
});
