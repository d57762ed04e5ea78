/** Memory that is too small: what goes, what stays, what comes back, and who is killed. */

import { describe, expect, test } from 'vitest';
import { checkMachine } from '../../../core/check/invariants.ts';
import { READ, WRITE } from '../../../core/event/access-mode.ts';
import { MADV_DONTNEED, MAP_SHARED } from '../../../core/event/mmap-flags.ts';
import { PAGES_VAR } from '../../../core/pages/state.ts';
import {
  FRAME,
  USE_KERNEL_STACK,
  USE_KMALLOC_LARGE,
  USE_PAGE_TABLE,
  USE_PAGES,
  USE_SLAB,
  USE_VMALLOC,
} from '../../../core/phys/frames.ts';
import { RECLAIM_VAR } from '../../../core/reclaim/state.ts';

import { FULL } from '../../support/depth.ts';
import {
  access,
  MIB,
  machineOf,
  madvise,
  mlock,
  mmap,
  munmap,
  PAGE,
  pages,
  RUNNING,
  RW,
  Session,
  type Step,
  vmalloc,
} from '../../support/rows.ts';
import { pagesOf, reclaiming, run, touchAll } from './looks.ts';

const RAM_MIB = 32;
/** Uses of frames that are the kernel's own. */
const IN_KERNEL = new Set([
  USE_PAGES,
  USE_SLAB,
  USE_KMALLOC_LARGE,
  USE_VMALLOC,
  USE_PAGE_TABLE,
  USE_KERNEL_STACK,
]);
const swapped = (swapMib = 256, layout = 'linux-x86_64') => reclaiming(swapMib, layout, RAM_MIB);

describe('a process larger than RAM', () => {
  const nrPages = pagesOf(2 * RAM_MIB);

  const LAYOUTS = ['linux-x86_64', ...(FULL ? ['linux-3g1g', 'linux-3g1g-pae'] : [])];

  test.each(LAYOUTS)('completes with swap: %s', (layout) => {
    const session = swapped(256, layout).given(...RUNNING, mmap(1, nrPages * PAGE));
    expect(touchAll(session, 1, nrPages)).toEqual(new Set(['ok']));
    expect(checkMachine(session.machine)).toEqual([]);
    const out = session.counter('pswpout');
    expect(out).toBeGreaterThan(pagesOf(RAM_MIB));
    // The rest is on its way to the disk, or was written while it was off its list.
    const stolen = session.counter('pgstealKswapd') + session.counter('pgstealDirect');
    expect(out - stolen).toBe(session.machine.vars[PAGES_VAR.swapCached]);
    expect(stolen).toBeGreaterThan(out / 2);
    // All of it again, from the beginning: whatever is not there comes back, each page as a fault of its own.
    expect(touchAll(session, 1, nrPages, READ)).toEqual(new Set(['ok']));
    // Neighbours come along: a page has its own fault yet, but mostly none that reads.
    expect(session.counter('swapFaults')).toBeGreaterThan(nrPages - pagesOf(RAM_MIB));
    expect(session.counter('pswpin')).toBeGreaterThan(pagesOf(RAM_MIB));
    expect(checkMachine(session.machine)).toEqual([]);
    session.given({ kind: 'exit' });
    expect(session.machine.vars[PAGES_VAR.swapUsed]).toBe(0);
    expect(checkMachine(session.machine)).toEqual([]);
  });

  test('fails without reclaim, as it always did', () => {
    const session = new Session(machineOf('linux-x86_64', RAM_MIB, { cpus: 2 })).given(
      ...RUNNING,
      mmap(1, nrPages * PAGE),
    );
    expect(touchAll(session, 1, nrPages)).toEqual(new Set(['ok', 'out-of-memory']));
  });

  test('is killed without swap, and its event says so', () => {
    const session = swapped(0).given(...RUNNING, mmap(1, nrPages * PAGE));
    expect(touchAll(session, 1, nrPages)).toEqual(new Set(['ok', 'oom-killed', 'no-object']));
    expect(session.machine.vars[RECLAIM_VAR.oomVictim]).toBe(1);
    expect(session.counter('oomKills')).toBe(1);
    expect(session.counter('pswpout')).toBe(0);
    expect(checkMachine(session.machine)).toEqual([]);
  });

  test('is killed when swap is full as well', () => {
    const session = swapped(16).given(...RUNNING, mmap(1, nrPages * PAGE));
    expect(touchAll(session, 1, nrPages)).toContain('oom-killed');
    expect(session.counter('pswpout')).toBeGreaterThanOrEqual(pagesOf(16) - 1);
    expect(session.machine.vars[PAGES_VAR.swapUsed]).toBe(0);
    expect(checkMachine(session.machine)).toEqual([]);
  });
});

