/**
 * What becomes of one page that reclaim looks at: the table of folio_check_references (mm/vmscan.c, v6.1), dirty and
 * clean pages, pages that somebody holds.
 */
import { describe, expect, test } from 'vitest';
import { checkMachine } from '../../../core/check/invariants.ts';
import { EXECUTE, READ, WRITE } from '../../../core/event/access-mode.ts';
import { DMA_TO_DEVICE, transferOf } from '../../../core/event/dma-flags.ts';
import { MAP_SHARED, PROT_EXEC, PROT_READ } from '../../../core/event/mmap-flags.ts';
import { isSwapPte } from '../../../core/paging/pte.ts';
import { FRAME, USE_FREE, USE_PCP } from '../../../core/phys/frames.ts';
import { KEPT, reclaimPage } from '../../../core/reclaim/pageout.ts';
import {
  access,
  device,
  MIB,
  mlock,
  mmap,
  munmap,
  PAGE,
  RUNNING,
  RW,
  type Session,
  type Step,
} from '../../support/rows.ts';
import {
  controlOf,
  entryOf,
  flagsOf,
  frameOf,
  isAccessed,
  listOf,
  look,
  lookAt,
  reclaiming,
  within,
} from './looks.ts';

const FILE: Step = { kind: 'file', file: 1, length: MIB };
const readFile: Step = { kind: 'file_read', file: 1, offset: 0, length: PAGE };
const isFree = ({ machine }: Session, pfn: number): boolean =>
  [USE_FREE, USE_PCP].includes(machine.frames.get(pfn, FRAME.use));

/** An access that finds nothing in the TLBs: the accessed bit is set again. */
function touchAgain(session: Session, object: number, mode = READ, cpu = 0): void {
  session.machine = { ...session.machine, tlbs: [] };
  session.given({ ...access(object, 0, 8, mode), cpu });
}

describe('the second chance of an anonymous page', () => {
  const used = () => reclaiming().given(...RUNNING, mmap(1, MIB), access(1, 0, 8, WRITE));

  test('used since the last look: it stays, and the bit is cleared', () => {
    const session = used();
    const pfn = frameOf(session, 1, 1);
    expect(isAccessed(entryOf(session.machine, 1, 1, 0))).toBe(true);
    expect(lookAt(session, pfn)).toBe('kept, inactive anon');
    expect(isAccessed(entryOf(session.machine, 1, 1, 0))).toBe(false);
    expect(flagsOf(session, pfn).referenced).toBe(true);
    expect(session.counter('pgactivate')).toBe(0);
  });

  test('not used again: it goes', () => {
    const session = used();
    const pfn = frameOf(session, 1, 1);
    lookAt(session, pfn);
    expect(lookAt(session, pfn)).toBe('queued');
    expect(isSwapPte(entryOf(session.machine, 1, 1, 0))).toBe(true);
    expect(isFree(session, pfn)).toBe(false);
    expect(checkMachine(session.machine)).toEqual([]);
    // Once it is written the next look frees it.
    expect(lookAt(session, pfn)).toBe('freed');
    expect(isFree(session, pfn)).toBe(true);
    expect(checkMachine(session.machine)).toEqual([]);
  });

  test('used again: it becomes active', () => {
    const session = used();
    const pfn = frameOf(session, 1, 1);
    lookAt(session, pfn);
    touchAgain(session, 1);
    expect(lookAt(session, pfn)).toBe('kept, active anon');
    expect(session.counter('pgactivate')).toBe(1);
    expect(flagsOf(session, pfn).referenced).toBe(true);
  });

  test('used through a TLB that still holds it: as unused, for clearing the bit flushes nothing', () => {
    const session = used();
    const pfn = frameOf(session, 1, 1);
    const flushes = session.counter('tlbFlushes');
    lookAt(session, pfn);
    expect(session.counter('tlbFlushes')).toBe(flushes);
    session.given(access(1, 0, 8, WRITE));
    expect(isAccessed(entryOf(session.machine, 1, 1, 0))).toBe(false);
    expect(lookAt(session, pfn)).toBe('queued');
  });

  test('used by two processes: it becomes active at once', () => {
    const session = used().given({ kind: 'fork', pid: 2 }, { kind: 'switch', pid: 2, cpu: 1 });
    const pfn = frameOf(session, 1, 1);
    expect(frameOf(session, 2, 1)).toBe(pfn);
    // A child's copy of an entry begins unused.
    expect([1, 2].map((pid) => isAccessed(entryOf(session.machine, pid, 1, 0)))).toEqual([true, false]);
    touchAgain(session, 1, READ, 1);
    expect(lookAt(session, pfn)).toBe('kept, active anon');
    expect(flagsOf(session, pfn).referenced).toBe(true);
    expect([1, 2].map((pid) => isAccessed(entryOf(session.machine, pid, 1, 0)))).toEqual([false, false]);
  });

  test('locked: it becomes active, used or not', () => {
    const session = reclaiming().given(...RUNNING, mmap(1, MIB), mlock(1, 0, PAGE));
    const pfn = frameOf(session, 1, 1);
    expect(lookAt(session, pfn)).toBe('kept, active anon');
    expect(lookAt(session, pfn)).toBe('kept, active anon');
  });
});

