/** Steps of a program with huge pages: what each changed, in the captured kernel and as predicted. */
import type { PressureFigure } from './compare.ts';
import type { PressurePrediction } from './run.ts';
import { type CapturedStep, COUNTED_NAMES, SIZES, type StepCounts } from './step-counts.ts';

/**
 * khugepaged looks again and again until the step is over: how often depends on what it shares the cpu with.
 * A count has to be equal, but for those: within so many per cent, or a few.
 */
const REPEATED = /^thp_scan_/;
const LEAST_REPEATED = 85;
const CHANCE = 12;

export function stepFigures(
  steps: readonly CapturedStep[],
  { steps: predicted, afterEnd }: Pick<PressurePrediction, 'steps' | 'afterEnd'>,
): PressureFigure[] {
  const figures: PressureFigure[] = [];
  for (const [i, step] of steps.entries()) {
    const before = steps[i - 1];
    const [then, now] = [predicted.get(before?.number ?? -1), predicted.get(step.number)];
    if (before === undefined || then === undefined || now === undefined) continue;
    const counts = step.hasEnded && afterEnd !== undefined ? { ...afterEnd, ...sizesOf(now) } : now;
    figures.push(...changes(step, before.counts, counts, then));
  }
  return figures;
}

function sizesOf(counts: StepCounts): StepCounts {
  return Object.fromEntries(SIZES.map((name) => [name, counts[name]!]));
}

/** One for each count that changed; one that says so where none did. */
function changes(
  { number, counts }: CapturedStep,
  before: StepCounts,
  predicted: StepCounts,
  then: StepCounts,
): PressureFigure[] {
  const mark = `step ${number}`;
  const figures = [...COUNTED_NAMES, ...SIZES].flatMap((what) => {
    const truth = counts[what]! - before[what]!;
    const found = predicted[what]! - then[what]!;
    return truth === 0 && found === 0 ? [] : [changeFigure(mark, what, truth, found)];
  });
  const none = {
    mark,
    what: 'nothing changes',
    truth: '0',
    predicted: '0',
    percent: 100,
    least: 100,
    first: '',
  };
  return figures.length === 0 ? [none] : figures;
}

function changeFigure(mark: string, what: string, truth: number, predicted: number): PressureFigure {
  const isRepeated = REPEATED.test(what);
  const apart = Math.abs(truth - predicted);
  const isRight = apart === 0 || (isRepeated && apart <= CHANCE);
  const least = isRepeated ? LEAST_REPEATED : 100;
  const percent = isRight ? 100 : Math.max(0, 100 - (100 * apart) / Math.max(Math.abs(truth), 1));
  const first = isRight ? '' : `${signed(predicted - truth)}`;
  return { mark, what, truth: String(truth), predicted: String(predicted), percent, least, first };
}

function signed(value: number): string {
  return value > 0 ? `+${value}` : String(value);
}
