/** Equal columns, on hosts with and without a memcmp of their own. */
import { describe, expect, test } from 'vitest';
import { sameBytesOf } from '../../../replay/diff/same-bytes.ts';

/** The same bytes, at another place in memory. */
const copyAt = (offset: number, bytes: readonly number[]): Uint8Array => {
  const memory = new Uint8Array(offset + bytes.length).fill(0xee);
  memory.set(bytes, offset);
  return memory.subarray(offset);
};

describe.each([
  ['Node', sameBytesOf(globalThis)],
  ['a browser', sameBytesOf({})],
])('in %s', (_, sameBytes) => {
  test.each([0, 1, 3, 4, 5, 7, 8, 9, 64])('%i bytes: equal, and with any one of them changed', (length) => {
    const bytes = Array.from({ length }, (_, at) => (37 * at) % 256);
    for (const offset of [0, 1, 4]) {
      expect(sameBytes(Uint8Array.from(bytes), copyAt(offset, bytes))).toBe(true);
      bytes.forEach((byte, at) => {
        const other = copyAt(offset, bytes.with(at, byte ^ 0x80));
        expect([at, sameBytes(Uint8Array.from(bytes), other)]).toEqual([at, false]);
      });
    }
  });

  test.each([
    [3, 4],
    [4, 8],
    [0, 1],
  ])('%i bytes are not %i that begin with them', (short, long) => {
    expect(sameBytes(new Uint8Array(short), new Uint8Array(long))).toBe(false);
    expect(sameBytes(new Uint8Array(long), new Uint8Array(short))).toBe(false);
  });
});
