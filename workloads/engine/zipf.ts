/**
 * Zipf-distributed ranks: rank i of n is drawn with probability proportional to 1 / (i + 1)^theta.
 *
 * Sampled by the alias method (Walker 1977; tables in linear time after Vose, "A linear algorithm for generating
 * random numbers with a given distribution", IEEE TSE 17(9), 1991): two draws and one look-up however large n is.
 * Thresholds are 32-bit integers, so a probability is off by at most 2^-32.
 */
import { exp, ln } from './arithmetic.ts';
import type { Prng } from './prng.ts';

/** A prime near the golden ratio of 2^32, as in multiplicative hashing (Knuth, TAOCP vol. 3, 6.4). */
const SCATTER = 2654435761;

export class Zipf {
  readonly size: number;
  /** Out of 2^32: column i yields i below the threshold, else alias[i]. */
  private readonly threshold: Uint32Array;
  private readonly alias: Uint32Array;

  constructor(size: number, theta: number) {
    this.size = size;
    this.threshold = new Uint32Array(size).fill(0xffffffff);
    this.alias = Uint32Array.from({ length: size }, (_, i) => i);
    this.fillColumns(zipfWeights(size, theta));
  }

  /** A rank in [0, size); 0 is the most popular. */
  rank(random: Prng): number {
    const column = random.below(this.size);
    return random.uint32() < this.threshold[column]! ? column : this.alias[column]!;
  }

  /** A rank at a fixed place of its own in [0, size): popular items are not neighbours (YCSB's "scrambled"). */
  scattered(random: Prng): number {
    return (this.rank(random) * (SCATTER % this.size)) % this.size;
  }

  /** Vose: pour the excess of columns above average into those below until every column is exactly full. */
  private fillColumns(weight: Float64Array): void {
    const small: number[] = [];
    const large: number[] = [];
    for (let i = 0; i < weight.length; i++) (weight[i]! < 1 ? small : large).push(i);
    while (small.length > 0 && large.length > 0) {
      const poor = small.pop()!;
      const rich = large[large.length - 1]!;
      this.threshold[poor] = Math.floor(weight[poor]! * 2 ** 32);
      this.alias[poor] = rich;
      weight[rich]! -= 1 - weight[poor]!;
      if (weight[rich]! < 1) small.push(large.pop()!);
    }
  }
}

/** Weights with mean 1. */
function zipfWeights(size: number, theta: number): Float64Array {
  const weight = new Float64Array(size);
  for (let i = 0; i < size; i++) weight[i] = exp(-theta * ln(i + 1));
  const mean = weight.reduce((sum, w) => sum + w, 0) / size;
  return weight.map((w) => w / mean);
}
