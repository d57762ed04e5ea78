/** Who makes room, when, and how much: kswapd between its marks, direct reclaim below them (mm/vmscan.c, v6.1). */

import { describe, expect, test } from 'vitest';
import {
  __GFP_DIRECT_RECLAIM,
  __GFP_IO,
  __GFP_KSWAPD_RECLAIM,
  __GFP_NORETRY,
  __GFP_RETRY_MAYFAIL,
  GFP_ATOMIC,
  GFP_KERNEL,
} from '../../../core/event/gfp.ts';
import { MAP_POPULATE } from '../../../core/event/mmap-flags.ts';
import type { Machine } from '../../../core/machine/machine.ts';
import { FRAME, USE_PAGE_CACHE } from '../../../core/phys/frames.ts';
import { boostCell, freePagesOf } from '../../../core/phys/free-lists.ts';
import { zoneOfPfn } from '../../../core/phys/page-alloc.ts';
import { pcpCount } from '../../../core/phys/pcp-lists.ts';
import type { Zone } from '../../../core/phys/zones.ts';
import { KSWAPD } from '../../../core/reclaim/kswapd-state.ts';
import { PageReclaimer } from '../../../core/reclaim/reclaimer.ts';
import { RECLAIM_VAR } from '../../../core/reclaim/state.ts';

import {
  MIB,
  machineOf,
  mlock,
  mmap,
  PAGE,
  pages,
  RUNNING,
  RW,
  Session,
  type Step,
} from '../../support/rows.ts';
import { reclaiming, run, within } from './looks.ts';

const FILE_MIB = 256;
const FILE: Step = { kind: 'file', file: 1, length: FILE_MIB * MIB };
const readPage = (page: number): Step => ({ kind: 'file_read', file: 1, offset: page * PAGE, length: PAGE });

const highestZone = ({ machine }: Session): Zone => machine.platform.zones.at(-1)!;
const freeOf = ({ machine }: Session, { index }: Zone): number => freePagesOf(machine, index);

/**
 * A machine whose page cache has grown until kswapd is about to be woken, with so much RAM that the marks are further apart
 * than what a cpu's lists hold; the next page to read.
 */
function nearLowMark(): { session: Session; next: number } {
  near ??= readUpToLowMark();
  return { session: new Session(near.machine), next: near.next };
}
let near: ReturnType<typeof readUpToLowMark> | undefined;

function readUpToLowMark(): { machine: Machine; next: number } {
  const mib = 512;
  const session = reclaiming(64, 'linux-x86_64', mib).given({ ...FILE, length: 2 * mib * MIB } as Step);
  const zone = highestZone(session);
  const next = freeOf(session, zone) - zone.low - 300;
  session.given({ kind: 'file_read', file: 1, offset: 0, length: next * PAGE });
  expect(session.counter('kswapdRuns')).toBe(0);
  return { machine: session.machine, next };
}

/** Allocates pages, one by one, until it fails or `isDone`. */
function take(session: Session, gfp: number, isDone?: () => boolean, first = 1000): number {
  return session.repeat((i) => pages(first + i, 0, gfp), isDone);
}

