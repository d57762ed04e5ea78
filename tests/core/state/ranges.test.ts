/** Free ranges against a plain set of numbers. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RangeSet, type RangeSetEdit } from '../../../core/state/ranges.ts';
import { atDepth } from '../../support/depth.ts';

const [START, END] = [10, 200];

/** Some numbers, in which room is looked for one by one. */
class NaiveRanges {
  readonly free: Set<number>;

  constructor(start: number, end: number) {
    this.free = new Set(numbers(start, end));
  }

  takeLowest(size: number, align: number, roomy: number): number | undefined {
    const ranges = this.toArray().filter(({ start, end }) => end - start >= Math.max(roomy, size));
    const places = ranges.map(({ start, end }) => ({ place: Math.ceil(start / align) * align, end }));
    return this.take(places.find(({ place, end }) => place + size <= end)?.place, size);
  }

  takeHighest(size: number, align: number, floor: number, ceiling: number): number | undefined {
    for (let place = Math.floor((ceiling - size) / align) * align; place >= floor; place -= align)
      if (numbers(place, place + size).every((at) => this.free.has(at))) return this.take(place, size);
    return undefined;
  }

  private take(place: number | undefined, size: number): number | undefined {
    if (place !== undefined) for (const at of numbers(place, place + size)) this.free.delete(at);
    return place;
  }

  release(start: number, end: number): void {
    for (const at of numbers(start, end)) this.free.add(at);
  }

  toArray(): Range[] {
    const ranges: { start: number; end: number }[] = [];
    for (const at of [...this.free].sort((a, b) => a - b)) {
      const last = ranges.at(-1);
      if (last?.end === at) last.end = at + 1;
      else ranges.push({ start: at, end: at + 1 });
    }
    return ranges;
  }
}

interface Range {
  readonly start: number;
  readonly end: number;
}

/** All of a set of ranges as text. */
function toldOf(ranges: readonly Range[]): string {
  const sizes = ranges.map(({ start, end }) => end - start);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  return JSON.stringify({ ranges, largest: Math.max(0, ...sizes), total });
}

function toldBy(set: RangeSet): string {
  return JSON.stringify({ ranges: set.toArray(), largest: set.largest(), total: set.total() });
}

const align = fc.constantFrom(1, 1, 2, 8, 64);
const sealAfter = fc.boolean();
const lowest = (most: number) =>
  fc.record({ take: fc.integer({ min: 1, max: most }), align, roomy: fc.constantFrom(0, 0, 20), sealAfter });
const highest = (most: number, end: number) =>
  fc.record({
    takeTop: fc.integer({ min: 1, max: most }),
    align,
    floor: fc.integer({ min: START, max: end }),
    ceiling: fc.integer({ min: START, max: end }),
    sealAfter,
  });
const give = fc.record({ give: fc.nat(10_000), part: fc.constantFrom(1, 1, 2), sealAfter });

describe.each([
  ['in few large ranges', END, 60, { maxLength: 80 }, atDepth({ quick: 50, full: 150 })],
  ['in hundreds of small ones', 4000, 6, { minLength: 800, maxLength: 1200 }, atDepth({ quick: 2, full: 4 })],
] as const)('%s', (_name, end, most, length, numRuns) => {
  const step = fc.oneof(lowest(most), highest(most, end), give, give);

  test('takes the lowest or highest place that fits, merges what comes back, and never changes a sealed set', () => {
    fc.assert(
      fc.property(fc.array(step, { ...length, size: 'max' }), (steps) => {
        const naive = new NaiveRanges(START, end);
        const edit = RangeSet.of(START, end).edit();
        // So that there is something to give back from the beginning on.
        const taken = numbers(START, end).filter((at) => at % (2 * most) === 0);
        const held: [number, number][] = taken.map((at) => [at, at + 1]);
        for (const at of taken)
          expect(edit.takeHighest(1, 1, at, at + 1)).toBe(naive.takeHighest(1, 1, at, at + 1));
        const history: [RangeSet, string][] = [];
        for (const one of steps) {
          if ('give' in one) giveBack(edit, naive, held, one);
          else {
            const size = 'take' in one ? one.take : one.takeTop;
            const place =
              'take' in one
                ? naive.takeLowest(size, one.align, one.roomy)
                : naive.takeHighest(size, one.align, one.floor, one.ceiling);
            const found =
              'take' in one
                ? edit.takeLowest(size, one.align, one.roomy)
                : edit.takeHighest(size, one.align, one.floor, one.ceiling);
            if (found !== place) expect(found, JSON.stringify(one)).toBe(place);
            if (place !== undefined) held.push([place, place + size]);
          }
          if (!one.sealAfter) continue;
          const sealed = edit.seal();
          const told = toldOf(naive.toArray());
          if (toldBy(sealed) !== told) expect(toldBy(sealed)).toBe(told);
          history.push([sealed, told]);
        }
        expect(history.filter(([set, then]) => toldBy(set) !== then)).toEqual([]);
      }),
      { numRuns, endOnFailure: process.env.VMSPLIT_SHRINK !== '1' },
    );
  });
});

/** All of something taken, or its first half now and the other later. */
function giveBack(
  edit: RangeSetEdit,
  naive: NaiveRanges,
  held: [number, number][],
  { give, part }: { give: number; part: number },
): void {
  const [range] = held.splice(give % Math.max(held.length, 1), 1);
  if (range === undefined) return;
  const middle = Math.ceil((range[0] + range[1]) / 2);
  const end = part === 1 ? range[1] : middle;
  if (end < range[1]) held.push([end, range[1]]);
  edit.release(range[0], end);
  naive.release(range[0], end);
}

test.each([
  ['all of it', 190, 1, 10],
  ['one more than all of it', 191, 1, undefined],
  ['aligned upwards', 1, 64, 64],
  ['aligned, up to the last page', 8, 64, 64],
  ['aligned, but then too long', 137, 64, undefined],
])('a fresh window: %s', (_name, size, alignPages, expected) => {
  expect(RangeSet.of(START, END).edit().takeLowest(size, alignPages)).toBe(expected);
});

test('largest hole, number of holes, total, and what lies in them', () => {
  const edit = RangeSet.of(0, 100).edit();
  for (const size of [10, 20, 30, 40]) edit.takeLowest(size);
  edit.release(0, 10);
  edit.release(30, 60);
  const set = edit.seal();
  expect([set.largest(), set.count, set.total()]).toEqual([30, 2, 40]);
  expect([0, 9, 10, 29, 30, 59, 60].map((page) => set.has(page))).toEqual([
    true,
    true,
    false,
    false,
    true,
    true,
    false,
  ]);
  edit.release(10, 30);
  expect(edit.largest()).toBe(60);
});

test('absorbs those of another set, which is empty then', () => {
  const edit = RangeSet.from([
    [0, 5],
    [20, 30],
  ]).edit();
  const other = RangeSet.from([
    [5, 10],
    [15, 20],
    [40, 41],
  ]).edit();
  edit.absorb(other);
  expect(edit.toArray()).toEqual([
    { start: 0, end: 10 },
    { start: 15, end: 30 },
    { start: 40, end: 41 },
  ]);
  expect([other.count, other.largest(), other.total(), other.has(5)]).toEqual([0, 0, 0, false]);
});

test('a set that nothing was done to stays the same', () => {
  const set = RangeSet.of(0, 10);
  const edit = set.edit();
  edit.takeLowest(11);
  expect(edit.isChanged).toBe(false);
  expect(edit.seal()).toBe(set);
});

function numbers(start: number, end: number): number[] {
  return Array.from({ length: end - start }, (_, i) => start + i);
}
