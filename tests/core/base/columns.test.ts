/** Byte columns four bytes at a time. */
import { describe, expect, test } from 'vitest';
import { fourOf, wordsOf } from '../../../core/base/columns.ts';

describe('columns as words', () => {
  const bytes = Uint8Array.from({ length: 16 }, (_, i) => i);
  const bytesOf = (words: Int32Array, count: number) => [
    ...new Uint8Array(words.buffer, words.byteOffset, count),
  ];

  test.each([
    [0, 16],
    [4, 12], // aligned: looked at where it is
    [1, 8], // not aligned: copied
    [8, 7],
    [13, 3], // the last word would end behind the buffer
    [0, 0],
  ])('from byte %i on, %i bytes', (start, count) => {
    const words = wordsOf(bytes.subarray(start, start + count), count);
    expect(words.length).toBe(Math.ceil(count / 4));
    expect(bytesOf(words, count)).toEqual([...bytes.subarray(start, start + count)]);
  });

  test('an aligned column is not copied', () => {
    expect(wordsOf(bytes.subarray(4), 12).buffer).toBe(bytes.buffer);
    expect(wordsOf(bytes.subarray(5), 8).buffer).not.toBe(bytes.buffer);
  });
});

test.each([0, 1, 0x7f, 0x80, 0xff])('four bytes %i are a word', (byte) => {
  expect(wordsOf(new Uint8Array(4).fill(byte), 4)[0]).toBe(fourOf(byte));
});
