/** The TLB arrays against plain lists. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mmuGeometry } from '../../../core/paging/geometry.ts';
import {
  dropKeys,
  dropPages,
  HIT,
  HIT_CLEAN,
  keyBase,
  keyPage,
  keyTag,
  MISS,
  tagAsid,
  tagSizeClass,
  tlbParts,
  touch,
} from '../../../core/paging/tlb.ts';
import { machineOf } from '../../support/rows.ts';

const { layout } = machineOf('linux-x86_64', 64).platform;
const mmu = mmuGeometry(layout, {
  l1i: { sets: 1, ways: 1 },
  l1d: { sets: 2, ways: 3 },
  l2: { sets: 4, ways: 2 },
  pdeCache: { sets: 1, ways: 2 },
});
const parts = tlbParts(mmu);
/** Where each TLB begins in the array, and its shape. */
const LEVELS = [
  { first: parts.l1i, ...mmu.l1i },
  { first: parts.l1d, ...mmu.l1d },
  { first: parts.l2, ...mmu.l2 },
];

/** A few pages of a few address spaces, at the ends of the numbers too. */
const key = fc
  .tuple(fc.nat(2), fc.nat(1), fc.oneof(fc.nat(9), fc.constantFrom(2 ** 32, 2 ** 45 - 1)))
  .map(([asid, sizeClass, page]) => keyBase(asid, sizeClass) + page);

const step = fc.oneof(
  { weight: 10, arbitrary: fc.record({ level: fc.nat(2), key, store: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ low: key, span: fc.constantFrom(1, 3, 2 ** 45, 2 ** 47) }) },
  { weight: 1, arbitrary: fc.record({ firstPage: fc.nat(9), nrPages: fc.nat(5), asid: fc.nat(2) }) },
);

interface Entry {
  readonly key: number;
  readonly dirty: boolean;
}

test('touching and dropping leave every set as lists would have it', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120, size: 'max' }), (steps) => {
      const tlb = new Float64Array(parts.length);
      const lists = LEVELS.map(({ sets }) => Array.from({ length: sets }, (): Entry[] => []));
      const drop = (isGone: (key: number) => boolean): void =>
        lists.forEach((sets) => {
          sets.forEach((list, set) => {
            sets[set] = list.filter((entry) => !isGone(entry.key));
          });
        });
      for (const one of steps) {
        tlb.fill(7, parts.walkKeys);
        if ('store' in one) {
          const { first, sets, ways } = LEVELS[one.level]!;
          const set = one.key % sets;
          const list = lists[one.level]![set]!;
          const found = list.find((entry) => entry.key === one.key);
          const dirty = one.store || found?.dirty === true;
          lists[one.level]![set] = [{ key: one.key, dirty }, ...list.filter((e) => e !== found)].slice(
            0,
            ways,
          );
          const expected = found === undefined ? MISS : one.store && !found.dirty ? HIT_CLEAN : HIT;
          expect(touch(tlb, first + set * ways, ways, one.key, one.store)).toBe(expected);
          expect(tlb[parts.walkKeys], 'the walk cache is not touched').toBe(7);
        } else {
          if ('span' in one) {
            dropKeys(mmu, tlb, one.low, one.low + one.span);
            drop((at) => at >= one.low && at < one.low + one.span);
          } else {
            const first = keyBase(one.asid, 0) + one.firstPage;
            dropPages(mmu, tlb, first, one.nrPages);
            drop((at) => at >= first && at < first + one.nrPages);
          }
          expect([...tlb.slice(parts.walkKeys)], 'any drop empties the walk cache').toEqual([0, 0, 0, 0]);
        }
        expect(setsOf(tlb)).toEqual(lists);
      }
    }),
    { numRuns: 60 },
  );
});

/** What the array holds, most recent first; behind an empty entry there must be no more. */
function setsOf(tlb: Float64Array): Entry[][][] {
  return LEVELS.map(({ first, sets, ways }) =>
    Array.from({ length: sets }, (_, set) => {
      const cells = [...tlb.slice(first + set * ways, first + (set + 1) * ways)];
      const used = cells.filter((cell) => cell !== 0).length;
      return cells.slice(0, used).map((cell) => ({ key: Math.abs(cell), dirty: cell < 0 }));
    }),
  );
}

describe('keys', () => {
  test.each([
    [0, 0, 0],
    [0, 2, 2 ** 45 - 1],
    [1, 0, 1],
    [6, 3, 0x7ffffffff],
  ])('asid %i, size class %i, page %i', (asid, sizeClass, page) => {
    for (const key of [keyBase(asid, sizeClass) + page, -(keyBase(asid, sizeClass) + page)]) {
      expect(keyPage(key)).toBe(page);
      expect([tagAsid(keyTag(key)), tagSizeClass(keyTag(key))]).toEqual([asid, sizeClass]);
      expect(Number.isSafeInteger(key)).toBe(true);
    }
  });

  test('no key of any address space is the empty entry, and none is that of another', () => {
    const bases = [0, 1, 2, 3, 4, 5, 6].flatMap((asid) => [0, 1, 2, 3].map((size) => keyBase(asid, size)));
    expect(Math.min(...bases)).toBeGreaterThan(0);
    expect(bases.every((base, i) => i === 0 || base - bases[i - 1]! === 2 ** 45)).toBe(true);
  });
});
