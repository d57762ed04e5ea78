import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NumberMap } from '../../../traces/import/number-map.ts';

/** Pointers as traces have them: hashed, real ones less their sign, and some that collide in the low 32 bits. */
const anyKey = fc.oneof(
  fc.nat(40),
  fc.nat(40).map((key) => key * 2 ** 32),
  fc.nat(40).map((key) => Number((0xffff888100000000n + BigInt(key) * 64n) % 2n ** 53n)),
);
const anyStep = fc.tuple(fc.constantFrom('set', 'delete'), anyKey, fc.integer({ min: 1, max: 2 ** 32 - 1 }));

test('is as a Map', () => {
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 400 }), (steps) => {
      const map = new NumberMap();
      const model = new Map<number, number>();
      const found: number[] = [];
      const expected: number[] = [];
      const look = (key: number): void => {
        found.push(map.get(key));
        expected.push(model.get(key) ?? 0);
      };
      for (const [step, key, value] of steps) {
        if (step === 'set') {
          map.set(key, value);
          model.set(key, value);
        } else {
          map.delete(key);
          model.delete(key);
        }
        look(key);
      }
      for (const [, key] of steps) look(key);
      expect(found).toEqual(expected);
    }),
  );
});

test('holds more than it began with, through growth and while keys come and go', () => {
  const map = new NumberMap();
  for (let key = 0; key < 20_000; key++) {
    map.set(key * 8, key + 1);
    if (key >= 3_000) map.delete((key - 3_000) * 8);
  }
  const keys = Array.from({ length: 20_000 }, (_, key) => key);
  expect(keys.map((key) => map.get(key * 8))).toEqual(keys.map((key) => (key < 17_000 ? 0 : key + 1)));
});
