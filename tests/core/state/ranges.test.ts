/** Free ranges against a plain set of numbers. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RangeSet } from '../../../core/state/ranges.ts';

const [START, END] = [10, 200];

const step = fc.oneof(
  fc.record({
    take: fc.integer({ min: 1, max: 60 }),
    align: fc.constantFrom(1, 1, 2, 8, 64),
    sealAfter: fc.boolean(),
  }),
  fc.record({ give: fc.nat(1000), part: fc.constantFrom(1, 1, 2), sealAfter: fc.boolean() }),
);

test('takes the lowest place that fits, merges what comes back, and never changes a sealed set', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80, size: 'max' }), (steps) => {
      let sealed = RangeSet.of(START, END);
      let edit = sealed.edit();
      const free = new Set(Array.from({ length: END - START }, (_, i) => START + i));
      const taken: [number, number][] = [];
      const history: [RangeSet, string][] = [];
      for (const one of steps) {
        if ('take' in one) {
          const expected = lowest(free, one.take, one.align);
          expect(edit.takeLowest(one.take, one.align)).toBe(expected);
          if (expected === undefined) continue;
          taken.push([expected, expected + one.take]);
          for (let at = expected; at < expected + one.take; at++) free.delete(at);
        } else {
          const [range] = taken.splice(one.give % Math.max(taken.length, 1), 1);
          if (range === undefined) continue;
          // All of it, or its first half now and the other later.
          const middle = Math.ceil((range[0] + range[1]) / 2);
          const end = one.part === 1 ? range[1] : middle;
          if (end < range[1]) taken.push([end, range[1]]);
          edit.release(range[0], end);
          for (let at = range[0]; at < end; at++) free.add(at);
        }
        expect(edit.total()).toBe(free.size);
        if (!one.sealAfter) continue;
        sealed = edit.seal();
        expect(rangesOf(sealed)).toEqual(rangesOfSet(free));
        history.push([sealed, JSON.stringify(rangesOf(sealed))]);
        edit = sealed.edit();
      }
      for (const [set, then] of history) expect(JSON.stringify(rangesOf(set))).toBe(then);
    }),
    { numRuns: 150 },
  );
});

test.each([
  ['all of it', 190, 1, 10],
  ['one more than all of it', 191, 1, undefined],
  ['aligned upwards', 1, 64, 64],
  ['aligned, up to the last page', 8, 64, 64],
  ['aligned, but then too long', 137, 64, undefined],
])('a fresh window: %s', (_name, size, align, expected) => {
  expect(RangeSet.of(START, END).edit().takeLowest(size, align)).toBe(expected);
});

test('largest hole, number of holes, total', () => {
  const edit = RangeSet.of(0, 100).edit();
  for (const size of [10, 20, 30, 40]) edit.takeLowest(size);
  edit.release(0, 10);
  edit.release(30, 60);
  const set = edit.seal();
  expect([set.largest(), set.count, set.total()]).toEqual([30, 2, 40]);
  edit.release(10, 30);
  expect(edit.largest()).toBe(60);
});

function lowest(free: ReadonlySet<number>, size: number, align: number): number | undefined {
  for (let start = Math.ceil(START / align) * align; start + size <= END; start += align) {
    let fits = true;
    for (let at = start; at < start + size; at++) fits &&= free.has(at);
    if (fits) return start;
  }
  return undefined;
}

function rangesOf({ starts, ends }: RangeSet): [number, number][] {
  return starts.map((start, i) => [start, ends[i]!]);
}

function rangesOfSet(free: ReadonlySet<number>): [number, number][] {
  const ranges: [number, number][] = [];
  for (const at of [...free].sort((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last?.[1] === at) last[1] = at + 1;
    else ranges.push([at, at + 1]);
  }
  return ranges;
}
