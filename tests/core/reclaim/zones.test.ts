/**
 * Reclaim for a low zone where the lists hold pages of higher ones: those are not counted, passed over, and cost nothing
 * (isolate_lru_folios, lruvec_lru_size, zone_reclaimable_pages of mm/vmscan.c, v6.1; sc->reclaim_idx).
 */

import { describe, expect, test } from 'vitest';
import { checkMachine } from '../../../core/check/invariants.ts';
import { READ, WRITE } from '../../../core/event/access-mode.ts';
import { GFP_DMA, GFP_KERNEL } from '../../../core/event/gfp.ts';
import { MAP_POPULATE } from '../../../core/event/mmap-flags.ts';
import type { Draft } from '../../../core/machine/draft.ts';
import { addToLru, INACTIVE_ANON, lruList } from '../../../core/pages/lru.ts';
import { lruSizeOfZone } from '../../../core/pages/lru-links.ts';
import { USE_ANON } from '../../../core/phys/frames.ts';
import { allocPages, zoneOfPfn } from '../../../core/phys/page-alloc.ts';
import { PageReclaimer } from '../../../core/reclaim/reclaimer.ts';
import { type ScanControl, shrinkNode } from '../../../core/reclaim/scan.ts';
import { RECLAIM_VAR } from '../../../core/reclaim/state.ts';

import {
  HIGH,
  kmalloc,
  MIB,
  machineOf,
  mmap,
  PAGE,
  pages,
  RUNNING,
  RW,
  Session,
} from '../../support/rows.ts';
import { pagesOf, reclaiming, scanOf, touchAll, within } from './looks.ts';

const [DMA, NORMAL, HIGHMEM] = [0, 1, 2] as const;

/** 128 MiB of RAM, half of them high; swappiness 200: nothing goes but anonymous pages. */
const withHighMemory = (): Session =>
  new Session(
    machineOf(
      '3g1g',
      128,
      { cpus: 1, highmemBytes: 64n << 20n },
      { reclaim: { swapBytes: 64n << 20n, swappiness: 200 } },
    ),
  );

function control(draft: Draft, options: Partial<ScanControl>): ScanControl {
  return scanOf(draft, { isKswapd: true, highestZone: NORMAL, ...options });
}

/** Counts the cells of the LRU lists that are written and read meanwhile. */
function countingWork(draft: Draft, work: () => void): number {
  const { lru } = draft;
  const { get, set } = lru;
  let cells = 0;
  lru.get = (row, field) => {
    cells++;
    return get.call(lru, row, field);
  };
  lru.set = (row, field, value) => {
    cells++;
    set.call(lru, row, field, value);
  };
  work();
  Object.assign(lru, { get, set });
  return cells;
}

/** A page that nobody maps, and yet in use. */
function hold(draft: Draft, gfp: number): number {
  const pfn = allocPages(draft, 0, gfp, USE_ANON, 0);
  addToLru(draft, pfn, false, 1, 0);
  return pfn;
}

describe('low memory is short, and all that could go is in high memory', () => {
  test('kswapd looks at no page, gives up after 16 runs, and processes are killed', () => {
    const session = new Session(
      machineOf('linux-3g1g-pae', 1280, { cpus: 1 }, { reclaim: { swapBytes: 256n << 20n } }),
    ).given(...RUNNING, mmap(1, 320 * MIB, RW | MAP_POPULATE));
    expect(lruSizeOfZone(session.machine, INACTIVE_ANON, HIGHMEM)).toBe(pagesOf(320));
    const blocks = session.repeat((i) => pages(1000 + i, 9));
    session.repeat((i) => kmalloc(1000 + blocks + i, PAGE));
    expect(session.counter('oomKills')).toBe(1);
    expect(session.machine.vars[RECLAIM_VAR.kswapdFailures]).toBe(16);
    // As in the captured machine: pgscan_kswapd stays 0, and pgscan_anon, although the swap area is empty.
    expect(session.counter('pgscanKswapd') + session.counter('pgscanDirect')).toBe(0);
    expect(session.counter('pswpout')).toBe(0);
    expect(session.counter('directReclaims')).toBeGreaterThan(0);
  });

  test('a request is not tried again for pages that do not help it', () => {
    const session = withHighMemory().given(...RUNNING, mmap(1, 16 * MIB, RW | MAP_POPULATE));
    // Without swap nothing of it can go: then free pages count twice, and DMA and Normal have enough of them.
    const mayRetry = (zone: number): boolean =>
      within(session, (draft) => new PageReclaimer().mayRetry(draft, zone, 0, GFP_KERNEL));
    expect([DMA, NORMAL, HIGHMEM].map(mayRetry)).toEqual([true, true, true]);
  });
});

