/** `vmsplit replay`: a trace under one layout, or under several side by side. */
import { Command } from 'commander';
import { EVENTS_ARGUMENT } from '../events.ts';
import { addMachineOptions, addMemoryOptions, type MachineArguments } from '../machine-options.ts';
import { addMmuOption, type MmuArguments } from '../mmu-options.ts';
import { MOST_FOLDED, replayLine, replayUnder, reportReplay } from '../run-replay.ts';
import { addSnapshotOption, type SnapshotArguments } from '../snapshot-input.ts';
import type { Terminal } from '../terminal.ts';
import { collect, wholeNumber } from '../values.ts';
import { addWorkloadOptions, type WorkloadArguments } from '../workload-options.ts';

/** The split of nearly every 32-bit distribution kernel. */
const DEFAULT_LAYOUTS = ['linux-3g1g'];

interface ReplayArguments extends MachineArguments, MmuArguments, WorkloadArguments, SnapshotArguments {
  readonly layout?: readonly string[];
  readonly batch?: number;
  readonly json?: true;
}

export function replayCommand(terminal: Terminal): Command {
  const command = new Command('replay')
    .description('replay a trace under a layout: what worked, what failed and why, what it cost')
    .argument('<events>', EVENTS_ARGUMENT)
    .option(
      '--layout <name>',
      `a layout, see \`vmsplit layouts\`, or FILE.json; repeatable (default: ${DEFAULT_LAYOUTS})`,
      collect,
    );
  return addWorkloadOptions(addSnapshotOption(addMmuOption(addMemoryOptions(addMachineOptions(command)))))
    .option('--batch <n>', 'events folded at a time; changes no result', wholeNumber(1, MOST_FOLDED))
    .option('--json', 'the result as JSON')
    .action((what: string, given: ReplayArguments) => replayTrace(terminal, what, given));
}

async function replayTrace(terminal: Terminal, what: string, given: ReplayArguments): Promise<void> {
  const { layout: layouts = DEFAULT_LAYOUTS, batch: batchSize, json = false } = given;
  const request = { what, given, layouts, batchSize };
  const replayed = await replayUnder(terminal, request);
  const layoutArguments = layouts.flatMap((name) => ['--layout', name]);
  reportReplay(terminal, replayed, replayLine('replay', replayed.events, layoutArguments, request), json);
  terminal.signal.throwIfAborted();
}
