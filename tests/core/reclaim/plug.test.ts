/** What waits to be handed to the disk, and when it is: requests of neighbouring slots, and batches that are off their list. */
import { describe, expect, test } from 'vitest';
import { GFP_HIGHUSER_MOVABLE } from '../../../core/event/gfp.ts';
import { bootMachine, buildLayout } from '../../../core/index.ts';
import { Draft } from '../../../core/machine/draft.ts';
import { addToLru, INACTIVE_ANON, lruFlags, PG_WRITEBACK } from '../../../core/pages/lru.ts';
import { lruBack } from '../../../core/pages/lru-links.ts';
import { addToSwapCache, takeSwapSlot } from '../../../core/pages/swap.ts';
import { endWriteback, writtenNs } from '../../../core/pages/writeback.ts';
import { USE_ANON } from '../../../core/phys/frames.ts';
import { allocPages } from '../../../core/phys/page-alloc.ts';
import { KSWAPD_PLUG, Plug, TASK_PLUG } from '../../../core/reclaim/plug.ts';

const COSTS = { diskWriteNs: 10, diskDelayNs: 100, diskRequestNs: 7 };
const machine = bootMachine(buildLayout('linux-x86_64', { ramBytes: 64n << 20n }), {
  reclaim: { swapBytes: 1n << 24n },
  costs: COSTS,
});

/** So many pages on the inactive list, the first one at its back, with slots one after the other but where one is left out. */
function swapped(nrPages: number, isGapBefore: (page: number) => boolean = () => false) {
  const draft = new Draft(machine);
  draft.onCpu(0);
  const pfns = Array.from({ length: nrPages }, (_, page) => {
    const pfn = allocPages(draft, 0, GFP_HIGHUSER_MOVABLE, USE_ANON, 0);
    addToLru(draft, pfn, false, 1, page);
    if (isGapBefore(page)) takeSwapSlot(draft, 1);
    addToSwapCache(draft, pfn, takeSwapSlot(draft, 0));
    return pfn;
  });
  const now = { ns: 0 };
  return { draft, pfns, now, plug: new Plug(draft, TASK_PLUG, () => now.ns) };
}

describe('pages that are to be written', () => {
  test('are handed over when the round is over, neighbours together', () => {
    const { draft, pfns, now, plug } = swapped(6, (page) => page === 4);
    for (const pfn of pfns) plug.add(pfn);
    expect(pfns.every((pfn) => (lruFlags(draft, pfn) & PG_WRITEBACK) !== 0)).toBe(true);
    expect(pfns.map((pfn) => writtenNs(draft, pfn))).toEqual([0, 0, 0, 0, 0, 0]);
    now.ns = 1000;
    plug.flush();
    // The second request follows the first one, which is on its way for 100 ns.
    expect(pfns.map((pfn) => writtenNs(draft, pfn))).toEqual([1140, 1140, 1140, 1140, 1160, 1160]);
  });

  test.each([
    { what: 'a neighbour of 32', nrPages: 33, gaps: [] as number[], handed: 0 },
    { what: 'no neighbour of 31', nrPages: 32, gaps: [31], handed: 0 },
    { what: 'no neighbour of 32', nrPages: 33, gaps: [32], handed: 32 },
    { what: 'the 255th of a request', nrPages: 255, gaps: [], handed: 254 },
    { what: 'the 33rd request', nrPages: 33, gaps: Array.from({ length: 32 }, (_, i) => i + 1), handed: 32 },
  ])('have $handed handed over by one that is $what', ({ nrPages, gaps, handed }) => {
    const { draft, pfns, plug } = swapped(nrPages, (page) => gaps.includes(page));
    for (const pfn of pfns) plug.add(pfn);
    expect(pfns.filter((pfn) => writtenNs(draft, pfn) > 0)).toHaveLength(handed);
  });

  test('are not written if they are gone by then', () => {
    const { draft, pfns, plug } = swapped(3);
    for (const pfn of pfns) plug.add(pfn);
    draft.lru.clear(pfns[1]!);
    plug.flush();
    expect(pfns.map((pfn) => writtenNs(draft, pfn) > 0)).toEqual([true, false, true]);
  });

  test('cost whoever hands them over its time', () => {
    const { draft, pfns, plug } = swapped(3);
    for (const pfn of pfns) plug.add(pfn);
    plug.flush();
    expect(draft.extraNs).toBe(3 * COSTS.diskRequestNs);
  });

  test('of kswapd wait for its next turn, whoever else writes', () => {
    const { draft, pfns, plug } = swapped(4);
    new Plug(draft, KSWAPD_PLUG, () => 0).add(pfns[0]!);
    for (const pfn of pfns.slice(1)) plug.add(pfn);
    plug.flush();
    expect(pfns.map((pfn) => writtenNs(draft, pfn) > 0)).toEqual([false, true, true, true]);
    const { machine: later } = draft.seal(false);
    const next = new Draft(later);
    new Plug(next, KSWAPD_PLUG, () => 0).flush();
    expect(writtenNs(next, pfns[0]!)).toBeGreaterThan(0);
  });
});

