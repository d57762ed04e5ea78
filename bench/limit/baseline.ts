/** The ratios that were recorded (baseline.json), and what has changed since by more than noise. */
import { writeFile } from 'node:fs/promises';
import { packagePath } from '../inputs/inputs.ts';
import { readRun } from '../measure/compare.ts';
import type { Header } from '../measure/header.ts';
import type { Spread } from './rounds.ts';

export const BASELINE = 'bench/limit/baseline.json';

/** A line of the table. */
export interface LimitResult {
  readonly suite: string;
  readonly row: string;
  readonly unit: string;
  readonly name: string;
  readonly isPeer: boolean;
  readonly cNs: number;
  readonly ns: number;
  readonly ofC: Spread;
}

export interface LimitRun {
  readonly header: Header & { readonly compiler: string };
  readonly results: readonly LimitResult[];
}

/** Two runs on one machine differ so much though neither says so by its own spread: memory lies elsewhere. */
const LEAST_CHANGE = 0.1;

export type Change = 'fell' | 'rose';

/** Beyond noise: the middle halves of both runs are apart, and the medians by more than runs of the same code differ. */
export function changeOf(now: Spread, before: Spread): Change | undefined {
  if (now.high < before.low && now.median < before.median * (1 - LEAST_CHANGE)) return 'fell';
  if (now.low > before.high && now.median > before.median / (1 - LEAST_CHANGE)) return 'rose';
  return undefined;
}

export function readBaseline(path = packagePath(BASELINE)): Promise<LimitRun> {
  return readRun(path, isLimitResult, 'npm run --silent bench -- --limit --json > FILE');
}

export async function saveBaseline(run: LimitRun): Promise<void> {
  await writeFile(packagePath(BASELINE), `${JSON.stringify(run, undefined, 2)}\n`);
}

function isLimitResult(value: unknown): value is LimitResult {
  const result = value as Partial<LimitResult> | null;
  const { low, median, high } = result?.ofC ?? {};
  return (
    [result?.suite, result?.row, result?.name].every((text) => typeof text === 'string') &&
    [low, median, high].every((ratio) => typeof ratio === 'number')
  );
}

export function recorded({ suite, row, name }: LimitResult, { results }: LimitRun): LimitResult | undefined {
  return results.find((one) => one.suite === suite && one.row === row && one.name === name);
}

/** What somebody should know who changes a hot path: sentences, the worst first. */
export function notices(run: LimitRun, baseline: LimitRun): string[] {
  const unknown = run.results.filter((result) => recorded(result, baseline) === undefined);
  return [
    ...changed(run, baseline, 'fell', 'SLOWER beyond noise'),
    ...otherMachine(run.header, baseline.header),
    ...changed(run, baseline, 'rose', 'Faster beyond noise'),
    ...list('Not in the baseline', unknown),
    ...list('In the baseline only', gone(run, baseline)),
  ];
}

/** Of our own: packages of others change by what their authors do. */
function changed({ results }: LimitRun, baseline: LimitRun, change: Change, words: string): string[] {
  return results.flatMap((result) => {
    const before = recorded(result, baseline)?.ofC;
    if (before === undefined || result.isPeer || changeOf(result.ofC, before) !== change) return [];
    const ratios = `${ratioText(result.ofC.median)} of C, recorded ${spreadText(before)}`;
    return [`${words}: ${titleOf(result)}: ${ratios}.`];
  });
}

function list(words: string, results: readonly LimitResult[]): string[] {
  return results.length === 0 ? [] : [`${words}: ${results.map(titleOf).join('; ')}.`];
}

function titleOf({ row, name }: LimitResult): string {
  return `${row}: ${name}`;
}

function otherMachine(now: LimitRun['header'], before: LimitRun['header']): string[] {
  const [here, there] = [now, before].map(({ cpu, node, compiler }) => `${cpu}, node ${node}, ${compiler}`);
  if (here === there) return [];
  return [`The baseline is of another machine (${there}): some of the difference may be that.`];
}

/** Of the suites that were run. */
function gone(run: LimitRun, baseline: LimitRun): LimitResult[] {
  const suites = new Set(run.results.map(({ suite }) => suite));
  return baseline.results.filter((before) => suites.has(before.suite) && recorded(before, run) === undefined);
}

/** Two digits that mean something. */
export function ratioText(ratio: number): string {
  return ratio >= 0.0995 ? ratio.toFixed(2) : ratio.toFixed(ratio >= 0.00995 ? 3 : 4);
}

export function spreadText({ low, high }: Spread): string {
  return `${ratioText(low)} to ${ratioText(high)}`;
}