describe('kswapd', () => {
  test('sleeps above the low mark, and then makes room up to the high mark', () => {
    // So much RAM that the marks are further apart than what a cpu's lists hold.
    const { session, next } = nearLowMark();
    const zone = highestZone(session);
    const lowest = { before: Number.POSITIVE_INFINITY };
    // Before, it has worked off what boosted the mark of the zone below, which is used up by then.
    for (let page = next; session.machine.kswapd[KSWAPD.highestZone] !== zone.index; page++) {
      lowest.before = Math.min(lowest.before, freeOf(session, zone));
      session.given(readPage(page));
    }
    // A refill of the cpu's list takes a batch at a time.
    expect(lowest.before).toBeGreaterThan(zone.low - zone.pcpBatch);
    expect(lowest.before).toBeLessThanOrEqual(zone.low + zone.pcpBatch);
    // One zone is enough.
    const isAbove = session.machine.platform.zones.map(
      (one) => freeOf(session, one) > one.high + one.lowmemReserve[zone.index]!,
    );
    expect(isAbove).toContain(true);
    expect(session.counter('pgstealKswapd')).toBeGreaterThan(0);
    expect(session.counter('directReclaims')).toBe(0);
  });

  test('lets the event that woke it go on: its time is no cpu’s', () => {
    const { session, next } = nearLowMark();
    const usual = session.do(readPage(next)).latencyNs;
    let page = next + 1;
    let latencyNs = 0;
    while (session.counter('kswapdRuns') === 0) ({ latencyNs } = session.do(readPage(page++)));
    expect(latencyNs).toBe(usual);
    expect(session.counter('kswapdNs')).toBeGreaterThan(0);
  });

  test('looks at a page for some time, and writes what is dirty', () => {
    const { session, next } = nearLowMark();
    session.repeat(
      (i) => readPage(next + i),
      () => session.counter('pgscanKswapd') > 0,
    );
    const { scanPageNs, diskSubmitNs } = session.machine.platform.costs;
    expect(session.counter('kswapdNs')).toBeGreaterThan(scanPageNs * session.counter('pgstealKswapd'));
    const dirty = reclaiming().given(...RUNNING, mmap(1, 44 * MIB, RW | MAP_POPULATE));
    take(dirty, GFP_KERNEL, () => dirty.counter('pswpout') > 0);
    expect(dirty.counter('kswapdNs')).toBeGreaterThan(diskSubmitNs * dirty.counter('pswpout'));
  });

  test('is not woken by a request that says so', () => {
    const session = reclaiming().given(FILE, { kind: 'file_read', file: 1, offset: 0, length: 30 * MIB });
    const woken = session.counter('kswapdRuns');
    take(session, 0);
    expect(session.counter('kswapdRuns')).toBe(woken);
    take(session, __GFP_KSWAPD_RECLAIM, () => session.counter('kswapdRuns') > woken, 50_000);
    expect(session.counter('kswapdRuns')).toBe(woken + 1);
  });

  test('gives up after 16 runs that freed nothing, until somebody frees something', () => {
    const session = reclaiming(0).given(...RUNNING);
    take(session, GFP_ATOMIC);
    // It goes on, beside the others, until then.
    for (let i = 0; i < 3; i++) session.status({ ...pages(1, 0, GFP_ATOMIC), thinkNs: 1_000_000_000 });
    expect(session.machine.vars[RECLAIM_VAR.kswapdFailures]).toBe(16);
    const runs = session.counter('kswapdRuns');
    session.status(pages(1, 0, GFP_ATOMIC));
    expect(session.counter('kswapdRuns')).toBe(runs);
    // Room for some page cache, and direct reclaim that gets it back.
    session.given(FILE);
    session.given(...Array.from({ length: 400 }, (_, i): Step => ({ kind: 'page_free', object: 1000 + i })));
    session.status({ kind: 'file_read', file: 1, offset: 0, length: 600 * PAGE });
    expect(session.counter('pgstealDirect')).toBeGreaterThan(0);
    expect(session.machine.vars[RECLAIM_VAR.kswapdFailures]).toBe(0);
  });
});

test('kswapd begins, when it has the cpu, for all zones that it was woken for up to then', () => {
  const session = reclaiming().given(...RUNNING, mmap(1, 8 * MIB, RW | MAP_POPULATE));
  const asked = session.machine.platform.zones.length - 1;
  const begun: number[] = [];
  within(session, (draft) => {
    draft.freeLists[boostCell(0)] = 512;
    const reclaimer = new PageReclaimer({ kswapd: (_, highestZone) => begun.push(highestZone) });
    reclaimer.wakeKswapd(draft, 0);
    reclaimer.wakeKswapd(draft, asked);
    expect(begun).toEqual([]);
    draft.spend(1_000_000);
    reclaimer.settle(draft, 0);
  });
  expect(begun[0]).toBe(asked);
  expect(session.counter('kswapdRuns')).toBe(begun.length);
});

test('while kswapd sleeps for the disk nobody gives it the cpu', () => {
  const session = new Session(machineOf('linux-x86_64', 64, { cpus: 1 }, { reclaim: {} }));
  session.given(...RUNNING, mmap(1, 8 * MIB, RW | MAP_POPULATE));
  const runsAt = (ns: number): number =>
    within(session, (draft) => {
      draft.freeLists[boostCell(0)] = 512;
      const reclaimer = new PageReclaimer();
      reclaimer.wakeKswapd(draft, 0);
      draft.kswapd[KSWAPD.preempts] = 1;
      draft.kswapd[KSWAPD.sleepsUntilNs] = 1e9;
      draft.spend(ns);
      reclaimer.settle(draft, 0);
      return draft.kswapd[KSWAPD.isStarting]!;
    });
  expect([1, 2e9].map(runsAt)).toEqual([1, 0]);
});

