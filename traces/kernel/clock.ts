/**
 * Times that are the time since the line before: perf script --deltatime. Nothing in the text says so, but times of
 * all cpus are merged in order, so times that go back again and again are none of a clock.
 */
import { ABSENT } from './record.ts';

/** Backward steps among the times of a file that are no clock's: differences go back every other time. */
const BACKWARD_SHARE = 0.25;
/** Fewer tell nothing, unless the first is 0: perf says 0 for the line that has none before it. */
const FEWEST_STEPS = 8;

/** Whether times that begin like this are differences. */
export function areDifferences(timesNs: readonly number[]): boolean {
  const steps = timesNs.length - 1;
  let backward = 0;
  for (let i = 1; i <= steps; i++) backward += Number(timesNs[i]! < timesNs[i - 1]!);
  if (timesNs[0] === 0 && backward > 0) return true;
  return steps >= FEWEST_STEPS && backward > steps * BACKWARD_SHARE;
}

/** Whether they may be differences or times since the first: of two lines both are the same. */
export function beginAtZero(timesNs: readonly number[]): boolean {
  return timesNs.length > 2 && timesNs[0] === 0;
}

/** Times of lines as those of a clock. */
export class LineClock {
  readonly isSum: boolean;
  private sumNs = 0;

  constructor(isSum: boolean) {
    this.isSum = isSum;
  }

  at(timeNs: number): number {
    if (!this.isSum || timeNs === ABSENT) return timeNs;
    this.sumNs += timeNs;
    return this.sumNs;
  }
}