test('kernel memory is never reclaimed: when it fills RAM, processes go, and then requests fail', () => {
  const session = swapped().given(...RUNNING, mmap(1, 8 * MIB), vmalloc(2, 8 * MIB));
  touchAll(session, 1, pagesOf(8));
  const kernelPages = (): number => {
    let pages = 0;
    session.machine.frames.forEachLeaf((leaf) => {
      for (let at = 0; at < leaf.length; at += session.machine.frames.shape.stride)
        if (IN_KERNEL.has(leaf[at + FRAME.use]!)) pages += 2 ** leaf[at + FRAME.order]!;
    });
    return pages;
  };
  const CHUNK = 256;
  for (let object = 100; session.counter('oomKills') === 0; object += CHUNK) {
    const before = kernelPages();
    const statuses = run(
      session,
      Array.from({ length: CHUNK }, (_, i) => pages(object + i, 0)),
    );
    // Whatever was reclaimed, it was not the kernel's; a kill takes the process's tables and stack.
    if (session.counter('oomKills') > 0) break;
    expect(statuses).toEqual(new Set(['ok']));
    // Trees of what goes to the swap area take some, too.
    expect(kernelPages()).toBeGreaterThanOrEqual(before + CHUNK);
  }
  // More than the process had.
  const rest = Array.from({ length: pagesOf(9) }, (_, i) => pages(100_000 + i, 0));
  expect(run(session, rest)).toContain('out-of-memory');
  expect(session.counter('pswpout')).toBeGreaterThan(pagesOf(8) - 50);
  expect(session.counter('oomKills')).toBe(1);
  expect(session.machine.records.processes).toEqual({});
  expect(checkMachine(session.machine)).toEqual([]);
});

describe('the page cache', () => {
  const FILE_MIB = 2 * RAM_MIB;
  const read = (file: number, page: number): Step => ({
    kind: 'file_read',
    file,
    offset: page * PAGE,
    length: PAGE,
  });

  test('cycles through a file larger than RAM, and writes nothing', () => {
    const session = swapped().given({ kind: 'file', file: 1, length: FILE_MIB * MIB });
    for (let round = 0; round < 2; round++)
      expect(
        run(
          session,
          Array.from({ length: pagesOf(FILE_MIB) }, (_, page) => read(1, page)),
        ),
      ).toEqual(new Set(['ok']));
    expect(session.counter('pgstealKswapd')).toBeGreaterThan(pagesOf(FILE_MIB));
    expect(session.counter('fileWritebacks') + session.counter('pswpout')).toBe(0);
    expect(checkMachine(session.machine)).toEqual([]);
  });

  test('keeps what is used again and again while a file streams by', () => {
    const session = swapped().given(
      { kind: 'file', file: 1, length: FILE_MIB * MIB },
      { kind: 'file', file: 2, length: 4 * MIB },
    );
    const hot = Array.from({ length: pagesOf(4) }, (_, page) => read(2, page));
    run(session, [...hot, ...hot]);
    const cachedHot = (): number => {
      const { firstSlot, nrPages } = session.machine.records.files[2]!;
      let cached = 0;
      for (let slot = firstSlot; slot < firstSlot + nrPages; slot++)
        if (session.machine.pageCache.get(slot, 0) > 0) cached++;
      return cached;
    };
    run(
      session,
      Array.from({ length: pagesOf(FILE_MIB) }, (_, page) => read(1, page)),
    );
    expect(cachedHot()).toBe(pagesOf(4));
    // Used once only, they go with the stream.
    const once = swapped().given(
      { kind: 'file', file: 1, length: FILE_MIB * MIB },
      { kind: 'file', file: 2, length: 4 * MIB },
    );
    run(once, hot);
    run(
      once,
      Array.from({ length: pagesOf(FILE_MIB) }, (_, page) => read(1, page)),
    );
    expect(once.machine.pageCache.get(once.machine.records.files[2]!.firstSlot, 0)).toBe(0);
  });

  test('writes dirty pages of shared file mappings before they go', () => {
    const session = swapped().given(
      { kind: 'file', file: 1, length: FILE_MIB * MIB },
      ...RUNNING,
      mmap(1, FILE_MIB * MIB, RW | MAP_SHARED, 1),
    );
    expect(touchAll(session, 1, pagesOf(FILE_MIB))).toEqual(new Set(['ok']));
    const stolen = session.counter('pgstealKswapd') + session.counter('pgstealDirect');
    expect(session.counter('fileWritebacks')).toBe(stolen);
    expect(stolen).toBeGreaterThan(pagesOf(RAM_MIB));
    // Dirty also when whoever wrote has gone.
    const gone = swapped().given(
      { kind: 'file', file: 1, length: MIB },
      { kind: 'file', file: 2, length: FILE_MIB * MIB },
      ...RUNNING,
      mmap(1, MIB, RW | MAP_SHARED, 1),
    );
    touchAll(gone, 1, pagesOf(1));
    gone.given(munmap(1, 0, 0));
    run(
      gone,
      Array.from({ length: 2 * pagesOf(FILE_MIB) }, (_, page) => read(2, page % pagesOf(FILE_MIB))),
    );
    expect(gone.counter('fileWritebacks')).toBe(pagesOf(1));
    expect(checkMachine(gone.machine)).toEqual([]);
  });
});

