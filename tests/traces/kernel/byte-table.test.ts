import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ByteTable } from '../../../traces/kernel/byte-table.ts';

const bytesOf = (text: string): Uint8Array => Buffer.from(text, 'latin1');

test('tells as many texts apart as there are, wherever they stand', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.string({ maxLength: 3 }), { maxLength: 400 }),
      fc.nat(5),
      (texts, indent) => {
        const latin = texts.filter((text) => Buffer.from(text, 'latin1').toString('latin1') === text);
        const table = new ByteTable((text) => ({ text }));
        const get = (text: string, start: number) =>
          table.get(bytesOf('x'.repeat(start) + text), start, start + text.length);
        const first = latin.map((text) => get(text, 0));
        expect(first.map(({ text }) => text)).toEqual(latin);
        latin.forEach((text, i) => {
          expect(get(text, indent)).toBe(first[i]);
        });
      },
    ),
  );
});

test('grows past its first slots without forgetting', () => {
  let made = 0;
  const table = new ByteTable((text) => ++made && text);
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < 5_000; i++)
      expect(table.get(bytesOf(String(i)), 0, String(i).length)).toBe(String(i));
  }
  expect(made).toBe(5_000);
});

test('a text that cannot be made a value of is tried again', () => {
  let failing = true;
  const table = new ByteTable((text) => {
    if (failing) throw new Error(text);
    return text;
  });
  expect(() => table.get(bytesOf('abc'), 0, 3)).toThrow('abc');
  failing = false;
  expect(table.get(bytesOf('abc'), 0, 3)).toBe('abc');
});
