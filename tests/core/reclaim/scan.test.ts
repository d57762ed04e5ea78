/** Rounds over the lists: which pages go first, which change lists, and what a round of so many pages does. */

import { describe, expect, test } from 'vitest';
import { EXECUTE, READ, WRITE } from '../../../core/event/access-mode.ts';
import { MAP_POPULATE, PROT_EXEC, PROT_READ } from '../../../core/event/mmap-flags.ts';
import type { Draft } from '../../../core/machine/draft.ts';
import type { Machine } from '../../../core/machine/machine.ts';
import { COUNTER } from '../../../core/outcome/counters.ts';
import {
  ACTIVE_ANON,
  ACTIVE_FILE,
  activate,
  INACTIVE_ANON,
  INACTIVE_FILE,
  lruList,
} from '../../../core/pages/lru.ts';
import { lruBack, lruSize } from '../../../core/pages/lru-links.ts';
import { PAGES_VAR } from '../../../core/pages/state.ts';
import { endWriteback } from '../../../core/pages/writeback.ts';
import { boostCell } from '../../../core/phys/free-lists.ts';
import { KSWAPD } from '../../../core/reclaim/kswapd-state.ts';
import { KSWAPD_PLUG, Plug, TASK_PLUG } from '../../../core/reclaim/plug.ts';
import { PageReclaimer } from '../../../core/reclaim/reclaimer.ts';
import { beginRound, type ScanControl, shrinkNode, stepRound } from '../../../core/reclaim/scan.ts';
import { atDepth } from '../../support/depth.ts';
import { access, MIB, mmap, PAGE, RUNNING, RW, type Session, type Step } from '../../support/rows.ts';
import {
  entryOf,
  frameOf,
  isAccessed,
  look,
  pagesOf,
  reclaiming,
  scanOf,
  touchAll,
  within,
} from './looks.ts';

/** One round; by default of all pages. */
function round(session: Session, options: Partial<ScanControl> = {}): ScanControl {
  return within(session, (draft) => {
    const sc = scanOf(draft, options);
    shrinkNode(draft, sc);
    return sc;
  });
}

const sizes = ({ vars }: Machine): number[] =>
  [INACTIVE_ANON, ACTIVE_ANON, INACTIVE_FILE, ACTIVE_FILE].map((list) => lruSize({ vars }, list));

/** Object 1 of so many pages, all used, in order. */
const anonymous = (nrPages: number): Session =>
  reclaiming().given(...RUNNING, mmap(1, nrPages * PAGE, RW | MAP_POPULATE));

describe('inactive pages', () => {
  test('go in the order in which they came, the second time that they are looked at', () => {
    const session = anonymous(100);
    const inOrder = Array.from({ length: 100 }, (_, page) => frameOf(session, 1, 1, page));
    expect(lruList(session.machine, INACTIVE_ANON)).toEqual([...inOrder].reverse());
    const first = round(session);
    expect([first.nrScanned, first.nrReclaimed]).toEqual([100, 0]);
    expect(lruList(session.machine, INACTIVE_ANON)).toEqual([...inOrder].reverse());
    // 32 are handed to the disk, and free when they are at the back again, written.
    const second = round(session, { nrToReclaim: 32 });
    expect([second.nrScanned, second.nrReclaimed]).toEqual([64, 32]);
    expect(session.counter('pswpout')).toBe(32);
    expect(lruList(session.machine, INACTIVE_ANON)).toEqual(inOrder.slice(32).reverse());
  });

  test('are counted and paid for by whoever looks', () => {
    const session = anonymous(100);
    round(session);
    expect([session.counter('pgscanDirect'), session.counter('pgstealDirect')]).toEqual([100, 0]);
    round(session, { isKswapd: true, nrToReclaim: 32 });
    expect([session.counter('pgscanKswapd'), session.counter('pgstealKswapd')]).toEqual([64, 32]);
    const { scanPageNs, scanRoundNs, diskSubmitNs, pageFreeNs } = session.machine.platform.costs;
    const spent = within(session, (draft) => {
      shrinkNode(draft, scanOf(draft, { nrToReclaim: 32 }));
      return draft.extraNs;
    });
    expect(spent).toBe(scanRoundNs + 32 * (2 * scanPageNs + diskSubmitNs + pageFreeNs));
  });

  test('of which writing was needed make their kind dearer; what is older counts half', () => {
    const session = anonymous(1000);
    round(session);
    expect([session.machine.vars[PAGES_VAR.anonCost], session.machine.vars[PAGES_VAR.fileCost]]).toEqual([
      0, 0,
    ]);
    const costs = Array.from({ length: 7 }, () => {
      round(session, { nrToReclaim: 32 });
      return session.machine.vars[PAGES_VAR.anonCost];
    });
    // After the seventh, 224 are more than a quarter of the 776 pages that are left.
    expect(costs).toEqual([32, 64, 96, 128, 160, 192, 112]);
    expect(session.machine.vars[PAGES_VAR.fileCost]).toBe(0);
  });
});

