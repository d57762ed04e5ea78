import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  MAX_VARINT_BYTES,
  readVarints,
  unzigzag,
  varintBytes,
  writeVarint,
  zigzag,
} from '../../traces/vmt/varint.ts';

const anyWord = fc.integer({ min: 0, max: 0xffff_ffff });

function encode(values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(values.length * MAX_VARINT_BYTES);
  let end = 0;
  for (const value of values) end = writeVarint(bytes, end, value);
  return bytes.slice(0, end);
}

describe('varint', () => {
  // Both sides of each boundary between lengths.
  test.each([
    [0, [0x00]],
    [0x7f, [0x7f]],
    [0x80, [0x80, 0x01]],
    [0x3fff, [0xff, 0x7f]],
    [0x4000, [0x80, 0x80, 0x01]],
    [0x1f_ffff, [0xff, 0xff, 0x7f]],
    [0x20_0000, [0x80, 0x80, 0x80, 0x01]],
    [0xfff_ffff, [0xff, 0xff, 0xff, 0x7f]],
    [0x1000_0000, [0x80, 0x80, 0x80, 0x80, 0x01]],
    [0xffff_ffff, [0xff, 0xff, 0xff, 0xff, 0x0f]],
  ])('%i is %j', (value, bytes) => {
    expect([...encode([value])]).toEqual(bytes);
    expect(varintBytes(value)).toBe(bytes.length);
  });

  test('what is written is read', () => {
    fc.assert(
      fc.property(fc.array(anyWord), (values) => {
        const bytes = encode(values);
        const out = new Uint32Array(values.length);
        expect(readVarints(bytes, 0, bytes.length, out)).toBe(values.length);
        expect([...out]).toEqual(values);
      }),
    );
  });

  test.each([
    ['a number that does not end', [0x80]],
    ['five bytes that all say that another follows', [0x80, 0x80, 0x80, 0x80, 0x80, 0x00]],
    ['the 33rd bit', [0xff, 0xff, 0xff, 0xff, 0x1f]],
    ['more numbers than room', [1, 2, 3]],
  ])('refuses %s', (_, bytes) => {
    expect(() => readVarints(Uint8Array.from(bytes), 0, bytes.length, new Uint32Array(2))).toThrow(
      /expected/,
    );
  });
});

describe('zigzag', () => {
  test.each([
    [0, 0],
    [-1, 1],
    [1, 2],
    [-2, 3],
    [0x7fff_ffff, 0xffff_fffe],
    [-0x8000_0000, 0xffff_ffff],
  ])('%i is %i', (difference, code) => {
    expect(zigzag(difference)).toBe(code);
    expect(unzigzag(code)).toBe(difference);
  });
});