test('who may not sleep gives the cpu to nobody when it is done', () => {
  const beginsAfter = (gfp: number): number => {
    const session = reclaiming().given(...RUNNING, mmap(1, 8 * MIB, RW | MAP_POPULATE));
    session.given({ kind: 'kmem_cache_create', cache: 1, size: 40, align: 8, slabFlags: 0 });
    within(session, (draft) => {
      draft.freeLists[boostCell(0)] = 512;
      new PageReclaimer().wakeKswapd(draft, 0);
      draft.kswapd[KSWAPD.preempts] = 1;
    });
    session.given({ kind: 'kmem_cache_alloc', object: 900, cache: 1, gfp });
    return session.counter('kswapdRuns');
  };
  expect([GFP_ATOMIC, GFP_KERNEL].map(beginsAfter)).toEqual([0, 1]);
});

describe('a boosted mark', () => {
  /** Boosts the lowest zone by a pageblock, as a request would that had to mix types there. */
  const boosted = (session: Session, pages = 512): number => {
    const zone = session.machine.platform.zones[0]!;
    within(session, (draft) => {
      draft.freeLists[boostCell(zone.index)] = pages;
      new PageReclaimer().wakeKswapd(draft, zone.index);
    });
    return zone.index;
  };
  const boostOf = ({ machine }: Session, zone: number): number => machine.freeLists[boostCell(zone)]!;
  const wait = (object: number): Step => ({ ...pages(object, 0), thinkNs: 10_000_000 });

  test('wakes kswapd though the zone is balanced, and is worked off without swapping', () => {
    const session = reclaiming().given(...RUNNING, mmap(1, 8 * MIB, RW | MAP_POPULATE));
    const zone = boosted(session);
    expect(session.machine.kswapd[KSWAPD.isAwake]).toBe(1);
    session.given(wait(9000), wait(9001));
    expect(session.counter('kswapdRuns')).toBe(1);
    expect(boostOf(session, zone)).toBe(0);
    expect([session.counter('pswpout'), session.counter('pgscanKswapd')]).toEqual([0, 0]);
    expect(session.machine.vars[RECLAIM_VAR.kswapdFailures]).toBe(1);
  });

  test('counts when the zone is to be balanced: a request may not go below it', () => {
    const session = reclaiming(64, 'linux-x86_64', 32).given(...RUNNING);
    const zone = session.machine.platform.zones[0]!;
    const lowest = (): number => {
      const copy = new Session(session.machine);
      take(copy, 0);
      return freeOf(copy, zone);
    };
    const usual = lowest();
    within(session, (draft) => {
      draft.freeLists[boostCell(zone.index)] = 512;
    });
    expect(lowest() - usual).toBeGreaterThan(300);
  });
});

