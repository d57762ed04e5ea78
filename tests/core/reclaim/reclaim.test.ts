/** Memory that is too small: what goes, what stays, what comes back, and who is killed. */
import { describe, expect, test } from 'vitest';
import { READ, WRITE } from '../../../core/event/access-mode.ts';
import { batchOf } from '../../../core/event/batch.ts';
import { __GFP_FS, GFP_ATOMIC, GFP_KERNEL } from '../../../core/event/gfp.ts';
import { MADV_DONTNEED, MAP_SHARED } from '../../../core/event/mmap-flags.ts';
import { fold } from '../../../core/fold.ts';
import { checkMachine } from '../../../core/invariants.ts';
import { STATUSES } from '../../../core/outcome.ts';
import { FRAME, USE_ANON, USE_PAGE_CACHE } from '../../../core/phys/frames.ts';
import { SHAPES, VAR } from '../../../core/state/machine.ts';
import {
  access,
  eventOf,
  MIB,
  machineOf,
  madvise,
  mlock,
  mmap,
  munmap,
  PAGE,
  RUNNING,
  RW,
  Session,
  type Step,
  vmalloc,
} from '../../support/rows.ts';

const RAM_MIB = 64;
const boot = (swapMib = 0, layout = 'linux-x86_64') =>
  machineOf(layout, RAM_MIB, { cpus: 2 }, { reclaim: { swapBytes: BigInt(swapMib) << 20n } });
const swapped = (swapMib = 256) => new Session(boot(swapMib));

/** A touch of every page of an object, one batch. */
function touchAll(session: Session, object: number, nrPages: number, mode = WRITE): Set<string> {
  const steps = Array.from({ length: nrPages }, (_, page) => access(object, page * PAGE, 8, mode));
  return run(session, steps);
}

function run(session: Session, steps: readonly Step[]): Set<string> {
  const { machine, outcomes } = fold(session.machine, batchOf(steps.map(eventOf)));
  session.machine = machine;
  return new Set([...outcomes.status.subarray(0, steps.length)].map((status) => STATUSES[status]!.name));
}

const pagesOf = (mib: number): number => (mib * MIB) / PAGE;

describe('a process larger than RAM', () => {
  const nrPages = pagesOf(2 * RAM_MIB);

  test.each(['linux-x86_64', 'linux-3g1g', 'linux-3g1g-pae'])('completes with swap: %s', (layout) => {
    const session = new Session(boot(256, layout)).given(...RUNNING, mmap(1, nrPages * PAGE));
    expect(touchAll(session, 1, nrPages)).toEqual(new Set(['ok']));
    expect(checkMachine(session.machine)).toEqual([]);
    const out = session.counter('pswpout');
    expect(out).toBeGreaterThan(pagesOf(RAM_MIB));
    expect(session.counter('pgstealKswapd') + session.counter('pgstealDirect')).toBe(out);
    // All of it again, from the beginning: whatever is not there comes back, each page as a fault of its own.
    expect(touchAll(session, 1, nrPages, READ)).toEqual(new Set(['ok']));
    expect(session.counter('swapFaults')).toBe(session.counter('pswpin'));
    expect(session.counter('pswpin')).toBeGreaterThan(pagesOf(RAM_MIB));
    expect(checkMachine(session.machine)).toEqual([]);
    session.given({ kind: 'exit' });
    expect(session.machine.vars[VAR.swapUsed]).toBe(0);
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
    expect(session.machine.vars[VAR.oomVictim]).toBe(1);
    expect(session.counter('oomKills')).toBe(1);
    expect(session.counter('pswpout')).toBe(0);
    expect(checkMachine(session.machine)).toEqual([]);
  });

  test('is killed when swap is full as well', () => {
    const session = swapped(16).given(...RUNNING, mmap(1, nrPages * PAGE));
    expect(touchAll(session, 1, nrPages)).toContain('oom-killed');
    expect(session.counter('pswpout')).toBeGreaterThanOrEqual(pagesOf(16) - 1);
    expect(session.machine.vars[VAR.swapUsed]).toBe(0);
    expect(checkMachine(session.machine)).toEqual([]);
  });
});

