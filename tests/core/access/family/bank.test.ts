/** One stack against arrays of each associativity (lru-sets.ts): who has what, and who knows it as dirty. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ABSENT, ArrayBank, type Bank, StackBank } from '../../../../core/access/family/bank.ts';
import { Drops } from '../../../../core/access/family/drops.ts';
import { References } from '../../../../core/access/family/references.ts';
import { keyBase } from '../../../../core/tlb/keys.ts';
import { dropFromSets, HIT, MISS, touchSet } from '../../../../core/tlb/lru-sets.ts';
import { REF_STORE } from '../../../../core/tlb/run.ts';
import { atDepth } from '../../../support/depth.ts';

const MOST_WAYS = 6;
const ALL_SORTS = 0xff;
const BASE = keyBase(1, 0);

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.array(fc.record({ page: fc.nat(15), store: fc.boolean() }), {
      minLength: 1,
      maxLength: 12,
    }),
  },
  { weight: 1, arbitrary: fc.record({ from: fc.nat(15), nrPages: fc.constantFrom(1, 2, 3, 16) }) },
);

type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;
type Touches = Extract<Step, readonly unknown[]>;

function referencesOf(touches: Touches): References {
  const references = new References();
  const keys = Float64Array.from(touches, ({ page }) => BASE + page);
  const refs = Int32Array.from(touches, ({ store }) => (store ? REF_STORE : 0));
  references.take(keys, refs, 0, touches.length);
  return references;
}

/** What `touchSet` says, of an array of so many ways. */
function verdict({ depth, since }: Bank, k: number, ways: number): number {
  if (depth[k]! >= ways) return MISS;
  return since[k]! >= ways ? -1 : HIT;
}

function arrayVerdict(cells: Float64Array, sets: number, ways: number, key: number, store: boolean): number {
  const first = (key & (sets - 1)) * ways;
  const before = cells.slice(first, first + ways);
  const found = touchSet(cells, first, ways, key, store);
  if (found === MISS) return MISS;
  return before.includes(-key) ? HIT : -1;
}

function check(sets: number, steps: readonly Step[], batched: number): void {
  const bank = new StackBank(ALL_SORTS, { sets, ways: MOST_WAYS }, true);
  const plain = new StackBank(ALL_SORTS, { sets, ways: MOST_WAYS }, false);
  const drops = new Drops();
  const arrays = Array.from({ length: MOST_WAYS }, (_, i) => new Float64Array(sets * (i + 1)));
  for (const [number, one] of steps.entries()) {
    if (!Array.isArray(one)) {
      const { from, nrPages } = one as Exclude<Step, Touches>;
      const [low, high] = [BASE + from, BASE + from + nrPages];
      drops.add(low, high);
      arrays.forEach((cells, i) => {
        dropFromSets(cells, 0, cells.length, i + 1, low, high);
      });
      continue;
    }
    if (number % batched === 0) {
      for (const own of [bank, plain]) own.catchUp(0, drops);
      drops.begin();
    }
    const references = referencesOf(one);
    for (const own of [bank, plain]) own.touch(0, references, drops);
    const found: unknown[] = [];
    const wanted: unknown[] = [];
    one.forEach(({ page, store }, k) => {
      for (let ways = 1; ways <= MOST_WAYS; ways++) {
        const verdictWanted = arrayVerdict(arrays[ways - 1]!, sets, ways, BASE + page, store);
        found.push(verdict(bank, k, ways), plain.depth[k]! < ways);
        wanted.push(verdictWanted, verdictWanted !== MISS);
      }
    });
    expect(found).toEqual(wanted);
  }
}

test.each([1, 2, 4])('a stack of %i sets is an array of each number of ways', (sets) => {
  const sequences = fc.array(step, { maxLength: 25, size: 'max' });
  fc.assert(
    fc.property(sequences, fc.constantFrom(1, 3, 100), (steps, batched) => check(sets, steps, batched)),
    { numRuns: atDepth({ quick: 20, full: 60 }) },
  );
});

test('an entry below a hole stays where it is, and an array that lost it does not get it back', () => {
  const bank = new StackBank(ALL_SORTS, { sets: 1, ways: 3 }, false);
  const drops = new Drops();
  const touch = (...pages: number[]): number[] => {
    bank.touch(0, referencesOf(pages.map((page) => ({ page, store: false }))), drops);
    return [...bank.depth.subarray(0, pages.length)];
  };
  expect(touch(1, 2, 3)).toEqual([ABSENT, ABSENT, ABSENT]);
  drops.add(BASE + 3, BASE + 4);
  // An array of two ways holds 2 alone: 1 is not there, though nothing lies above it but the hole and 2.
  expect(touch(1)).toEqual([2]);
});

test('FIFO has no inclusion: four ways miss what three have (Belady 1969)', () => {
  const pages = [1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5].map((page) => ({ page, store: false }));
  const misses = [3, 4].map((ways) => {
    const bank = new ArrayBank(ALL_SORTS, { sets: 1, ways }, false, 'fifo', 0);
    bank.touch(0, referencesOf(pages), new Drops());
    return bank.depth.subarray(0, pages.length).filter((depth) => depth === ABSENT).length;
  });
  expect(misses).toEqual([9, 10]);
});
