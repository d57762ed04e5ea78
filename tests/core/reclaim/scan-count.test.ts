/** How much of each list a round looks at: rows of get_scan_count (mm/vmscan.c, v6.1), worked out by hand. */

import { describe, expect, test } from 'vitest';
import type { Machine } from '../../../core/machine/machine.ts';
import { INACTIVE_ANON, INACTIVE_FILE } from '../../../core/pages/lru.ts';
import { PAGES_VAR } from '../../../core/pages/state.ts';
import { freePagesCell } from '../../../core/phys/free-lists.ts';
import { inactiveIsLow, scanCounts } from '../../../core/reclaim/scan-count.ts';
import { machineOf } from '../../support/rows.ts';

/** Pages of zones above this one do not count: there is none. */
const ALL_ZONES = 3;

/** Pages on the lists: inactive and active anonymous, inactive and active file pages. */
type Lists = readonly [number, number, number, number];

interface Situation {
  readonly lists: Lists;
  readonly swapMib?: number;
  readonly swappiness?: number;
  /** What reclaim has cost lately, anonymous and file pages. */
  readonly costs?: readonly [number, number];
  /** Free pages; plenty when not said. */
  readonly free?: number;
  /** How many of the pages of each list are in the second zone, the others in the first; none when not said. */
  readonly higher?: Lists;
}

const machines = new Map<string, Machine>();
function booted(swapMib: number, swappiness: number): Machine {
  const key = `${swapMib} ${swappiness}`;
  const known = machines.get(key);
  if (known !== undefined) return known;
  const reclaim = { swapBytes: BigInt(swapMib) << 20n, swappiness };
  const machine = machineOf('linux-x86_64', 64, {}, { reclaim });
  machines.set(key, machine);
  return machine;
}

function machineIn({
  lists,
  swapMib = 64,
  swappiness = 60,
  costs = [0, 0],
  free = 10_000,
  higher = [0, 0, 0, 0],
}: Situation): Machine {
  const machine = booted(swapMib, swappiness);
  const vars = machine.vars.slice();
  const lruZonePages = machine.lruZonePages.slice();
  const freeLists = machine.freeLists.slice();
  lists.forEach((pages, list) => {
    vars[PAGES_VAR.lruLists + 2 + 3 * list] = pages;
    lruZonePages.set([pages - higher[list]!, higher[list]!], 4 * list);
  });
  [vars[PAGES_VAR.anonCost], vars[PAGES_VAR.fileCost]] = costs;
  for (const { index } of machine.platform.zones) freeLists[freePagesCell(index)] = index === 0 ? free : 0;
  return { ...machine, vars, lruZonePages, freeLists };
}

/** Many inactive anonymous pages, few inactive file pages: neither kind is spared. */
const MIXED: Lists = [4096, 4096, 2048, 4096];

describe.each<{ what: string; situation: Situation; priority: number; counts: Lists }>([
  {
    what: 'no swap: file pages only',
    situation: { lists: MIXED, swapMib: 0 },
    priority: 4,
    counts: [0, 0, 128, 256],
  },
  {
    what: 'at the last priority everything, whatever swappiness says',
    situation: { lists: MIXED, swappiness: 1 },
    priority: 0,
    counts: MIXED,
  },
  {
    what: 'unless it says that nothing be swapped',
    situation: { lists: MIXED, swappiness: 0 },
    priority: 0,
    counts: [0, 0, 2048, 4096],
  },
  {
    what: 'enough inactive file pages: only those',
    situation: { lists: [4096, 4096, 4096, 4096] },
    priority: 4,
    counts: [0, 0, 256, 256],
  },
  {
    // 16 >> 5 is none.
    what: 'too few of them at this priority: both',
    situation: { lists: [4096, 4096, 16, 16], swappiness: 100 },
    priority: 5,
    counts: [64, 64, 0, 0],
  },
  {
    // Without costs: 60 * 1 / 1 against 140 * 1 / 1.
    what: 'shares by swappiness: 60 of 200',
    situation: { lists: MIXED },
    priority: 4,
    counts: [76, 76, 89, 179],
  },
  {
    what: 'swappiness 200: anonymous pages only',
    situation: { lists: MIXED, swappiness: 200 },
    priority: 4,
    counts: [256, 256, 0, 0],
  },
  {
    // anon: 900 + 900 = 1800, file: 900; total 2700. 100 * 2701 / 1801 = 149, 100 * 2701 / 901 = 299.
    what: 'what has cost much is left alone more: at most a third',
    situation: { lists: MIXED, swappiness: 100, costs: [900, 0] },
    priority: 4,
    counts: [85, 85, 85, 170],
  },
  {
    what: 'the same the other way round',
    situation: { lists: MIXED, swappiness: 100, costs: [0, 900] },
    priority: 4,
    counts: [170, 170, 42, 85],
  },
  {
    what: 'hardly any page cache left: anonymous pages only',
    situation: { lists: [4096, 1024, 10, 20], free: 20 },
    priority: 4,
    counts: [256, 64, 0, 0],
  },
  {
    what: 'unless their inactive list is short too',
    situation: { lists: [1024, 4096, 10, 20], free: 20, swappiness: 100 },
    priority: 4,
    counts: [32, 128, 0, 0],
  },
])('$what', ({ situation, priority, counts }) => {
  test(`${situation.lists} at priority ${priority}: ${counts}`, () => {
    expect(scanCounts(machineIn(situation), priority, ALL_ZONES)).toEqual(counts);
  });
});

