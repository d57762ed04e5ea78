import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { constantOf, decodeColumn, encodeColumn } from '../../traces/vmt/column.ts';

function roundTrip(values: readonly number[]): { bytes: Uint8Array; decoded: number[] } {
  const bytes = encodeColumn(Uint32Array.from(values), values.length);
  const out = new Uint32Array(values.length);
  decodeColumn(bytes, values.length, out);
  return { bytes, decoded: [...out] };
}

const range = (length: number, value: (i: number) => number) => Array.from({ length }, (_, i) => value(i));
/** Scattered over 32 bits, and no two alike. */
const scattered = (i: number) => Math.imul(i + 1, 0x9e37_79b1) >>> 0;

describe('a column takes its smallest encoding', () => {
  test.each([
    ['constant', range(1000, () => 70_000), 0, 4],
    // tag, size, two values of three bytes, a byte for each
    ['two far values', range(1000, (i) => 70_000 + 90_000 * (i % 2)), 1, 1008],
    ['256 values: a full dictionary', range(4096, (i) => scattered(i % 256)), 1, undefined],
    ['257 values: no dictionary', range(4096, (i) => scattered(i % 257)), 3, 1 + 4 * 4096],
    ['ascending', range(1000, (i) => 1_000_000 + i), 2, 1 + 4 + 999 - 1],
    ['scattered', range(1000, scattered), 3, 4001],
    ['empty', [], 3, 1],
  ])('%s', (_, values, encoding, size) => {
    const { bytes, decoded } = roundTrip(values);
    expect(decoded).toEqual(values);
    expect(bytes[0]).toBe(encoding);
    if (size !== undefined) expect(bytes.length).toBe(size);
  });

  test('round trip, whatever the values', () => {
    const word = fc.oneof(fc.nat({ max: 5 }), fc.integer({ min: 0, max: 0xffff_ffff }));
    fc.assert(
      fc.property(fc.array(word, { maxLength: 400 }), (values) => {
        const { bytes, decoded } = roundTrip(values);
        expect(decoded).toEqual(values);
        expect(bytes.length).toBeLessThanOrEqual(1 + 4 * Math.max(1, values.length) + 1);
      }),
    );
  });

  test('a constant can be asked for without decoding', () => {
    expect(constantOf(encodeColumn(Uint32Array.of(9, 9, 9), 3))).toBe(9);
    expect(constantOf(encodeColumn(Uint32Array.of(9, 8, 9), 3))).toBeUndefined();
  });
});

describe('a column that is not well formed is refused', () => {
  test.each([
    ['no bytes', []],
    ['an unknown encoding', [4, 0, 0, 0]],
    ['a constant without value', [0]],
    ['two constants', [0, 1, 1]],
    ['a dictionary without room for its codes', [1, 0, 7]],
    ['a dictionary with fewer values than it says', [1, 5, 7, 0, 0, 0]],
    ['a code beyond the dictionary', [1, 0, 7, 0, 1, 0]],
    ['too few differences', [2, 1, 1]],
    ['too many differences', [2, 1, 1, 1, 1]],
    ['raw numbers, one byte short', [3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]],
  ])('%s', (_, bytes) => {
    expect(() => decodeColumn(Uint8Array.from(bytes), 3, new Uint32Array(3))).toThrow(/found .*expected/);
  });
});
