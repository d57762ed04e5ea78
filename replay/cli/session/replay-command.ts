/** What `replay` and `diff` have in common: a run from options or from a specification, replayed and reported. */

import { Command } from 'commander';
import { UsageError } from '../../../core/index.ts';
import { type RunSpec, reproduceLine, runSpecToJson } from '../../spec/index.ts';
import { runFiles } from '../files/run-files.ts';
import {
  addFailOnOption,
  checkFailOn,
  FAIL_ON,
  type FailOn,
  type FailOnArguments,
  failOnArguments,
} from '../options/fail-on.ts';
import { addLanesOption, addMachineOptions } from '../options/machine-options.ts';
import { addRunOptions, type RunArguments, runArguments, runSpecOf } from '../options/spec-options.ts';
import { MOST_JOBS, wholeNumber } from '../options/values.ts';
import { addWorkloadOptions, EVENTS_ARGUMENT } from '../options/workload-options.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { replayLanesOf, reportReplay } from './run-replay.ts';

/**
 * The three layouts of the classic question. Those of the linux family, since their figures are what real kernels
 * report; the textbook ones (3g1g, 2g2g, x86_64) are rounder.
 */
export const CLASSIC_LAYOUTS = ['linux-3g1g', 'linux-2g2g', 'linux-x86_64'];

interface ReplayArguments extends RunArguments, FailOnArguments {
  readonly json?: true;
  readonly jobs?: number;
}

/** What the two do differently. */
interface Manner {
  readonly name: string;
  readonly layouts: readonly string[];
  readonly leastLanes: number;
  readonly failOn: FailOn;
}

export function replayingCommand(terminal: Terminal, manner: Manner): Command {
  const { name, layouts, failOn } = manner;
  const command = addLanesOption(new Command(name).argument('[events]', EVENTS_ARGUMENT), layouts);
  return addFailOnOption(addRunOptions(addWorkloadOptions(addMachineOptions(command))), FAIL_ON, failOn)
    .option(
      '--jobs <n>',
      'lanes at a time, each in a thread (default: as many as cores, if the run is long)',
      wholeNumber(1, MOST_JOBS),
    )
    .option('--json', 'the result as JSON')
    .action((what: string | undefined, given: ReplayArguments) => replayTrace(terminal, manner, what, given));
}

async function replayTrace(
  terminal: Terminal,
  { name, layouts, leastLanes, failOn: usually }: Manner,
  what: string | undefined,
  given: ReplayArguments,
): Promise<void> {
  const run = await runSpecOf(name, what, given, layouts, runFiles(terminal));
  if (run.lanes.length < leastLanes) throw tooFew(name, run);
  checkFailOn(given, run.lanes.length);
  if (given.printSpec) {
    terminal.printJson(runSpecToJson(run));
    return;
  }
  const replayed = await replayLanesOf(terminal, run, given.jobs);
  const { json, failOn = usually } = given;
  const reproduce = reproduceLine(name, [...runArguments(run, given), ...failOnArguments(given)]);
  reportReplay(terminal, replayed, reproduce, { json, failOn });
  terminal.signal.throwIfAborted();
}

function tooFew(command: string, { lanes: [lane] }: RunSpec): UsageError {
  return new UsageError(
    `${command}: found one layout (${lane!.layout}), expected two or more to compare, as in --layouts linux-3g1g,linux-2g2g`,
  );
}
