import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { exp, ln } from '../../workloads/engine/arithmetic.ts';

/** Math.log and Math.exp are right to the last digits on the machine at hand; only their exact bits may differ. */
function expectNear(found: number, expected: number): void {
  expect(Math.abs(found - expected)).toBeLessThanOrEqual(1e-12 * Math.max(1, Math.abs(expected)));
}

describe('ln', () => {
  test.each([0.5, 0.75, 1, 1.5, 2, Math.E, 10, 2 ** 31, 2 ** 32 - 0.5])('of %d', (x) => {
    expectNear(ln(x), Math.log(x));
  });
  test('of any number that the generator can draw', () => {
    fc.assert(fc.property(fc.nat(0xffffffff), (u) => expectNear(ln(u + 0.5), Math.log(u + 0.5))));
  });
});

describe('exp', () => {
  test.each([-50, -1, -0.3, 0.3, 1, 20, 22.18])('of %d', (x) => expectNear(exp(x) / Math.exp(x), 1));
  test('of 0 is exactly 1', () => expect(exp(0)).toBe(1));
  test('undoes ln', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 0x7fffffff }), (x) => expectNear(exp(ln(x)) / x, 1)));
  });
});

test('the bits are the same everywhere', () => {
  // Might be off in the last place, but must never change: workloads of old seeds would.
  expect([ln(3), ln(1e6), exp(1), exp(-7.25)]).toMatchInlineSnapshot(`
    [
      1.0986122886681096,
      13.815510557964274,
      2.7182818284590455,
      0.0007101743888425491,
    ]
  `);
});
