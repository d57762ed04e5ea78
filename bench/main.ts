/** `main(arguments, streams)` runs the benchmarks that a command line asks for and returns its exit code. */
import type { Writable } from 'node:stream';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { UsageError } from '../core/base/errors.ts';
import { unknownName } from '../workloads/engine/options.ts';
import { Inputs, REFERENCE_TRACE } from './inputs/inputs.ts';
import { limit } from './limit/limit.ts';
import { limitRows } from './limit/rows/index.ts';
import { limitListText } from './limit/text.ts';
import { type Comparison, compared, readEarlier } from './measure/compare.ts';
import { headerOf } from './measure/header.ts';
import { measure, type Result } from './measure/measure.ts';
import { type Progress, progressOn } from './measure/progress.ts';
import { listText, reportText } from './measure/text.ts';
import { SUITES } from './suites/index.ts';
import type { Suite } from './suites/suite.ts';

export interface Streams {
  readonly stdout: Writable;
  readonly stderr: Writable & { readonly isTTY?: boolean };
  readonly env: Readonly<Record<string, string | undefined>>;
}

interface Options {
  readonly suite?: readonly string[];
  readonly time: number;
  readonly seed: number;
  readonly compare?: string;
  readonly list?: true;
  readonly json?: true;
  readonly limit?: true;
  readonly saveBaseline?: true;
}

const USAGE_EXIT = 2;

export async function main(args: readonly string[], streams: Streams): Promise<number> {
  const program = programFor(streams);
  try {
    program.parse(args, { from: 'user' });
    const options = program.opts<Options>();
    await (options.limit ? benchLimit(options, streams) : bench(options, streams));
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE_EXIT;
    if (!(error instanceof UsageError)) throw error;
    streams.stderr.write(`bench: ${error.message}\n`);
    return USAGE_EXIT;
  }
}

function programFor({ stdout, stderr }: Streams): Command {
  return new Command('bench')
    .description('Measures the hot paths of vmsplit.')
    .option('--suite <name...>', 'only these suites')
    .option('--time <ms>', 'how long to sample each row', wholeNumber, 500)
    .option('--seed <n>', 'seed of workloads and of random events', wholeNumber, 1)
    .option('--compare <file>', 'an earlier --json: tell the ratio new/old of each row')
    .option('--json', 'print one JSON object instead of a table')
    .option('--list', 'print the names of suites and rows, and measure nothing')
    .option('--limit', 'against the same in C: what of its speed is reached, and what the baseline says')
    .option('--save-baseline', 'with --limit: record the ratios as the baseline')
    .addHelpText('after', `\n$VMSPLIT_BENCH_TRACE names another reference trace than ${REFERENCE_TRACE}.`)
    .exitOverride()
    .configureOutput({ writeOut: (text) => stdout.write(text), writeErr: (text) => stderr.write(text) });
}

async function bench(options: Options, streams: Streams): Promise<void> {
  if (options.saveBaseline)
    throw new UsageError("'--save-baseline' without '--limit': only that has a baseline");
  const suites = chosen(options.suite, SUITES, ({ name }) => name);
  if (options.list) {
    streams.stdout.write(listText(suites));
    return;
  }
  const earlier = options.compare === undefined ? undefined : await readEarlier(options.compare);
  const inputs = new Inputs(options.seed, streams.env.VMSPLIT_BENCH_TRACE);
  const header = headerOf(options.seed, options.time, inputs.tracePath);
  const measured = await measureAll(suites, inputs, options.time, progressOn(streams.stderr));
  const results: Comparison[] = earlier === undefined ? measured : compared(measured, earlier);
  streams.stdout.write(
    options.json
      ? `${JSON.stringify({ header, results }, undefined, 2)}\n`
      : reportText(header, suites, results),
  );
}

async function measureAll(
  suites: readonly Suite[],
  inputs: Inputs,
  timeMs: number,
  progress: Progress,
): Promise<Result[]> {
  const rows = suites.flatMap((suite) => suite.rows.map((row) => ({ suite, row })));
  const results: Result[] = [];
  for (const { suite, row } of rows) {
    progress(`${results.length + 1}/${rows.length} ${suite.name}: ${row.name}`);
    const measurement = await measure(await row.prepare(inputs), timeMs);
    results.push({ suite: suite.name, name: row.name, unit: suite.unit, ...measurement });
  }
  progress('');
  return results;
}

async function benchLimit(options: Options, { stdout, stderr, env }: Streams): Promise<void> {
  const { suite, time: timeMs, seed, compare: baseline, json = false, saveBaseline: save = false } = options;
  if (save && (suite !== undefined || baseline !== undefined))
    throw new UsageError(
      "'--save-baseline' records all rows: it goes with neither '--suite' nor '--compare'",
    );
  const rows = chosen(suite, limitRows(), (row) => row.suite);
  stdout.write(
    options.list
      ? limitListText(rows)
      : await limit({ rows, timeMs, seed, baseline, json, save }, env, progressOn(stderr)),
  );
}

/** Those of the named suites, in the order of the names; all, if there are no names. */
function chosen<T>(
  names: readonly string[] | undefined,
  all: readonly T[],
  suiteOf: (one: T) => string,
): readonly T[] {
  if (names === undefined) return all;
  const known = [...new Set(all.map(suiteOf))];
  return names.flatMap((name) => {
    if (!known.includes(name)) throw unknownName('suite', name, known);
    return all.filter((one) => suiteOf(one) === name);
  });
}

function wholeNumber(text: string): number {
  if (/^\d{1,10}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Expected a whole number.');
}
