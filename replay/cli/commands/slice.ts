/** `vmsplit slice`: a range of a trace as a trace of its own, with what it needs to begin in the middle. */

import { Command } from 'commander';
import { UsageError } from '../../../core/index.ts';
import { type SliceResult, sliced } from '../../../traces/index.ts';
import { formatBytes, formatCount } from '../../index.ts';
import { type Events, eventsArguments, reproduceLine, sourceOf } from '../../spec/index.ts';
import { namesOf } from '../files/object-names.ts';
import { runFiles } from '../files/run-files.ts';
import { refuseSameFile, writeTrace } from '../files/trace-output.ts';
import { selectionOf } from '../options/selection-options.ts';
import { ANY_COUNT, collect, wholeNumber } from '../options/values.ts';
import {
  addWorkloadOptions,
  EVENTS_ARGUMENT,
  eventsOf,
  type WorkloadArguments,
} from '../options/workload-options.ts';
import { watched } from '../session/watched.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { TOOL, VERSION } from '../terminal/version.ts';

interface SliceArguments extends WorkloadArguments {
  readonly from: number;
  readonly to?: number;
  readonly process?: readonly string[];
  readonly object?: readonly string[];
  readonly output: string;
  readonly json?: true;
}

const HELP = `
Before the range stand the events that make what is alive there: processes with their mappings, kernel objects, files. They
take no time. What was touched before is not touched again: pages come in, and caches fill, at their next use.`;

export function sliceCommand(terminal: Terminal): Command {
  const command = new Command('slice')
    .description('a range of a trace as a trace, which begins with what is alive there')
    .argument('<events>', EVENTS_ARGUMENT)
    .option('--from <n>', 'number of its first event', wholeNumber(0, ANY_COUNT), 0)
    .option(
      '--to <n>',
      'number of the event before which it ends (default: the end)',
      wholeNumber(1, ANY_COUNT),
    )
    .option('--process <pids>', 'only what these processes do; repeatable', collect)
    .option('--object <numbers>', 'only events that name one of these objects; repeatable', collect);
  return addWorkloadOptions(command)
    .requiredOption('-o, --output <file>', 'the new trace; - is standard output')
    .option('--json', 'what was written, as JSON')
    .addHelpText('after', HELP)
    .action((what: string, given: SliceArguments) => slice(terminal, what, given));
}

async function slice(terminal: Terminal, what: string, given: SliceArguments): Promise<void> {
  const { from, to = Number.POSITIVE_INFINITY, output, json } = given;
  if (from >= to) throw new UsageError(`found --from ${from} and --to ${to}, expected the first to be less`);
  await refuseSameFile(what, output);
  const events = eventsOf(what, given);
  const source = await sourceOf({ events }, runFiles(terminal));
  const result: SliceResult = { prologue: 0, kept: 0 };
  const written = await write(terminal, source, given, result).finally(() => source.close());
  const reproduce = reproduceLine('slice', [
    ...eventsArguments(events),
    ...['--from', String(from)],
    ...(given.to === undefined ? [] : ['--to', String(given.to)]),
    ...(given.process ?? []).flatMap((text) => ['--process', text]),
    ...(given.object ?? []).flatMap((text) => ['--object', text]),
    ...['-o', output],
  ]);
  if (json) terminal.printJson({ ...written, ...result, reproduce });
  else {
    const { file, bytes } = written;
    const sizes = `${formatCount(result.kept)} events after ${formatCount(result.prologue)} that make what they need`;
    terminal.print(`${file}: ${sizes}, ${formatBytes(bytes)}${written.complete ? '' : ', incomplete'}`);
    terminal.print(`reproduce: ${reproduce}`);
  }
  if (!written.complete) terminal.signal.throwIfAborted();
}

async function write(terminal: Terminal, source: Events, given: SliceArguments, result: SliceResult) {
  const { from, to = Number.POSITIVE_INFINITY, output } = given;
  const { processes, objects } = selectionOf({
    ...(given.process && { process: given.process }),
    ...(given.object && { object: given.object }),
  });
  const { name, total } = source;
  if (total !== undefined && from >= total)
    throw new UsageError(`${name}: found --from ${from}, expected less than its ${total} events`);
  const which = {
    from,
    ...(given.to !== undefined && { to }),
    ...(processes && { processes }),
    ...(objects && { objects }),
  };
  const origin = { tool: TOOL, toolVersion: VERSION, seed: null, parameters: { sliceOf: name, ...which } };
  const label = `slicing ${name}`;
  const batches = watched(terminal, source.batches, { label, total: total && Math.min(total, to) });
  const options = {
    from,
    to,
    processes: processes && new Set(processes),
    objects: objects && new Set(objects),
  };
  return writeTrace(output, origin, terminal, async (writer) => {
    for await (const batch of sliced(batches, options, result)) await writer.write(batch);
    const names = namesOf(terminal, source);
    writer.note({
      cpus: source.cpus,
      ...(!names.isEmpty && { names: names.note() }),
      ...(names.files.length > 0 && { files: names.files }),
    });
    return given.to !== undefined || source.lost() === undefined;
  });
}
