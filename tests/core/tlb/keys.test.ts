/** Keys: whose page, of which size, and which, in one number. */
import { describe, expect, test } from 'vitest';
import { keyBase, keyPage, keyTag, tagAsid, tagSizeClass } from '../../../core/tlb/keys.ts';

describe('keys', () => {
  test.each([
    [0, 0, 0],
    [0, 2, 2 ** 45 - 1],
    [1, 0, 1],
    [6, 3, 0x7ffffffff],
    [62, 3, 2 ** 45 - 1],
  ])('asid %i, size class %i, page %i', (asid, sizeClass, page) => {
    for (const key of [keyBase(asid, sizeClass) + page, -(keyBase(asid, sizeClass) + page)]) {
      expect(keyPage(key)).toBe(page);
      expect([tagAsid(keyTag(key)), tagSizeClass(keyTag(key))]).toEqual([asid, sizeClass]);
      expect(Number.isSafeInteger(key)).toBe(true);
    }
  });

  test('beyond asid 62 a number no longer holds every page', () => {
    expect(Number.isSafeInteger(keyBase(63, 3) + 2 ** 45 - 1)).toBe(false);
  });

  test('no key of any address space is the empty entry, and none is that of another', () => {
    const bases = [0, 1, 2, 3, 4, 5, 6].flatMap((asid) => [0, 1, 2, 3].map((size) => keyBase(asid, size)));
    expect(Math.min(...bases)).toBeGreaterThan(0);
    expect(bases.every((base, i) => i === 0 || base - bases[i - 1]! === 2 ** 45)).toBe(true);
  });
});