describe('a page of a file', () => {
  const mapped = (flags: number, mode = READ) =>
    reclaiming().given(FILE, ...RUNNING, mmap(1, MIB, flags, 1), access(1, 0, 8, mode));

  test.each([
    { what: 'data', flags: PROT_READ, mode: READ, becomes: 'kept, inactive file' },
    { what: 'code', flags: PROT_READ | PROT_EXEC, mode: EXECUTE, becomes: 'kept, active file' },
  ])('used once as $what: $becomes', ({ flags, mode, becomes }) => {
    const session = mapped(flags, mode);
    const pfn = frameOf(session, 1, 1);
    expect(lookAt(session, pfn)).toBe(becomes);
  });

  test('code of anonymous memory has no such favour', () => {
    const session = reclaiming().given(...RUNNING, mmap(1, MIB, RW | PROT_EXEC), access(1, 0, 8, WRITE));
    expect(lookAt(session, frameOf(session, 1, 1))).toBe('kept, inactive anon');
  });

  test('unused and clean: dropped, and nothing is written', () => {
    const session = mapped(PROT_READ);
    const pfn = frameOf(session, 1, 1);
    lookAt(session, pfn);
    expect(lookAt(session, pfn)).toBe('freed');
    expect(session.counter('fileWritebacks') + session.counter('pswpout')).toBe(0);
    expect(session.counter('pageCachePages')).toBe(0);
    expect(session.do(access(1, 0, 8)).fault).toBe('file-major');
    expect(checkMachine(session.machine)).toEqual([]);
  });

  test('unused and dirty through a mapping: written first, unless the request must not enter the file system', () => {
    const session = mapped(RW | MAP_SHARED, WRITE);
    const pfn = frameOf(session, 1, 1);
    lookAt(session, pfn);
    for (let times = 0; times < 2; times++)
      expect(lookAt(session, pfn, { mayEnterFs: false })).toBe('kept, inactive file');
    expect(flagsOf(session, pfn)).toEqual({ referenced: false, dirty: true });
    expect(session.counter('fileWritebacks')).toBe(0);
    expect(lookAt(session, pfn, { mayDoIo: false })).toBe('written');
    expect(session.counter('fileWritebacks')).toBe(1);
    expect(session.counter('pswpout')).toBe(0);
  });

  test('dirty by somebody who has gone: written too', () => {
    const session = mapped(RW | MAP_SHARED, WRITE);
    const pfn = frameOf(session, 1, 1);
    session.given(munmap(1, 0, 0));
    expect(flagsOf(session, pfn).dirty).toBe(true);
    look(session, pfn);
    expect(look(session, pfn)).toBe('written');
  });

  test('dirty, and read() used it a while ago: kept once more (PAGEREF_RECLAIM_CLEAN)', () => {
    const session = mapped(RW | MAP_SHARED, WRITE);
    const pfn = frameOf(session, 1, 1);
    session.given(munmap(1, 0, 0));
    // The mapping's use and the unmapping's are one: PG_referenced.
    expect(flagsOf(session, pfn)).toEqual({ referenced: true, dirty: true });
    expect(lookAt(session, pfn)).toBe('kept, inactive file');
    expect(flagsOf(session, pfn)).toEqual({ referenced: false, dirty: true });
    expect(lookAt(session, pfn)).toBe('written');
  });

  test('read() once: referenced, and it may go; twice: active (folio_mark_accessed)', () => {
    const session = reclaiming().given(FILE, readFile);
    const pfn = session.machine.pageCache.get(session.machine.records.files[1]!.firstSlot, 0) - 1;
    expect([listOf(session, pfn), flagsOf(session, pfn).referenced]).toEqual(['inactive file', true]);
    session.given(readFile);
    expect([listOf(session, pfn), flagsOf(session, pfn).referenced]).toEqual(['active file', false]);
    session.given(readFile);
    expect([listOf(session, pfn), flagsOf(session, pfn).referenced]).toEqual(['active file', true]);
    const once = reclaiming().given(FILE, readFile);
    expect(lookAt(once, pfn)).toBe('freed');
  });

  test('a copy of its own of a private mapping is an anonymous page, and goes to the swap area', () => {
    const session = mapped(RW, WRITE);
    const pfn = frameOf(session, 1, 1);
    expect(listOf(session, pfn)).toBe('inactive anon');
    look(session, pfn);
    expect(look(session, pfn)).toBe('queued');
    expect(session.counter('pswpout')).toBe(1);
  });
});