describe('a batch', () => {
  test('is off the back of the list while it is looked at, and others may have the cpu before each page', () => {
    const session = anonymous(100);
    const inOrder = Array.from({ length: 100 }, (_, page) => frameOf(session, 1, 1, page));
    within(session, (draft) => {
      const backs: number[] = [];
      shrinkNode(draft, scanOf(draft, { giveWay: () => backs.push(lruBack(draft, INACTIVE_ANON)) }));
      const first = backs.slice(0, 32);
      expect(new Set(first)).toEqual(new Set([inOrder[32]]));
    });
    expect(session.counter('pgscanDirect')).toBe(100);
  });

  test('is broken off by whose turn is over, and goes on where it was', () => {
    const session = anonymous(100);
    within(session, (draft) => {
      const sc = scanOf(draft, {
        plug: new Plug(draft, KSWAPD_PLUG, () => 0),
        isTurnOver: () => sc.nrScanned < 32,
      });
      const round = beginRound(draft, sc);
      stepRound(draft, sc, round);
      // At least one page at a time.
      expect(sc.nrScanned).toBe(1);
      const before = round.left[INACTIVE_ANON];
      for (let page = 2; page <= 32; page++) {
        stepRound(draft, sc, round);
        expect([sc.nrScanned, round.left[INACTIVE_ANON]]).toEqual([page, before]);
      }
      stepRound(draft, sc, round);
      expect([sc.nrScanned, round.left[INACTIVE_ANON]]).toEqual([64, before! - 32]);
    });
  });
});

describe('active pages', () => {
  /** Pages of object 1, all active. */
  const active = (nrPages: number) => {
    const session = anonymous(nrPages);
    within(session, (draft) => {
      for (let page = 0; page < nrPages; page++) activate(draft, frameOf(session, 1, 1, page), 0);
    });
    return session;
  };

  test('become inactive, used or not, 32 in a round that finds no other work', () => {
    const session = active(200);
    expect(sizes(session.machine)).toEqual([0, 200, 0, 0]);
    const { nrReclaimed } = round(session, { priority: 1 });
    expect(sizes(session.machine)).toEqual([32, 168, 0, 0]);
    expect(nrReclaimed).toBe(0);
    expect(session.counter('pgdeactivate')).toBe(32);
    // They have lost the accessed bit on the way: the next look takes those that are not used again.
    expect(isAccessed(entryOf(session.machine, 1, 1, 0))).toBe(false);
    expect(isAccessed(entryOf(session.machine, 1, 1, 32))).toBe(true);
    expect(look(session, frameOf(session, 1, 1, 0))).toBe('queued');
  });

  test('become inactive until as many are, while the inactive ones are looked at', () => {
    const session = anonymous(200);
    within(session, (draft) => {
      for (let page = 0; page < 150; page++) activate(draft, frameOf(session, 1, 1, page), 0);
    });
    round(session, { nrToReclaim: 1 });
    // 32 for the round, which leaves 82 of 118, and 32 more for the age of the list.
    expect(sizes(session.machine)).toEqual([114, 86, 0, 0]);
  });

  test('stay while enough are inactive', () => {
    const session = anonymous(200);
    within(session, (draft) => {
      for (let page = 0; page < 90; page++) activate(draft, frameOf(session, 1, 1, page), 0);
    });
    round(session, { priority: 2 });
    expect(sizes(session.machine)).toEqual([110, 90, 0, 0]);
  });

  test('code in use stays active', () => {
    const code: Step = { kind: 'file', file: 1, length: MIB };
    const session = reclaiming().given(code, ...RUNNING, mmap(1, MIB, PROT_READ | PROT_EXEC, 1));
    session.given(access(1, 0, 8, EXECUTE), access(1, PAGE, 8, EXECUTE));
    const [used, unused] = [0, 1].map((page) => frameOf(session, 1, 1, page));
    // The first look makes both active, and clears the bit; one of them is used again.
    for (const pfn of [used!, unused!]) look(session, pfn);
    session.machine = { ...session.machine, tlbs: [] };
    session.given(access(1, 0, 8, EXECUTE));
    round(session);
    expect(lruList(session.machine, ACTIVE_FILE)).toEqual([used]);
    expect(lruList(session.machine, INACTIVE_FILE)).toEqual([unused]);
    expect(isAccessed(entryOf(session.machine, 1, 1, 0))).toBe(false);
  });
});