describe('pages in the swap area', () => {
  const LARGER = pagesOf(1.25 * RAM_MIB);
  /** Object 1, 1 MiB, swapped out by filling memory with object 2. */
  const outOfMemory = (flags = RW) => {
    const session = swapped().given(...RUNNING, mmap(1, MIB, flags), mmap(2, LARGER * PAGE));
    touchAll(session, 1, pagesOf(1));
    touchAll(session, 2, LARGER);
    return session;
  };
  const slotsOf = (session: Session): number => session.machine.vars[PAGES_VAR.swapUsed]!;

  test('come back by a fault that costs a read', () => {
    const session = outOfMemory();
    const { fault, latencyNs } = session.do(access(1, 0, 8, READ));
    expect(fault).toBe('swap-in');
    expect(latencyNs).toBeGreaterThan(80_000);
    expect(session.do(access(1, 0, 8, WRITE)).fault).toBe('copy-on-write');
    expect(session.do(access(1, 0, 8, WRITE)).fault).toBe('none');
    expect(session.do(access(1, PAGE, 8, WRITE)).fault).toBe('swap-in');
    expect(session.do(access(1, PAGE, 8, WRITE)).fault).toBe('none');
  });

  test('are given up by munmap and madvise', () => {
    const session = outOfMemory();
    const before = slotsOf(session);
    session.given(madvise(1, 0, PAGE, MADV_DONTNEED));
    expect(slotsOf(session)).toBe(before - 1);
    expect(session.do(access(1, 0, 8, READ)).fault).toBe('zero-page');
    session.given(munmap(1, 0, 0));
    expect(slotsOf(session)).toBe(before - pagesOf(1));
    expect(checkMachine(session.machine)).toEqual([]);
  });

  test('are shared by a child, slot by slot, and read by each', () => {
    const session = outOfMemory().given({ kind: 'fork', pid: 2 }, { kind: 'switch', pid: 2, cpu: 1 });
    const before = slotsOf(session);
    expect(session.do({ ...access(1, 0, 8, WRITE), cpu: 1 }).fault).toBe('swap-in');
    expect(slotsOf(session)).toBeGreaterThanOrEqual(before);
    expect(session.do(access(1, 0, 8, READ)).fault).toBe('swap-in');
    expect(checkMachine(session.machine)).toEqual([]);
  });

  test('of shared memory are known to the page cache', () => {
    const session = outOfMemory(RW | MAP_SHARED);
    expect(session.do(access(1, 0, 8, READ)).fault).toBe('swap-in');
    expect(checkMachine(session.machine)).toEqual([]);
    session.given(munmap(1, 0, 0), munmap(2, 0, 0));
    expect(slotsOf(session)).toBe(0);
  });

  test('a shared copy-on-write page goes from all who map it', () => {
    const session = swapped().given(...RUNNING, mmap(1, MIB), mmap(2, LARGER * PAGE));
    touchAll(session, 1, pagesOf(1));
    session.given({ kind: 'fork', pid: 2 }, { kind: 'switch', pid: 2, cpu: 1 });
    touchAll(session, 2, LARGER);
    expect(checkMachine(session.machine)).toEqual([]);
    for (const cpu of [0, 1]) expect(session.do({ ...access(1, 0, 8, READ), cpu }).fault).toBe('swap-in');
  });

  test('locked pages never are', () => {
    const session = swapped().given(...RUNNING, mmap(1, MIB), mlock(1, 0, MIB), mmap(2, LARGER * PAGE));
    touchAll(session, 2, LARGER);
    for (let page = 0; page < pagesOf(1); page++)
      expect(session.do(access(1, page * PAGE, 8, READ)).fault).toBe('none');
  });
});
