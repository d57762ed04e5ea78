import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Prng } from '../../workloads/engine/prng.ts';
import { chiSquare, chiSquareLimit } from '../support/statistics.ts';

const seeds = fc.integer({ min: 0, max: 0xffffffff });
const MASK = (1n << 64n) - 1n;

/** xoroshiro128+ 1.0 as its authors publish it in C (rotations 24, 16, 37), in big integers: low halves of the sums. */
function* reference(seed: number): Generator<number> {
  const rotl = (x: bigint, k: bigint): bigint => ((x << k) | (x >> (64n - k))) & MASK;
  let s0 = (0xffffffffn << 32n) | BigInt(~seed >>> 0);
  let s1 = BigInt(seed >>> 0) << 32n;
  for (;;) {
    yield Number((s0 + s1) & 0xffffffffn);
    s1 ^= s0;
    s0 = rotl(s0, 24n) ^ s1 ^ ((s1 << 16n) & MASK);
    s1 = rotl(s1, 37n);
  }
}

function drawsOf(random: Prng, count: number): number[] {
  return Array.from({ length: count }, () => random.uint32());
}

describe('the sequence', () => {
  test('of seed 1 never changes', () => {
    expect(drawsOf(Prng.fromSeed(1), 6)).toMatchInlineSnapshot(`
      [
        3183957885,
        2650934932,
        1761488920,
        1641394542,
        2754496981,
        2295741774,
      ]
    `);
  });
  test('is that of xoroshiro128+ after a warm-up of 64', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const expected = reference(seed);
        for (let n = 0; n < 64; n++) expected.next();
        expect(drawsOf(Prng.fromSeed(seed), 50)).toEqual(
          Array.from({ length: 50 }, () => expected.next().value),
        );
      }),
      { numRuns: 20 },
    );
  });
  test('goes on from a saved state', () => {
    fc.assert(
      fc.property(seeds, fc.nat(100), (seed, skipped) => {
        const random = Prng.fromSeed(seed);
        drawsOf(random, skipped);
        const saved = JSON.parse(JSON.stringify(random.getState()));
        expect(drawsOf(Prng.fromState(saved), 20)).toEqual(drawsOf(random, 20));
      }),
    );
  });
  test('near seeds have nothing in common', () => {
    const [a, b] = [drawsOf(Prng.fromSeed(1), 1000), drawsOf(Prng.fromSeed(2), 1000)];
    const equalBits = a.reduce((sum, value, i) => sum + 32 - bitCount(value ^ b[i]!), 0);
    expect(Math.abs(equalBits - 16_000)).toBeLessThan(400); // 4.5 standard deviations
  });
});

function bitCount(value: number): number {
  return (value >>> 0).toString(2).replaceAll('0', '').length;
}

describe('integers', () => {
  test.each([1, 2, 3, 64, 1000, 2 ** 32])('below(%d) stays in bounds', (n) => {
    const random = Prng.fromSeed(3);
    for (let i = 0; i < 1000; i++) {
      const value = random.below(n);
      expect(Number.isInteger(value) && value >= 0 && value < n).toBe(true);
    }
  });
  test('below(20) is uniform', () => {
    const random = Prng.fromSeed(4);
    const counts = new Array<number>(20).fill(0);
    for (let i = 0; i < 100_000; i++) counts[random.below(20)]!++;
    expect(chiSquare(counts, new Array<number>(20).fill(5000))).toBeLessThan(chiSquareLimit(19));
  });
  test('range reaches both ends', () => {
    const random = Prng.fromSeed(5);
    const seen = new Set(Array.from({ length: 200 }, () => random.range(-2, 3)));
    expect([...seen].sort((a, b) => a - b)).toEqual([-2, -1, 0, 1, 2, 3]);
  });
  test.each([
    [0, 7, 0],
    [7, 7, 10_000],
    [1, 4, 2500],
  ])('chance(%d, %d) comes about %d times in 10,000', (numerator, denominator, expected) => {
    const random = Prng.fromSeed(6);
    const hits = Array.from({ length: 10_000 }, () => random.chance(numerator, denominator)).filter(Boolean);
    const deviation = Math.sqrt((expected * (10_000 - expected)) / 10_000);
    expect(Math.abs(hits.length - expected)).toBeLessThanOrEqual(3 * deviation);
  });
});

describe('exponential', () => {
  test('has its mean, and falls by half every ln 2 means', () => {
    const random = Prng.fromSeed(7);
    const halfLife = 1e6 * Math.LN2;
    const counts = new Array<number>(8).fill(0);
    let sum = 0;
    for (let i = 0; i < 100_000; i++) {
      const value = random.exponential(1e6);
      sum += value;
      counts[Math.min(7, Math.floor(value / halfLife))]!++;
    }
    const expected = counts.map((_, i) => 100_000 / 2 ** Math.min(i + 1, 7));
    expect(chiSquare(counts, expected)).toBeLessThan(chiSquareLimit(7));
    expect(Math.abs(sum / 1e11 - 1)).toBeLessThan(0.01);
  });
  test('of mean 0 is 0', () => expect(Prng.fromSeed(8).exponential(0)).toBe(0));
  test('is whole and not negative', () => {
    fc.assert(
      fc.property(seeds, fc.nat(1e9), (seed, mean) => {
        const value = Prng.fromSeed(seed).exponential(mean);
        expect(Number.isInteger(value) && value >= 0 && value <= 23 * mean).toBe(true);
      }),
    );
  });
});

describe('logUniform', () => {
  test('draws every octave equally often', () => {
    const random = Prng.fromSeed(9);
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < 50_000; i++) {
      counts[Math.min(9, Math.floor(Math.log2(random.logUniform(2 ** 20, 2 ** 30)) - 20))]!++;
    }
    expect(chiSquare(counts, new Array<number>(10).fill(5000))).toBeLessThan(chiSquareLimit(9));
  });
  test('stays in bounds', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 1, max: 2 ** 31 }), fc.nat(2 ** 31 - 1), (seed, min, more) => {
        const value = Prng.fromSeed(seed).logUniform(min, min + more);
        expect(Number.isInteger(value) && value >= min && value <= min + more).toBe(true);
      }),
    );
  });
});
