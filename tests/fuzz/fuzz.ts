/**
 * Fuzzing: many cases, each drawn from one seed. `VMSPLIT_FUZZ=N` tries N cases over all targets instead of 1,000,
 * `VMSPLIT_SEED=S` others, `VMSPLIT_FUZZ_CASE=TARGET:SEED` one, which is what a failure prints. Seeds that found
 * something are kept below and tried first, for good.
 */
import { expect } from 'vitest';
import { Prng } from '../../workloads/engine/prng.ts';
import { atDepth } from '../support/depth.ts';

const CASES = Number(process.env.VMSPLIT_FUZZ ?? atDepth({ quick: 1_000, full: 5_000, long: 1_000_000 }));
const SEED = Number(process.env.VMSPLIT_SEED ?? 1);
const ONLY = process.env.VMSPLIT_FUZZ_CASE;

/** What has found faults, and has been mended. */
const KEPT: Readonly<Record<string, readonly number[]>> = {};

/** A sort of input, and its share of the cases in percent. */
export interface Target {
  readonly name: string;
  readonly percent: number;
}

export function seedsOf({ name, percent }: Target): number[] {
  if (ONLY !== undefined) {
    const [target, seed] = ONLY.split(':');
    return target === name ? [Number(seed)] : [];
  }
  const count = Math.ceil((CASES * percent) / 100);
  // Targets far apart, so that they do not share cases; a case's seed alone repeats it.
  const first = (Math.imul(SEED, 0x9e37_79b1) ^ Math.imul(hash(name), 0x85eb_ca6b)) >>> 0;
  return [...(KEPT[name] ?? []), ...Array.from({ length: count }, (_, i) => (first + i) >>> 0)];
}

function hash(text: string): number {
  return [...text].reduce((sum, character) => (Math.imul(sum, 31) + character.charCodeAt(0)) | 0, 7);
}

/** Tries all cases; tells which seed failed, and with what. Returns how many there were of each outcome. */
export async function fuzz(
  target: Target,
  tryCase: (random: Prng) => Promise<string> | string,
): Promise<Record<string, number>> {
  const outcomes: Record<string, number> = {};
  for (const seed of seedsOf(target)) {
    try {
      const outcome = await tryCase(Prng.fromSeed(seed));
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    } catch (error) {
      expect.fail(`VMSPLIT_FUZZ_CASE=${target.name}:${seed} repeats it: ${(error as Error).stack}`);
    }
  }
  if (CASES > 10_000) console.log(`${target.name}: seed ${SEED}, ${JSON.stringify(outcomes)}`);
  return outcomes;
}

export function pick<T>(random: Prng, choices: readonly T[]): T {
  return choices[random.below(choices.length)]!;
}

/** Cheaper than an expectation, of which there would be many for each of many cases. */
export function law(holds: boolean, what: string): void {
  if (!holds) throw new Error(`broken: ${what}`);
}
