/** `vmsplit diff`: a trace under several layouts in lock step: what comes out differently, and why. */
import { Command, Option } from 'commander';
import { UsageError } from '../../../core/index.ts';
import { EVENTS_ARGUMENT } from '../events.ts';
import { addMachineOptions, addMemoryOptions, type MachineArguments } from '../machine-options.ts';
import { addMmuOption, type MmuArguments } from '../mmu-options.ts';
import { MOST_FOLDED, replayLine, replayUnder, reportReplay } from '../run-replay.ts';
import { addSnapshotOption, type SnapshotArguments } from '../snapshot-input.ts';
import type { Terminal } from '../terminal.ts';
import { ANY_COUNT, parseNames, wholeNumber } from '../values.ts';
import { addWorkloadOptions, type WorkloadArguments } from '../workload-options.ts';

/**
 * The three layouts of the classic question. Those of the linux family, since their figures are what real kernels
 * report; the textbook ones (3g1g, 2g2g, x86_64) are rounder.
 */
export const CLASSIC_LAYOUTS = ['linux-3g1g', 'linux-2g2g', 'linux-x86_64'];

interface DiffArguments extends MachineArguments, MmuArguments, WorkloadArguments, SnapshotArguments {
  readonly layouts: readonly string[];
  readonly batch?: number;
  readonly first: number;
  readonly json?: true;
}

const HELP = `
The default layouts are those of the linux family: their figures are what real kernels report. The textbook ones
(3g1g, 2g2g, x86_64) have the round figures of the books. Exit code 1: outcomes differ; 0: they do not.`;

export function diffCommand(terminal: Terminal): Command {
  const command = new Command('diff')
    .description('replay a trace under several layouts in lock step: what differs, and why')
    .argument('<events>', EVENTS_ARGUMENT)
    .addOption(
      new Option('--layouts <names>', 'two layouts or more, with commas between them')
        .argParser(parseNames)
        .default(CLASSIC_LAYOUTS, CLASSIC_LAYOUTS.join(',')),
    );
  return addWorkloadOptions(addSnapshotOption(addMmuOption(addMemoryOptions(addMachineOptions(command)))))
    .option('--first <k>', 'how many sorts of differences to explain', wholeNumber(0, ANY_COUNT), 10)
    .option('--batch <n>', 'events folded at a time; changes no result', wholeNumber(1, MOST_FOLDED))
    .option('--json', 'the result as JSON')
    .addHelpText('after', HELP)
    .action((what: string, given: DiffArguments) => diffTrace(terminal, what, given));
}

async function diffTrace(terminal: Terminal, what: string, given: DiffArguments): Promise<void> {
  const { layouts, first: firstDifferences, batch: batchSize, json = false } = given;
  if (new Set(layouts).size < 2)
    throw new UsageError(`--layouts ${layouts.join(',')}: found one layout, expected two or more to compare`);
  const request = { what, given, layouts, batchSize, firstDifferences };
  const replayed = await replayUnder(terminal, request);
  const layoutArguments = ['--layouts', layouts.join(',')];
  reportReplay(terminal, replayed, replayLine('diff', replayed.events, layoutArguments, request), json);
  terminal.signal.throwIfAborted();
  if (replayed.result.differences!.total > 0) terminal.exitCode = 1;
}
