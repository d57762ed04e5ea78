/** Many look-ups in one set against as many touches of it. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { touchPlainSet } from '../../../core/tlb/lru-sets.ts';
import { MOST_RECENT_KEYS, RecentKeys } from '../../../core/tlb/recent-keys.ts';

const FIRST = 3;

/** Near ones, far ones with the same low bits, and ones that no 32 bits hold. */
const key = fc.oneof(
  fc.integer({ min: 1, max: 12 }),
  fc.tuple(fc.integer({ min: 1, max: 4 }), fc.nat(9)).map(([high, low]) => high * 1024 + low),
  fc.tuple(fc.constantFrom(2 ** 32, 2 ** 44), fc.nat(3)).map(([high, low]) => high + low),
);

function expectSame(cells: Float64Array, ways: number, runs: readonly (readonly number[])[]): void {
  const recent = new RecentKeys();
  for (const keys of runs) {
    const touched = cells.slice();
    recent.load(cells, FIRST, ways);
    const found = keys.map((one) => recent.touch(one));
    recent.store(cells, FIRST);
    expect(found).toEqual(keys.map((one) => touchPlainSet(touched, FIRST, ways, one)));
    expect(cells).toEqual(touched);
  }
}

test('it finds, orders and loses the same keys', () => {
  const runs = fc.array(fc.array(key, { maxLength: 60, size: 'max' }), { maxLength: 4 });
  fc.assert(
    fc.property(fc.constantFrom(1, 2, 5, 32), runs, (ways, all) => {
      expectSame(new Float64Array(FIRST + ways), ways, all);
    }),
  );
});

test('however many keys of the same low bits went through', () => {
  const keys = Array.from({ length: 256 }, (_, i) => 5 + i * 1024);
  expectSame(new Float64Array(FIRST + 2), 2, [[...keys, keys.at(-1)!, keys.at(-2)!]]);
});

test.each([1, 32, MOST_RECENT_KEYS])('so it is through thousands of keys, in %d ways', (ways) => {
  const keys = Array.from({ length: 5000 }, (_, i) => 1 + ((i * i) % 997) + (i % 7 === 0 ? i : 0));
  expectSame(new Float64Array(FIRST + ways), ways, [keys, keys]);
});