describe('the OOM killer', () => {
  /** Process 2 has most of memory, process 1 some, and runs. */
  const crowded = () => {
    const session = swapped(0).given(...RUNNING, mmap(1, 4 * MIB));
    touchAll(session, 1, pagesOf(4));
    session.given({ kind: 'spawn', pid: 2 }, { kind: 'switch', pid: 2, cpu: 1 });
    session.given({ ...mmap(2, 32 * MIB), cpu: 1 });
    run(
      session,
      Array.from({ length: pagesOf(32) }, (_, page) => ({ ...access(2, page * PAGE, 8, WRITE), cpu: 1 })),
    );
    return session;
  };

  test('ends the largest process, not the one that asks', () => {
    const session = crowded().given(mmap(3, 64 * MIB));
    const steps = Array.from({ length: pagesOf(24) }, (_, page) => access(3, page * PAGE, 8, WRITE));
    expect(run(session, steps)).toEqual(new Set(['ok']));
    expect(session.machine.vars[VAR.oomVictim]).toBe(2);
    expect(Object.keys(session.machine.records.processes)).toEqual(['1']);
    expect(session.status({ ...access(2, 0, 8), cpu: 1 })).toBe('no-object');
    expect(checkMachine(session.machine)).toEqual([]);
  });

  test('ends nobody for a request that must not wait, or that must not enter the file system', () => {
    for (const gfp of [GFP_ATOMIC, GFP_KERNEL & ~__GFP_FS]) {
      const session = crowded();
      const steps: Step[] = Array.from({ length: pagesOf(64) }, (_, i) => ({
        kind: 'page_alloc',
        object: 100 + i,
        order: 0,
        gfp,
      }));
      expect(run(session, steps)).toContain('out-of-memory');
      expect(session.counter('oomKills')).toBe(0);
    }
  });
});

test('kernel memory is never reclaimed: when it fills RAM, processes go, and then requests fail', () => {
  const session = swapped().given(...RUNNING, mmap(1, 8 * MIB), vmalloc(2, 8 * MIB));
  touchAll(session, 1, pagesOf(8));
  const kernelPages = (): number => {
    let pages = 0;
    session.machine.frames.forEachLeaf((leaf) => {
      for (let at = 0; at < leaf.length; at += SHAPES.frames.stride) {
        const use = leaf[at + FRAME.use]!;
        if (use >= 3 && use <= 10 && use !== USE_ANON && use !== USE_PAGE_CACHE)
          pages += 2 ** leaf[at + FRAME.order]!;
      }
    });
    return pages;
  };
  let object = 100;
  let before = kernelPages();
  while (session.status({ kind: 'page_alloc', object: object++, order: 0, gfp: GFP_KERNEL }) === 'ok') {
    const now = kernelPages();
    // Whatever was reclaimed, it was not the kernel's; a kill takes the process's tables and stack.
    if (session.counter('oomKills') === 0) expect(now).toBeGreaterThan(before);
    before = now;
  }
  expect(session.counter('pswpout')).toBeGreaterThan(pagesOf(8) - 50);
  expect(session.counter('oomKills')).toBe(1);
  expect(session.machine.records.processes).toEqual({});
  expect(checkMachine(session.machine)).toEqual([]);
}, 60_000);

describe('the page cache', () => {
  const FILE_MIB = 128;
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
  /** Object 1, 1 MiB, swapped out by filling memory with object 2. */
  const outOfMemory = (flags = RW) => {
    const session = swapped().given(...RUNNING, mmap(1, MIB, flags), mmap(2, 80 * MIB));
    touchAll(session, 1, pagesOf(1));
    touchAll(session, 2, pagesOf(80));
    return session;
  };
  const slotsOf = (session: Session): number => session.machine.vars[VAR.swapUsed]!;

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
    const session = swapped().given(...RUNNING, mmap(1, MIB), mmap(2, 80 * MIB));
    touchAll(session, 1, pagesOf(1));
    session.given({ kind: 'fork', pid: 2 }, { kind: 'switch', pid: 2, cpu: 1 });
    touchAll(session, 2, pagesOf(80));
    expect(checkMachine(session.machine)).toEqual([]);
    for (const cpu of [0, 1]) expect(session.do({ ...access(1, 0, 8, READ), cpu }).fault).toBe('swap-in');
  });

  test('locked pages never are', () => {
    const session = swapped().given(...RUNNING, mmap(1, MIB), mlock(1, 0, MIB), mmap(2, 80 * MIB));
    touchAll(session, 2, pagesOf(80));
    for (let page = 0; page < pagesOf(1); page++)
      expect(session.do(access(1, page * PAGE, 8, READ)).fault).toBe('none');
  });
});

test('pages in use get a second chance: of two objects the one that is read stays', () => {
  const session = swapped().given(...RUNNING, mmap(1, 4 * MIB), mmap(2, 4 * MIB), mmap(3, 120 * MIB));
  touchAll(session, 1, pagesOf(4));
  touchAll(session, 2, pagesOf(4));
  for (let chunk = 0; chunk < 60; chunk++) {
    const from = chunk * pagesOf(2);
    run(
      session,
      Array.from({ length: pagesOf(2) }, (_, page) => access(3, (from + page) * PAGE, 8, WRITE)),
    );
    touchAll(session, 1, pagesOf(4), READ);
  }
  const present = (object: number): number => {
    const { vmas } = session.machine.records.mms[1]!;
    expect(vmas.some((vma) => vma.object === object)).toBe(true);
    let faults = 0;
    for (let page = 0; page < pagesOf(4); page++)
      if (session.do(access(object, page * PAGE, 8, READ)).fault === 'none') faults++;
    return faults;
  };
  expect(present(1)).toBeGreaterThan(0.9 * pagesOf(4));
  expect(present(2)).toBe(0);
});