describe('the second chance, all together', () => {
  const HOT_MIB = 4;
  const CHUNKS = atDepth({ quick: 10, full: 20 });

  /** Object 1, and another one that streams through memory; between chunks of it object 1 is read, or not. */
  function stream(isRead: boolean): Session {
    const session = reclaiming(256).given(...RUNNING, mmap(1, HOT_MIB * MIB), mmap(2, 8 * CHUNKS * MIB));
    touchAll(session, 1, pagesOf(HOT_MIB));
    for (let chunk = 0; chunk < CHUNKS; chunk++) {
      touchAll(session, 2, pagesOf(8), WRITE, chunk * pagesOf(8));
      if (isRead) touchAll(session, 1, pagesOf(HOT_MIB), READ);
    }
    return session;
  }

  test('pages in use stay, nearly all, while others stream by; unused ones are gone', () => {
    const unused = stream(false);
    expect(unused.counter('swapFaults')).toBe(0);
    touchAll(unused, 1, pagesOf(HOT_MIB), READ);
    expect(unused.counter('swapFaults')).toBe(pagesOf(HOT_MIB));
    // As many again for each chunk without the accessed bit. Some go before they have been seen in use twice.
    expect(stream(true).counter('swapFaults')).toBeLessThan(2 * pagesOf(HOT_MIB));
  });
});

describe('who writes and finds no memory for a struct bio', () => {
  /** So many pages of which none was used since it was looked at. */
  function idle(nrPages: number): Session {
    const session = anonymous(nrPages);
    round(session);
    return session;
  }

  /** All marks are boosted above what there is, or none is. */
  function writing(draft: Draft, isShort: boolean, control: Partial<ScanControl>) {
    // Without somebody who reclaims boosts are forgotten.
    draft.reclaimer = new PageReclaimer();
    for (const { index } of draft.platform.zones) draft.freeLists[boostCell(index)] = isShort ? 1e6 : 0;
    const now = { ns: 1 };
    const nowNs = (): number => now.ns;
    return { now, sc: scanOf(draft, { plug: new Plug(draft, TASK_PLUG, nowNs), nowNs, ...control }) };
  }

  test.each([
    { isShort: true, sleepsAfter: [16, 32, 48, 64, 80] },
    { isShort: false, sleepsAfter: [] },
  ])(
    'sleeps after $sleepsAfter pages until the disk is done, as memory is short: $isShort',
    ({ isShort, sleepsAfter }) => {
      const session = idle(100);
      within(session, (draft) => {
        const slept: number[] = [];
        const { sc, now } = writing(draft, isShort, {
          sleepUntil: (ns) => {
            slept.push(draft.counters[COUNTER.pswpout]!);
            expect(ns).toBeGreaterThan(now.ns);
            now.ns = ns;
          },
        });
        shrinkNode(draft, sc);
        expect(slept).toEqual(sleepsAfter);
      });
      // What was written meanwhile, and not looked at, is free by then.
      expect(session.counter('pswpout') + session.counter('pgstealDirect')).toBe(100);
    },
  );

  test('has as many as fit into the slabs that it got while there was some', () => {
    within(idle(100), (draft) => {
      const slept: number[] = [];
      const { sc, now } = writing(draft, false, {});
      shrinkNode(draft, sc);
      expect(draft.kswapd[KSWAPD.bioSlabs]).toBe(6);
      draft.kswapd[KSWAPD.bioSlabs] = 2;
      endWriteback(draft, Number.POSITIVE_INFINITY);
      const again = writing(draft, true, {});
      for (let entry = 0; entry < 47; entry++) again.sc.plug!.add(lruBack(draft, INACTIVE_ANON));
      expect([again.sc.plug!.allocBio(), slept]).toEqual([true, []]);
      again.sc.plug!.add(lruBack(draft, INACTIVE_ANON));
      expect([again.sc.plug!.allocBio(), now.ns]).toEqual([false, 1]);
    });
  });

  test('as kswapd leaves its batch for that long, and goes on with the same page', () => {
    const session = idle(100);
    within(session, (draft) => {
      const { sc, now } = writing(draft, true, { isKswapd: true });
      const round = beginRound(draft, sc);
      stepRound(draft, sc, round);
      expect([draft.counters[COUNTER.pswpout], sc.plug!.isBatchBroken]).toEqual([16, true]);
      expect(sc.sleepsUntilNs).toBeGreaterThan(now.ns);
      // Woken too early it sleeps again.
      stepRound(draft, sc, round);
      expect([draft.counters[COUNTER.pswpout], sc.plug!.isBatchBroken]).toEqual([16, true]);
      now.ns = sc.sleepsUntilNs!;
      stepRound(draft, sc, round);
      expect([draft.counters[COUNTER.pswpout], sc.plug!.isBatchBroken]).toEqual([32, false]);
    });
  });
});