describe('pages of higher zones', () => {
  /** New pages, one after the other, of the zones that `pattern` says. Somebody holds them: none of them can go. */
  const listed = (session: Session, pattern: string): number[] =>
    within(session, (draft) => [...pattern].map((zone) => hold(draft, zone === 'H' ? HIGH : GFP_KERNEL)));

  /** The list from its back to its front, in letters. */
  function patternOf({ machine }: Session): string {
    const { zones } = machine.platform;
    const letter = (pfn: number): string => (zoneOfPfn(zones, pfn).index === HIGHMEM ? 'H' : 'N');
    return lruList(machine, INACTIVE_ANON).reverse().map(letter).join('');
  }

  const lookAtPages = (session: Session, priority: number): ScanControl =>
    within(session, (draft) => {
      const sc = control(draft, { priority });
      shrinkNode(draft, sc);
      return sc;
    });

  test.each([
    // All that is passed over counts as scanned, and goes to the front, in its order; before it come the pages that were looked at.
    { before: 'HHHHNNNN', priority: 1, after: 'NNHHHHNN', scanned: 6 },
    { before: 'NNNNHHHH', priority: 1, after: 'NNHHHHNN', scanned: 2 },
    { before: 'HNHNHNHN', priority: 1, after: 'HNHNHHNN', scanned: 4 },
    { before: 'HNHNHNHN', priority: 0, after: 'HHHHNNNN', scanned: 8 },
    { before: 'NNNN', priority: 1, after: 'NNNN', scanned: 2 },
    { before: 'HHHH', priority: 0, after: 'HHHH', scanned: 0 },
    // 1 >> 1: no page is to be looked at, so none is passed over.
    { before: 'HHHN', priority: 1, after: 'HHHN', scanned: 0 },
    { before: 'HHHN', priority: 0, after: 'HHHN', scanned: 4 },
  ])('$before becomes $after, $scanned pages scanned', ({ before, priority, after, scanned }) => {
    const session = withHighMemory();
    listed(session, before);
    expect(lookAtPages(session, priority).nrScanned).toBe(scanned);
    expect(patternOf(session)).toBe(after);
    expect(session.counter('pgscanKswapd')).toBe(scanned);
    const faults = checkMachine(session.machine);
    expect(faults.filter((fault) => /LRU list .* counted|run/.test(fault))).toEqual([]);
  });

  test('keep their order', () => {
    const session = withHighMemory();
    const pattern = 'HHNHHNNHN';
    const inOrder = listed(session, pattern);
    lookAtPages(session, 0);
    const of = (zone: string): number[] => inOrder.filter((_, i) => pattern[i] === zone);
    expect(lruList(session.machine, INACTIVE_ANON).reverse()).toEqual([...of('H'), ...of('N')]);
  });

  test('cost a look and some time each, and are moved by runs', () => {
    const workFor = (high: number, rounds: number): number => {
      const session = withHighMemory();
      listed(session, `${'H'.repeat(high)}${'N'.repeat(40)}`);
      return within(session, (draft) =>
        countingWork(draft, () => {
          for (let round = 0; round < rounds; round++) shrinkNode(draft, control(draft, {}));
        }),
      );
    };
    expect(workFor(4000, 1) - workFor(100, 1)).toBe(3900);
  });

  test('that lie between the others are few runs the next time: one for each 32 pages looked at', () => {
    const session = withHighMemory();
    listed(session, 'HN'.repeat(1024));
    lookAtPages(session, 0);
    expect(patternOf(session)).toBe(('H'.repeat(32) + 'N'.repeat(32)).repeat(32));
  });
});

test('of two zones that are passed over, the pages keep their order among themselves', () => {
  const session = withHighMemory();
  const gfp = { D: GFP_DMA, N: GFP_KERNEL, H: HIGH };
  const pattern = 'HNDHNNHD';
  const inOrder = within(session, (draft) => [...pattern].map((zone) => hold(draft, gfp[zone as 'D'])));
  within(session, (draft) => shrinkNode(draft, control(draft, { highestZone: DMA })));
  const of = (zones: string): number[] => inOrder.filter((_, i) => zones.includes(pattern[i]!));
  expect(lruList(session.machine, INACTIVE_ANON).reverse()).toEqual([...of('NH'), ...of('D')]);
});

describe('a round', () => {
  test('frees what is wanted, whatever the rounds before it have freed', () => {
    const session = reclaiming().given(...RUNNING, mmap(1, 200 * PAGE, RW | MAP_POPULATE));
    touchAll(session, 1, 200, READ);
    const freed = within(session, (draft) => {
      // The first look clears the accessed bits.
      shrinkNode(draft, control(draft, {}));
      const sc = control(draft, { nrToReclaim: 64, nrReclaimed: 63 });
      shrinkNode(draft, sc);
      return sc.nrReclaimed - 63;
    });
    expect(freed).toBe(64);
  });
});

test('the lists hold together while programs that use both zones run out of low memory', () => {
  const session = withHighMemory().given(...RUNNING, mmap(1, 120 * MIB));
  for (let chunk = 0; chunk < 10; chunk++) {
    touchAll(session, 1, pagesOf(12), WRITE, chunk * pagesOf(12));
    for (let i = 0; i < 300; i++) session.status(pages(5000 + 300 * chunk + i, 0));
    if (chunk % 3 === 0) expect(checkMachine(session.machine)).toEqual([]);
  }
  expect(session.counter('pgscanDirect') + session.counter('pgscanKswapd')).toBeGreaterThan(1000);
});
