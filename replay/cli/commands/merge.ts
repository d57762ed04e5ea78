/** `vmsplit merge`: several traces as one, interleaved by time or one after the other. */

import { Command } from 'commander';
import { UsageError } from '../../../core/index.ts';
import { appended, interleaved, mergedNames, mergedObject } from '../../../traces/index.ts';
import { formatBytes, formatCount } from '../../index.ts';
import { type Events, reproduceLine, sourceOf } from '../../spec/index.ts';
import { namesOf } from '../files/object-names.ts';
import { runFiles } from '../files/run-files.ts';
import { refuseSameFile, writeTrace } from '../files/trace-output.ts';
import { addSeedOption, eventsOf, type WorkloadArguments } from '../options/workload-options.ts';
import { watched } from '../session/watched.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { TOOL, VERSION } from '../terminal/version.ts';

interface MergeArguments extends WorkloadArguments {
  readonly append?: true;
  readonly output: string;
  readonly json?: true;
}

const HELP = `
By time each trace gets cpus of its own, and an event comes when the clocks of its trace, which are sums of the times
between events, have come to it. Objects, processes, files, caches and devices get other numbers, so that no two are one.`;

export function mergeCommand(terminal: Terminal): Command {
  const command = new Command('merge')
    .description('several traces as one, interleaved by time or one after the other')
    .argument('<events...>', 'traces; - is standard input, workload:NAME a workload')
    .option('--append', 'one after the other, on the same cpus');
  return addSeedOption(command)
    .requiredOption('-o, --output <file>', 'the new trace; - is standard output')
    .option('--json', 'what was written, as JSON')
    .addHelpText('after', HELP)
    .action((what: readonly string[], given: MergeArguments) => merge(terminal, what, given));
}

async function merge(terminal: Terminal, what: readonly string[], given: MergeArguments): Promise<void> {
  const { append, output, seed, json } = given;
  if (what.length < 2) throw new UsageError(`merge: found one trace (${what[0]}), expected two or more`);
  if (seed !== undefined && !what.some((name) => name.startsWith('workload:')))
    throw new UsageError('--seed: found no workload:NAME, expected one that it is for');
  for (const name of what) await refuseSameFile(name, output);
  const sources: Events[] = [];
  try {
    for (const name of what) {
      const events = eventsOf(name, name.startsWith('workload:') && seed !== undefined ? { seed } : {});
      sources.push(await sourceOf({ events }, runFiles(terminal)));
    }
    const written = await write(terminal, sources, given);
    const seeds = seed === undefined ? [] : ['--seed', String(seed)];
    const reproduce = reproduceLine('merge', [
      ...what,
      ...(append ? ['--append'] : []),
      ...seeds,
      '-o',
      output,
    ]);
    if (json) terminal.printJson({ ...written, reproduce });
    else {
      const { file, events, bytes, complete } = written;
      const state = complete ? '' : ', incomplete';
      terminal.print(`${file}: ${formatCount(events)} events, ${formatBytes(bytes)}${state}`);
      terminal.print(`reproduce: ${reproduce}`);
    }
    if (!written.complete) terminal.signal.throwIfAborted();
  } finally {
    for (const source of sources) await source.close();
  }
}

async function write(terminal: Terminal, sources: readonly Events[], { append, output }: MergeArguments) {
  const names = sources.map(({ name }) => name);
  const parameters = { mergeOf: names, by: append ? 'one after the other' : 'time' };
  const origin = { tool: TOOL, toolVersion: VERSION, seed: null, parameters };
  const total = sources.reduce<number | undefined>((sum, { total: own }) => {
    return sum === undefined || own === undefined ? undefined : sum + own;
  }, 0);
  const inputs = sources.map(({ name, batches, cpus }) => ({ name, batches, cpus }));
  const merged = watched(terminal, (append ? appended : interleaved)(inputs), {
    label: `merging ${names.length} traces`,
    total,
  });
  return writeTrace(output, origin, terminal, async (writer) => {
    for await (const batch of merged) await writer.write(batch);
    const counts = sources.map(({ cpus }) => cpus);
    writer.note({
      cpus: append ? Math.max(...counts) : counts.reduce((sum, cpus) => sum + cpus, 0),
      ...namesNote(terminal, sources),
    });
    const lost = sources.flatMap((source) => source.lost() ?? []);
    for (const { message } of lost) terminal.note(`incomplete: ${message}`);
    return lost.length === 0;
  });
}

/** Who asked for which object, by its number in the merged trace. */
function namesNote(
  terminal: Terminal,
  sources: readonly Events[],
): { readonly names?: Record<string, string> } {
  const named = sources.map((source, i) => ({
    names: namesOf(terminal, source),
    number: (object: number) => mergedObject(object, i, sources.length),
  }));
  return named.every(({ names }) => names.isEmpty) ? {} : { names: mergedNames(named) };
}
