/** For how many requests compaction is not tried again after it failed, by the order that failed. */
import { beforeEach, expect, test } from 'vitest';
import { Draft } from '../../../core/machine/draft.ts';
import type { Zone } from '../../../core/phys/zones.ts';
import { allowUpTo, defer, isDeferred } from '../../../core/reclaim/compaction-defer.ts';
import { machineOf } from '../../support/rows.ts';

let draft: Draft;
let zone: Zone;
beforeEach(() => {
  draft = new Draft(machineOf('linux-x86_64', 64));
  zone = draft.platform.zones[0]!;
});

/** How many requests are refused before one is tried. */
function refused(order: number): number {
  let count = 0;
  while (isDeferred(draft, zone, order)) count++;
  return count;
}

test('twice as many with each failure, 63 at most', () => {
  expect(refused(9)).toBe(0);
  const counts = Array.from({ length: 8 }, () => {
    defer(draft, zone, 9);
    return refused(9);
  });
  expect(counts).toEqual([1, 3, 7, 15, 31, 63, 63, 63]);
});

test('smaller requests are tried all the same, larger ones are not', () => {
  defer(draft, zone, 5);
  expect([4, 5, 6].map((order) => isDeferred(draft, zone, order))).toEqual([false, true, false]);
  defer(draft, zone, 5);
  expect([4, 6].map((order) => isDeferred(draft, zone, order))).toEqual([false, true]);
});

test('the smallest order that failed counts', () => {
  defer(draft, zone, 9);
  defer(draft, zone, 4);
  expect([3, 4].map(refused)).toEqual([0, 3]);
  defer(draft, zone, 9);
  expect(isDeferred(draft, zone, 4)).toBe(true);
});

test('until one of the order or above succeeds', () => {
  defer(draft, zone, 5);
  defer(draft, zone, 5);
  allowUpTo(draft, zone, 5);
  expect(refused(5)).toBe(0);
  defer(draft, zone, 9);
  expect(isDeferred(draft, zone, 8)).toBe(false);
  expect(isDeferred(draft, zone, 9)).toBe(true);
});
