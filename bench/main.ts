/** `main(arguments, streams)` runs the benchmarks that a command line asks for and returns its exit code. */
import type { Writable } from 'node:stream';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { UsageError } from '../core/base/errors.ts';
import { unknownName } from '../workloads/engine/options.ts';
import { Inputs, REFERENCE_TRACE } from './inputs/inputs.ts';
import { type Comparison, compared, readEarlier } from './measure/compare.ts';
import { headerOf } from './measure/header.ts';
import { measure, type Result } from './measure/measure.ts';
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
}

const USAGE_EXIT = 2;

export async function main(args: readonly string[], streams: Streams): Promise<number> {
  const program = programFor(streams);
  try {
    program.parse(args, { from: 'user' });
    await bench(program.opts<Options>(), streams);
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
    .addHelpText('after', `\n$VMSPLIT_BENCH_TRACE names another reference trace than ${REFERENCE_TRACE}.`)
    .exitOverride()
    .configureOutput({ writeOut: (text) => stdout.write(text), writeErr: (text) => stderr.write(text) });
}

async function bench(options: Options, streams: Streams): Promise<void> {
  const suites = chosenSuites(options.suite);
  if (options.list) {
    streams.stdout.write(listText(suites));
    return;
  }
  const earlier = options.compare === undefined ? undefined : await readEarlier(options.compare);
  const inputs = new Inputs(options.seed, streams.env.VMSPLIT_BENCH_TRACE);
  const header = headerOf(options.seed, options.time, inputs.tracePath);
  const measured = await measureAll(suites, inputs, options.time, streams.stderr);
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
  stderr: Streams['stderr'],
): Promise<Result[]> {
  const rows = suites.flatMap((suite) => suite.rows.map((row) => ({ suite, row })));
  const results: Result[] = [];
  for (const { suite, row } of rows) {
    progress(stderr, `${results.length + 1}/${rows.length} ${suite.name}: ${row.name}`);
    const measurement = await measure(await row.prepare(inputs), timeMs);
    results.push({ suite: suite.name, name: row.name, unit: suite.unit, ...measurement });
  }
  progress(stderr, '');
  return results;
}

/** Rewrites one line of a terminal. */
function progress(stderr: Streams['stderr'], text: string): void {
  if (stderr.isTTY === true) stderr.write(`\r\x1b[K${text}`);
}

function chosenSuites(names: readonly string[] | undefined): readonly Suite[] {
  if (names === undefined) return SUITES;
  return names.map((name) => {
    const found = SUITES.find((suite) => suite.name === name);
    if (found !== undefined) return found;
    throw unknownName(
      'suite',
      name,
      SUITES.map((suite) => suite.name),
    );
  });
}

function wholeNumber(text: string): number {
  if (/^\d{1,10}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Expected a whole number.');
}