describe('direct reclaim', () => {
  /** Page cache in most of RAM; then one event takes more than is left. */
  const full = () => reclaiming().given(FILE, { kind: 'file_read', file: 1, offset: 0, length: 45 * MIB });

  test('is done by who may wait, in the middle of what it does, and costs it time', () => {
    const session = full();
    session.given({ kind: 'vmalloc', object: 1, size: 20 * MIB });
    expect(session.counter('directReclaims')).toBeGreaterThan(0);
    expect(session.counter('pgstealDirect')).toBeGreaterThanOrEqual(32 * session.counter('directReclaims'));
    expect(session.counter('pgscanDirect')).toBeGreaterThanOrEqual(session.counter('pgstealDirect'));
  });

  test('goes on to the last page: at priority 0 lists are looked at whole', () => {
    const session = reclaiming().given(FILE, readPage(0));
    const { index } = highestZone(session);
    const freed = (): number =>
      within(session, (draft) => new PageReclaimer().reclaim(draft, index, GFP_KERNEL));
    expect([freed(), freed()]).toEqual([1, 0]);
  });

  test.each([
    { what: 'that gives up early', gfp: GFP_KERNEL | __GFP_NORETRY, order: 0, rounds: 2 },
    { what: 'that tries hard', gfp: GFP_KERNEL | __GFP_RETRY_MAYFAIL, order: 0, rounds: 34 },
    { what: 'for more than 8 pages', gfp: GFP_KERNEL, order: 4, rounds: 2 },
    { what: 'for more that tries hard', gfp: GFP_KERNEL | __GFP_RETRY_MAYFAIL, order: 4, rounds: 34 },
  ])('fails for a request $what after $rounds rounds without success', ({ gfp, order, rounds }) => {
    // Locked pages are on the lists, but none of them goes; the rest is the kernel's. Once they are active, each round has a
    // second one that makes them inactive again, and counts like the first (allocstall).
    const session = reclaiming().given(...RUNNING, mmap(1, 8 * PAGE), mlock(1, 0, 8 * PAGE));
    take(session, GFP_ATOMIC);
    expect(session.counter('directReclaims')).toBe(0);
    expect(session.status(pages(999, order, gfp))).toBe('out-of-memory');
    expect(session.counter('directReclaims')).toBe(rounds);
  });

  test('leaves per-cpu lists alone as long as nothing comes free', () => {
    const session = reclaiming().given(...RUNNING, mmap(1, 8 * PAGE), mlock(1, 0, 8 * PAGE));
    const taken = take(session, GFP_ATOMIC);
    // One page is on the list, and only the buddy allocator could make two of it.
    session.given({ kind: 'page_free', object: 1000 + taken - 1 });
    const listed = (): number =>
      session.machine.platform.zones.reduce((sum, { index }) => sum + pcpCount(session.machine, 0, index), 0);
    const before = listed();
    expect(before).toBeGreaterThan(0);
    expect(session.status(pages(999, 1, GFP_KERNEL | __GFP_NORETRY))).toBe('out-of-memory');
    expect(listed()).toBe(before);
  });

  test('frees 32 pages at a time', () => {
    const session = full();
    session.given({ kind: 'vmalloc', object: 1, size: 20 * MIB });
    const times = session.counter('directReclaims');
    expect(session.counter('pgstealDirect')).toBeLessThan(2 * 32 * times);
  });

  test.each([
    { what: 'atomic', gfp: GFP_ATOMIC },
    { what: 'not to wait', gfp: __GFP_KSWAPD_RECLAIM },
  ])('is not for a request that is $what: it fails, and kswapd makes room behind it', ({ gfp }) => {
    const session = full();
    const before = session.counter('directReclaims');
    let object = 1000;
    while (session.status(pages(object, 10, gfp)) === 'ok') object++;
    expect(session.counter('kswapdRuns')).toBeGreaterThan(0);
    expect(session.counter('directReclaims')).toBe(before);
    expect(session.status(pages(object, 0, gfp))).toBe('ok');
  });

  test('swaps nothing for a request that must do no I/O', () => {
    const session = reclaiming().given(...RUNNING, mmap(1, 40 * MIB, RW | MAP_POPULATE));
    take(session, __GFP_DIRECT_RECLAIM);
    expect(session.counter('directReclaims')).toBeGreaterThan(0);
    expect(session.counter('pswpout')).toBe(0);
    expect(session.counter('oomKills')).toBe(0);
    session.given(pages(999, 0, __GFP_DIRECT_RECLAIM | __GFP_IO));
    expect(session.counter('pswpout')).toBeGreaterThan(0);
  });
});

test('a request for low memory takes no page from high memory', () => {
  const session = new Session(
    machineOf('3g1g', 128, { cpus: 1, highmemBytes: 64n << 20n }, { reclaim: { swapBytes: 64n << 20n } }),
  ).given(FILE);
  session.given({ kind: 'file_read', file: 1, offset: 0, length: 120 * MIB });
  const { zones } = session.machine.platform;
  const cached = (): Record<string, number> => {
    const found: Record<string, number> = { DMA: 0, Normal: 0, HighMem: 0 };
    const { frames } = session.machine;
    const last = zones.at(-1)!;
    for (let pfn = 0; pfn < last.startPfn + last.spannedPages; pfn++)
      if (frames.get(pfn, FRAME.use) === USE_PAGE_CACHE) found[zoneOfPfn(zones, pfn).name]!++;
    return found;
  };
  const before = cached();
  expect(before.HighMem).toBeGreaterThan(1000);
  expect(before.Normal).toBeGreaterThan(1000);
  let object = 1000;
  const steps = Array.from({ length: 3000 }, () => pages(object++, 0));
  expect(run(session, steps)).toEqual(new Set(['ok']));
  expect(cached().Normal).toBeLessThan(before.Normal! - 500);
  expect(cached().HighMem).toBe(before.HighMem);
});
