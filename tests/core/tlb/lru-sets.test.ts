/** Sets with true LRU against plain lists. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { keyBase } from '../../../core/tlb/keys.ts';
import { dropFromSets, HIT, HIT_CLEAN, MISS, touchSet } from '../../../core/tlb/lru-sets.ts';

/** Sets and ways of the arrays; each begins behind the one before. */
const SHAPES = [
  { sets: 1, ways: 1 },
  { sets: 2, ways: 3 },
  { sets: 4, ways: 2 },
];
const ARRAYS = SHAPES.map((shape, i) => ({
  ...shape,
  first: SHAPES.slice(0, i).reduce((cells, { sets, ways }) => cells + sets * ways, 0),
}));
const LENGTH = 15;

/** A few pages of a few address spaces, at the ends of the numbers too. */
const key = fc
  .tuple(fc.nat(2), fc.nat(1), fc.oneof(fc.nat(9), fc.constantFrom(2 ** 32, 2 ** 45 - 1)))
  .map(([asid, sizeClass, page]) => keyBase(asid, sizeClass) + page);

const step = fc.oneof(
  { weight: 10, arbitrary: fc.record({ array: fc.nat(2), key, store: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ low: key, span: fc.constantFrom(1, 3, 2 ** 45, 2 ** 47) }) },
);

interface Entry {
  readonly key: number;
  readonly dirty: boolean;
}

test('touching and dropping leave every set as lists would have it', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120, size: 'max' }), (steps) => {
      const cells = new Float64Array(LENGTH);
      const lists = ARRAYS.map(({ sets }) => Array.from({ length: sets }, (): Entry[] => []));
      for (const one of steps) {
        if ('store' in one) {
          const { first, sets, ways } = ARRAYS[one.array]!;
          const set = one.key % sets;
          const list = lists[one.array]![set]!;
          const found = list.find((entry) => entry.key === one.key);
          const dirty = one.store || found?.dirty === true;
          lists[one.array]![set] = [{ key: one.key, dirty }, ...list.filter((e) => e !== found)].slice(
            0,
            ways,
          );
          const expected = found === undefined ? MISS : one.store && !found.dirty ? HIT_CLEAN : HIT;
          expect(touchSet(cells, first + set * ways, ways, one.key, one.store)).toBe(expected);
        } else {
          const { low, span } = one;
          for (const { first, sets, ways } of ARRAYS)
            dropFromSets(cells, first, first + sets * ways, ways, low, low + span);
          for (const sets of lists)
            sets.forEach((list, set) => {
              sets[set] = list.filter((entry) => entry.key < low || entry.key >= low + span);
            });
        }
        expect(setsOf(cells)).toEqual(lists);
      }
    }),
    { numRuns: 60 },
  );
});

/** What the arrays hold, most recent first; behind an empty entry there must be no more. */
function setsOf(cells: Float64Array): Entry[][][] {
  return ARRAYS.map(({ first, sets, ways }) =>
    Array.from({ length: sets }, (_, set) => {
      const entries = [...cells.slice(first + set * ways, first + (set + 1) * ways)];
      const used = entries.filter((entry) => entry !== 0).length;
      return entries.slice(0, used).map((entry) => ({ key: Math.abs(entry), dirty: entry < 0 }));
    }),
  );
}
