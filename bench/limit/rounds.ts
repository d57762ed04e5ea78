/**
 * Who is how fast beside C: everybody in turn, there and back again, so that what else the machine has to do meets all of
 * them alike. The ratio is made in each round, and what is told is its median, with the middle half of all rounds.
 */
import type { Contestant } from './contestant.ts';

/** The compiler of JavaScript is through by then: what has many functions takes it two seconds. */
const WARMUP_ROUNDS = 3;
const WARMUP_TURN_MS = 400;
export const ROUNDS = 10;

/** Quartiles. */
export interface Spread {
  readonly low: number;
  readonly median: number;
  readonly high: number;
}

export interface Standing {
  readonly ns: number;
  /** What of C's speed is reached: 1 is as fast as C, and more is faster. */
  readonly ofC: Spread;
}

export interface Standings {
  readonly cNs: number;
  /** Of the others, in their order. */
  readonly others: readonly Standing[];
}

/** `timeMs`: of each, in all rounds together; a turn is the work done once at least. */
export async function compare(
  c: Contestant,
  others: readonly Contestant[],
  timeMs: number,
): Promise<Standings> {
  const all = [c, ...others];
  const turnMs = Math.max(1, Math.round(timeMs / ROUNDS));
  const taken: number[][] = all.map(() => []);
  for (let round = -WARMUP_ROUNDS; round < ROUNDS; round++) {
    for (const i of inTurn(all.length, round)) {
      const ns = await all[i]!.turn(round < 0 ? Math.max(turnMs, WARMUP_TURN_MS) : turnMs);
      if (round >= 0) taken[i]!.push(ns);
    }
  }
  return standings(taken[0]!, taken.slice(1));
}

/** There in even rounds, and back in odd ones. */
export function inTurn(count: number, round: number): number[] {
  return Array.from({ length: count }, (_, i) => (round % 2 === 0 ? i : count - 1 - i));
}

/** Of nanoseconds by round. */
export function standings(c: readonly number[], others: readonly (readonly number[])[]): Standings {
  return {
    cNs: spreadOf(c).median,
    others: others.map((ns) => ({
      ns: spreadOf(ns).median,
      ofC: spreadOf(ns.map((one, round) => c[round]! / one)),
    })),
  };
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  return { low: quantile(sorted, 0.25), median: quantile(sorted, 0.5), high: quantile(sorted, 0.75) };
}

/** Between two values, in proportion. */
function quantile(sorted: readonly number[], q: number): number {
  const place = q * (sorted.length - 1);
  const below = Math.floor(place);
  const low = sorted[below]!;
  return low + ((sorted[below + 1] ?? low) - low) * (place - below);
}
