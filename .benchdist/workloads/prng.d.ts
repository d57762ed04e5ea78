/** Four 32-bit words. */
export type PrngState = readonly number[];
export declare class Prng {
    private readonly generator;
    private constructor();
    /** `seed` counts modulo 2^32. */
    static fromSeed(seed: number): Prng;
    static fromState(state: PrngState): Prng;
    getState(): PrngState;
    uint32(): number;
    /** Uniform in [0, n), 1 <= n <= 2^32. */
    below(n: number): number;
    /** Uniform in [min, max]. */
    range(min: number, max: number): number;
    /** True in `numerator` of `denominator` cases. */
    chance(numerator: number, denominator: number): boolean;
    pick<T>(items: readonly T[]): T;
    /** Exponential with this mean, rounded: times between the events of a Poisson process. At most 23 means. */
    exponential(mean: number): number;
    /** Log-uniform in [min, max], rounded: as many values between 1 K and 2 K as between 1 M and 2 M. min >= 1. */
    logUniform(min: number, max: number): number;
}
