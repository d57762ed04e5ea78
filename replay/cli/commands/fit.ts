/** `vmsplit fit`: the smallest RAM, vmalloc window or kernel space with which nothing of a trace fails. */

import { Command, Option } from 'commander';
import { answerText, type FitResult, findFit, tryLine, VARIED, type Varied } from '../../fit/index.ts';
import { eventsArguments, machineArguments, type RunSpec, reproduceLine, SIZE } from '../../spec/index.ts';
import { runFiles } from '../files/run-files.ts';
import { addFailOnOption, exitCodeFor, type FailOnArguments, failOnArguments } from '../options/fail-on.ts';
import {
  addLanesOption,
  addMachineOptions,
  type LayoutArguments,
  type Machines,
  machinesOf,
  oneMachineOf,
} from '../options/machine-options.ts';
import { ANY_COUNT, parserOf, wholeNumber } from '../options/values.ts';
import {
  addWorkloadOptions,
  EVENTS_ARGUMENT,
  eventsOf,
  type WorkloadArguments,
} from '../options/workload-options.ts';
import { watched } from '../session/watched.ts';
import type { Terminal } from '../terminal/terminal.ts';

const DEFAULT_LAYOUT = 'linux-3g1g';

interface FitArguments extends LayoutArguments, WorkloadArguments, FailOnArguments {
  readonly vary: Varied;
  readonly step?: number;
  readonly around?: number;
  readonly json?: true;
}

const HELP = `
Sizes are doubled from what the machine has until nothing fails (or halved while nothing does), bisected, and then those next
to the answer are tried too: a larger window moves other things, so more is not always enough. For layouts all of the same
processor are tried, or those of --layouts, the smallest kernel space first. Only what fails for want of memory or addresses
counts; requests that failed where they were recorded count as all others do. Exit code 1: no value fits.`;

export function fitCommand(terminal: Terminal): Command {
  const command = new Command('fit')
    .description('the smallest RAM, vmalloc= or kernel space with which nothing that a trace asks for fails')
    .argument('<events>', `${EVENTS_ARGUMENT}; read once for each try`)
    .addOption(new Option('--vary <what>', 'what to find').choices(VARIED).makeOptionMandatory())
    .option('--step <size>', 'between two sizes (default: 16M of RAM, 4M of vmalloc)', parserOf(SIZE))
    .option(
      '--around <n>',
      'so many sizes on each side of the answer are tried too (default: 3)',
      wholeNumber(0, ANY_COUNT),
    );
  addMachineOptions(addLanesOption(command, [DEFAULT_LAYOUT]));
  return addFailOnOption(addWorkloadOptions(command), ['never', 'incomplete', 'failure'], 'failure')
    .option('--json', 'the result as JSON')
    .addHelpText('after', HELP)
    .action((what: string, given: FitArguments) => runFit(terminal, what, given));
}

async function runFit(terminal: Terminal, what: string, given: FitArguments): Promise<void> {
  const { vary, step, around, json } = given;
  const machines =
    vary === 'layout' ? machinesOf(given, [DEFAULT_LAYOUT]) : oneMachineOf('fit', given, DEFAULT_LAYOUT);
  const run: RunSpec = { events: eventsOf(what, given), ...machines };
  const result = await findFit(run, runFiles(terminal), {
    vary,
    step,
    around,
    watched: (events, label) => watched(terminal, events.batches, { label, total: events.total }),
    ...(!json && { onTry: (tried) => terminal.print(tryLine(tried, terminal.width)) }),
  });
  const reproduce = reproduceLine('fit', fitArguments(run, given));
  const command = replayLine(run, result);
  if (json) terminal.printJson({ ...result, command: command ?? null, reproduce });
  else {
    terminal.print(answerText(result, command, terminal.width));
    terminal.print(`reproduce: ${reproduce}`);
  }
  if (!result.complete) terminal.note(`${result.events}: incomplete: the answer is of what there is of it`);
  const verdict = { incomplete: !result.complete, failures: result.answer === null ? 1 : 0 };
  terminal.exitCode = exitCodeFor(verdict, given.failOn ?? 'failure');
}

/** What replays the answer, its value among the options of its lane. */
function replayLine(run: RunSpec, { answer }: FitResult): string | undefined {
  if (answer === null) return undefined;
  // What the lane says is not said twice.
  const { ram, ...others } = run.machine;
  const machine = answer.lane.ram === undefined && ram !== undefined ? { ...others, ram } : others;
  const machines: Machines = { machine, lanes: [answer.lane] };
  return reproduceLine('replay', [...eventsArguments(run.events), ...machineArguments(machines)]);
}

function fitArguments(run: RunSpec, given: FitArguments): string[] {
  const { vary, step, around } = given;
  return [
    ...eventsArguments(run.events),
    '--vary',
    vary,
    ...machineArguments(run),
    ...(step === undefined ? [] : ['--step', SIZE.text(step)]),
    ...(around === undefined ? [] : ['--around', String(around)]),
    ...failOnArguments(given),
  ];
}
