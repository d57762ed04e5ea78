/** kswapd: when it is woken, how much room it makes, and whose time that is (mm/vmscan.c, v6.1). */
import { describe, expect, test } from 'vitest';
import { __GFP_KSWAPD_RECLAIM, GFP_ATOMIC, GFP_KERNEL } from '../../../core/event/gfp.ts';
import { MAP_POPULATE } from '../../../core/event/mmap-flags.ts';
import type { Machine } from '../../../core/machine/machine.ts';
import { COUNTER } from '../../../core/outcome/counters.ts';
import { boostCell, freePagesOf } from '../../../core/phys/free-lists.ts';
import type { Zone } from '../../../core/phys/zones.ts';
import { KSWAPD } from '../../../core/reclaim/kswapd-state.ts';
import { KswapdThread } from '../../../core/reclaim/kswapd-thread.ts';
import { PageReclaimer } from '../../../core/reclaim/reclaimer.ts';
import { RECLAIM_VAR } from '../../../core/reclaim/state.ts';
import { wallNs } from '../../../core/state/cpus.ts';
import { MIB, machineOf, mmap, PAGE, pages, RUNNING, RW, Session, type Step } from '../../support/rows.ts';
import { FILE, highestZone, readPage, take } from './filling.ts';
import { reclaiming, within } from './looks.ts';

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

test('a task that sleeps wakes when it wanted to, whatever kswapd did on their cpu meanwhile', () => {
  const session = new Session(machineOf('linux-x86_64', 64, { cpus: 1 }, { reclaim: {} }));
  session.given(...RUNNING, mmap(1, 8 * MIB, RW | MAP_POPULATE));
  const asked = session.machine.platform.zones.length - 1;
  within(session, (draft) => {
    const thread = new KswapdThread({ watch: undefined, shrinkers: [] });
    draft.freeLists[boostCell(0)] = 512;
    thread.wake(draft, asked);
    const [wakesNs, usedNs] = [wallNs(draft) + 1e9, draft.counters[COUNTER.kswapdNs]!];
    thread.runWhileTaskSleeps(draft, wakesNs);
    expect(draft.counters[COUNTER.kswapdNs]!).toBeGreaterThan(usedNs);
    expect(wallNs(draft)).toBe(wakesNs);
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
