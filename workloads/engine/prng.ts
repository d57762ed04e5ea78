/**
 * The one source of randomness of a workload: xoroshiro128+ of pure-rand (Blackman and Vigna, "Scrambled linear
 * pseudorandom number generators", ACM TOMS 47, 2021), a 128-bit state that can be saved and restored.
 *
 * Everything drawn from it is an integer. The distributions that need a logarithm take it from arithmetic.ts,
 * so a seed means the same numbers on every engine and platform.
 */
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus, xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';
import { skipN } from 'pure-rand/utils/skipN';
import { exp, ln } from './arithmetic.ts';

/** Four 32-bit words. */
type PrngState = readonly number[];

/** pure-rand seeds half of the state with ones and zeros: the first outputs of near seeds look alike. */
const WARM_UP = 64;

export class Prng {
  private readonly generator: RandomGenerator;

  private constructor(generator: RandomGenerator) {
    this.generator = generator;
  }

  /** `seed` counts modulo 2^32. */
  static fromSeed(seed: number): Prng {
    const generator = xoroshiro128plus(seed);
    skipN(generator, WARM_UP);
    return new Prng(generator);
  }

  static fromState(state: PrngState): Prng {
    return new Prng(xoroshiro128plusFromState(state));
  }

  getState(): PrngState {
    return this.generator.getState();
  }

  uint32(): number {
    return this.generator.next() >>> 0;
  }

  /** Uniform in [0, n), 1 <= n <= 2^32. */
  below(n: number): number {
    return uniformInt(this.generator, 0, n - 1);
  }

  /** Uniform in [min, max]. */
  range(min: number, max: number): number {
    return uniformInt(this.generator, min, max);
  }

  /** True in `numerator` of `denominator` cases. */
  chance(numerator: number, denominator: number): boolean {
    return this.below(denominator) < numerator;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  /** Exponential with this mean, rounded: times between the events of a Poisson process. At most 23 means. */
  exponential(mean: number): number {
    const u = this.uint32() + 0.5; // of 2^32, never 0 or 1
    return Math.round(mean * (LN_2_POW_32 - ln(u)));
  }

  /** Log-uniform in [min, max], rounded: as many values between 1 K and 2 K as between 1 M and 2 M. min >= 1. */
  logUniform(min: number, max: number): number {
    const u = this.uint32() / 2 ** 32;
    return Math.round(min * exp(u * (ln(max) - ln(min))));
  }
}

const LN_2_POW_32 = 22.18070977791825;
