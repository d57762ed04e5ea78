/** What `report` and `view` have in common: which run a page is to show, and all that goes with it. */
import { Command } from 'commander';
import { type PageContents, pageContents } from '../../page/html/page-run.ts';
import { type RunSpec, runSpecToJson } from '../../spec/index.ts';
import { pageFiles, runFiles } from '../files/run-files.ts';
import { addFailOnOption, exitCodeFor, type FailOnArguments, failOnArguments } from '../options/fail-on.ts';
import { addLanesOption, addMachineOptions } from '../options/machine-options.ts';
import { addRunOptions, type RunArguments, runArguments, runSpecOf } from '../options/spec-options.ts';
import { addWorkloadOptions, EVENTS_ARGUMENT } from '../options/workload-options.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { CLASSIC_LAYOUTS } from './replay-command.ts';

export interface PageArguments extends RunArguments, FailOnArguments {
  readonly json?: true;
}

/** With the options of `diff`. */
export function pageCommand(name: string): Command {
  const command = addLanesOption(new Command(name).argument('[events]', EVENTS_ARGUMENT), CLASSIC_LAYOUTS);
  addRunOptions(addWorkloadOptions(addMachineOptions(command)));
  return addFailOnOption(command, ['never', 'incomplete'], 'incomplete');
}

export interface PageOfRun {
  readonly run: RunSpec;
  readonly contents: PageContents;
  /** The arguments that make the same page again. */
  readonly arguments: readonly string[];
}

/** Read and checked; undefined when the specification was to be printed, and has been. Who gets it closes the trace. */
export async function pageOfRun(
  terminal: Terminal,
  command: string,
  what: string | undefined,
  given: PageArguments,
): Promise<PageOfRun | undefined> {
  const run = await runSpecOf(command, what, given, CLASSIC_LAYOUTS, runFiles(terminal));
  if (given.printSpec) {
    terminal.printJson(runSpecToJson(run));
    return undefined;
  }
  const contents = await pageContents(run, pageFiles(terminal));
  return { run, contents, arguments: [...runArguments(run, given), ...failOnArguments(given)] };
}

/** Says so when the trace is not whole, and sets the exit code. */
export function tellLost(
  terminal: Terminal,
  { name, lost }: PageContents,
  { failOn }: FailOnArguments,
): void {
  if (lost !== undefined) terminal.note(`${name}: incomplete: ${lost.message}`);
  terminal.exitCode = exitCodeFor({ incomplete: lost !== undefined }, failOn ?? 'incomplete');
}
