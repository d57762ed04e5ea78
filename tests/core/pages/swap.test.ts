/** The swap area: in which order slots are given, and what the swap cache keeps. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bootMachine, buildLayout } from '../../../core/index.ts';
import { Draft } from '../../../core/machine/draft.ts';
import { PAGES_VAR } from '../../../core/pages/state.ts';
import {
  addToSwapCache,
  freeSwapSlots,
  isSwapFull,
  putSwapSlot,
  removeFromSwapCache,
  shareSwapSlot,
  slotOfPage,
  swapCachePage,
  takeSwapSlot,
} from '../../../core/pages/swap.ts';

const area = (slots: number): Draft =>
  new Draft(
    bootMachine(buildLayout('linux-x86_64', { ramBytes: 64n << 20n }), {
      reclaim: { swapBytes: BigInt(slots + 1) << 12n },
    }),
  );
const take = (draft: Draft, count: number): number[] =>
  Array.from({ length: count }, () => takeSwapSlot(draft, 1));
const upTo = (from: number, count: number): number[] => Array.from({ length: count }, (_, i) => from + i);

describe('slots', () => {
  test('ascend from 1; those that were given back are not used again while a cluster of 256 is empty', () => {
    const draft = area(2048);
    expect(take(draft, 300)).toEqual(upTo(1, 300));
    for (const slot of upTo(20, 100)) putSwapSlot(draft, slot);
    expect(take(draft, 300)).toEqual(upTo(301, 300));
    expect(freeSwapSlots(draft)).toBe(2048 - 500);
  });

  test('begin anew at the first empty cluster, with what is free before it', () => {
    const draft = area(2048);
    take(draft, 1024);
    // 200 to 511 are free: the cluster from 256 on is, and what lies before it.
    for (const slot of upTo(200, 312)) putSwapSlot(draft, slot);
    expect(take(draft, 257)).toEqual([...upTo(200, 256), 1025]);
  });

  test('are the first free ones where no cluster is empty, until none is left', () => {
    const draft = area(300);
    take(draft, 300);
    for (const slot of [7, 150, 299]) putSwapSlot(draft, slot);
    expect(take(draft, 3)).toEqual([7, 150, 299]);
    expect(freeSwapSlots(draft)).toBe(0);
  });

  test('none is given twice, and all of them are given', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(9999), { maxLength: 1200 }), (steps) => {
        const draft = area(600);
        const live: number[] = [];
        for (const step of steps) {
          if (step % 3 > 0 && freeSwapSlots(draft) > 0) live.push(takeSwapSlot(draft, 1));
          else if (live.length > 0) putSwapSlot(draft, live.splice(step % live.length, 1)[0]!);
          expect(freeSwapSlots(draft)).toBe(600 - live.length);
        }
        while (freeSwapSlots(draft) > 0) live.push(takeSwapSlot(draft, 1));
        expect(live.sort((a, b) => a - b)).toEqual(upTo(1, 600));
      }),
      { numRuns: 20 },
    );
  });
});

describe('the swap cache', () => {
  test('keeps a slot that no entry refers to any more, and an entry keeps one whose page is gone', () => {
    const draft = area(100);
    const slot = takeSwapSlot(draft, 0);
    addToSwapCache(draft, 5000, slot);
    expect([swapCachePage(draft, slot), slotOfPage(draft, 5000)]).toEqual([5000, slot]);
    shareSwapSlot(draft, slot);
    removeFromSwapCache(draft, 5000);
    expect([swapCachePage(draft, slot), freeSwapSlots(draft)]).toEqual([-1, 99]);
    putSwapSlot(draft, slot);
    expect([freeSwapSlots(draft), draft.vars[PAGES_VAR.swapCached]]).toEqual([100, 0]);
  });

  test('is to be left once more than half of the area is in use (vm_swap_full)', () => {
    const draft = area(100);
    take(draft, 50);
    expect(isSwapFull(draft)).toBe(false);
    take(draft, 1);
    expect(isSwapFull(draft)).toBe(true);
  });
});