test('writing takes the time of the disk, dropping none', () => {
  const file = { flags: RW | MAP_SHARED, file: 1 };
  const anonymous = { flags: RW, file: 0 };
  for (const { flags, file: of, mode } of [
    { ...anonymous, mode: WRITE },
    { ...file, mode: WRITE },
    { ...file, mode: READ },
  ]) {
    const session = reclaiming().given(FILE, ...RUNNING, mmap(1, MIB, flags, of), access(1, 0, 8, mode));
    const pfn = frameOf(session, 1, 1);
    const { diskWriteNs, diskSubmitNs, pageFreeNs } = session.machine.platform.costs;
    let spentNs = 0;
    const lookOnce = (): number =>
      within(session, (draft) => {
        const verdict = reclaimPage(draft, controlOf(draft), pfn);
        spentNs += draft.extraNs;
        return verdict;
      });
    while (lookOnce() === KEPT);
    // The disk writes what is swapped out beside; it is free later.
    const isSwapped = session.counter('pswpout') > 0;
    const writeNs = mode === WRITE ? diskWriteNs : 0;
    expect(spentNs).toBe(isSwapped ? diskSubmitNs : writeNs + pageFreeNs);
  }
});

test('a page that a device uses is kept', () => {
  const session = reclaiming().given(...RUNNING, mmap(1, MIB), access(1, 0, 8, WRITE), device(1, 64));
  const pfn = frameOf(session, 1, 1);
  session.given({
    kind: 'dma_map_sg',
    object: 1,
    transfer: transferOf(1, DMA_TO_DEVICE),
    offset: 0,
    length: PAGE,
  });
  look(session, pfn);
  expect(lookAt(session, pfn)).toBe('kept, inactive anon');
  session.given({ kind: 'dma_unmap', object: 1, device: 1, offset: 0 });
  expect(lookAt(session, pfn)).toBe('queued');
});