describe('a page that is written', () => {
  test.each([
    { what: 'after its batch was put back goes to the back of the list', putBackNs: 50, back: 1 },
    { what: 'while its batch is off the list stays where that is put', putBackNs: 5000, back: 0 },
  ])('$what', ({ putBackNs, back }) => {
    const { draft, pfns, now, plug } = swapped(3);
    plug.beginBatch();
    plug.add(pfns[1]!);
    plug.flush();
    now.ns = putBackNs;
    plug.endBatch();
    endWriteback(draft, 10_000);
    expect(lruFlags(draft, pfns[1]!) & PG_WRITEBACK).toBe(0);
    expect(lruBack(draft, INACTIVE_ANON)).toBe(pfns[back]);
  });

  test('of an earlier batch goes to the back though the disk has it only now', () => {
    const { draft, pfns, now, plug } = swapped(3);
    plug.beginBatch();
    plug.add(pfns[1]!);
    plug.endBatch();
    plug.beginBatch();
    plug.flush();
    now.ns = 5000;
    plug.endBatch();
    endWriteback(draft, 10_000);
    expect(lruBack(draft, INACTIVE_ANON)).toBe(pfns[1]);
  });

  test('while its batch is broken off stays too; the rest of that is looked at later', () => {
    const { draft, pfns, plug } = swapped(4);
    plug.beginBatch();
    plug.add(pfns[1]!);
    plug.flush();
    plug.breakBatch({ list: INACTIVE_ANON, pfns: pfns.slice(2) });
    expect(lruFlags(draft, pfns[1]!) & PG_WRITEBACK).toBe(0);
    endWriteback(draft, 10_000);
    expect(lruBack(draft, INACTIVE_ANON)).toBe(pfns[0]);
    const next = new Plug(new Draft(draft.seal(false).machine), TASK_PLUG, () => 0);
    expect(next.isBatchBroken).toBe(true);
    expect(next.resumeBatch()).toEqual({ list: INACTIVE_ANON, pfns: pfns.slice(2) });
    expect([next.isBatchBroken, next.resumeBatch()]).toEqual([false, undefined]);
  });

  test('of the first part of a batch, handed over in the second one, stays as well', () => {
    const { draft, pfns, now, plug } = swapped(4);
    plug.add(pfns[0]!);
    plug.beginBatch();
    plug.add(pfns[1]!);
    plug.breakBatch({ list: INACTIVE_ANON, pfns: pfns.slice(2) });
    plug.resumeBatch();
    plug.flush();
    now.ns = 5000;
    plug.endBatch();
    endWriteback(draft, 10_000);
    // The other one was put back before.
    expect(lruBack(draft, INACTIVE_ANON)).toBe(pfns[0]);
    expect(lruFlags(draft, pfns[1]!) & PG_WRITEBACK).toBe(0);
  });
});
