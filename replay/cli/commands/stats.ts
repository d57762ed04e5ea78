/** `vmsplit stats`: what a trace is like: counts, working sets, reuse distances, sizes and lifetimes. */

import { Command } from 'commander';
import { passesOf } from '../../events/passes.ts';
import { type Events, eventsArguments, reproduceLine, sourceOf } from '../../spec/index.ts';
import { statsText } from '../../stats/text.ts';
import { TraceStats } from '../../stats/trace-stats.ts';
import { runFiles } from '../files/run-files.ts';
import { addFailOnOption, exitCodeFor, type FailOnArguments } from '../options/fail-on.ts';
import {
  addWorkloadOptions,
  EVENTS_ARGUMENT,
  eventsOf,
  type WorkloadArguments,
} from '../options/workload-options.ts';
import { watched } from '../session/watched.ts';
import type { Terminal } from '../terminal/terminal.ts';

interface StatsArguments extends WorkloadArguments, FailOnArguments {
  readonly json?: true;
}

const HELP = `
Pages are of 4 KiB and of an object, whatever the layout. Working sets are Denning's: the pages touched by the last so many
references, on average. Reuse distances are exact for traces that touch at most 1,048,576 pages; of those that touch more
a part of the pages is looked at, and the rate is told.`;

export function statsCommand(terminal: Terminal): Command {
  const command = new Command('stats')
    .description('what a trace is like: counts, working sets, reuse distances, sizes and lifetimes')
    .argument('<events>', EVENTS_ARGUMENT);
  return addFailOnOption(addWorkloadOptions(command), ['never', 'incomplete'], 'incomplete')
    .option('--json', 'the result as JSON')
    .addHelpText('after', HELP)
    .action((what: string, given: StatsArguments) => showStats(terminal, what, given));
}

async function showStats(terminal: Terminal, what: string, given: StatsArguments): Promise<void> {
  const spec = eventsOf(what, given);
  const events = await sourceOf({ events: spec }, runFiles(terminal));
  try {
    const stats = await statsOf(terminal, events);
    const lost = events.lost();
    const reproduce = reproduceLine('stats', eventsArguments(spec));
    if (given.json)
      terminal.printJson({ trace: events.name, ...stats.result(), lost: lost ?? null, reproduce });
    else {
      terminal.print(statsText(stats.result(), terminal.width));
      terminal.print(`\nreproduce: ${reproduce}`);
    }
    if (lost !== undefined) terminal.note(`${events.name}: incomplete: ${lost.message}`);
    terminal.exitCode = exitCodeFor({ incomplete: lost !== undefined }, given.failOn ?? 'incomplete');
  } finally {
    await events.close();
  }
}

async function statsOf(terminal: Terminal, { name, total, batches }: Events): Promise<TraceStats> {
  const stats = new TraceStats();
  const source = watched(terminal, batches, { label: `reading ${name}`, total });
  for await (const pass of passesOf(source)) stats.add(pass);
  return stats;
}