/** A quarter of the anonymous pages and half of the file pages are in the first zone, the others in the second. */
const SPREAD: Situation = { lists: MIXED, higher: [3072, 3072, 1024, 2048] };

describe.each<{ what: string; situation: Situation; priority: number; highestZone: number; counts: Lists }>([
  {
    // A quarter of 76, half of 89, rounded down once more.
    what: 'only the pages that help are counted: of the lowest zone',
    situation: SPREAD,
    priority: 4,
    highestZone: 0,
    counts: [19, 19, 44, 89],
  },
  { what: 'or of both', situation: SPREAD, priority: 4, highestZone: 1, counts: [76, 76, 89, 179] },
  {
    what: 'at the last priority too',
    situation: SPREAD,
    priority: 0,
    highestZone: 0,
    counts: [1024, 1024, 1024, 2048],
  },
  {
    what: 'where none of them helps, nothing is looked at',
    situation: { lists: MIXED, higher: MIXED },
    priority: 0,
    highestZone: 0,
    counts: [0, 0, 0, 0],
  },
  {
    // 4096 inactive file pages in all are enough: anonymous ones are spared, for a low zone as for all.
    what: 'which kind goes is decided by the whole lists',
    situation: { lists: [4096, 4096, 4096, 4096], higher: [0, 0, 4080, 4080] },
    priority: 4,
    highestZone: 0,
    counts: [0, 0, 1, 1],
  },
])('a request for a low zone: $what', ({ situation, priority, highestZone, counts }) => {
  test(`zones up to ${highestZone} at priority ${priority}: ${counts}`, () => {
    expect(scanCounts(machineIn(situation), priority, highestZone)).toEqual(counts);
  });
});

test('the mark below which file pages count as hardly any is the sum of the high marks', () => {
  const { zones } = booted(64, 60).platform;
  const high = zones.reduce((sum, zone) => sum + zone.high, 0);
  const lists: Lists = [4096, 1024, 10, 20];
  const fileShare = (free: number): number => scanCounts(machineIn({ lists, free }), 1, ALL_ZONES)[3]!;
  expect(fileShare(high - 30)).toBe(0);
  expect(fileShare(high - 29)).toBeGreaterThan(0);
});

test.each([
  // Up to 1 GiB the inactive list is to be as long as the active one; of 4 GiB a sixth (the root of 40) will do.
  { inactive: 1000, active: 1000, isLow: false },
  { inactive: 1000, active: 1001, isLow: true },
  { inactive: 149_796, active: 898_780, isLow: true },
  { inactive: 149_797, active: 898_779, isLow: false },
])('of $inactive inactive and $active active pages: low is $isLow', ({ inactive, active, isLow }) => {
  expect(inactiveIsLow(machineIn({ lists: [inactive, active, 0, 0] }), INACTIVE_ANON)).toBe(isLow);
  expect(inactiveIsLow(machineIn({ lists: [0, 0, inactive, active] }), INACTIVE_FILE)).toBe(isLow);
});
