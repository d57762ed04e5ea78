/** `vmsplit record`: a synthetic workload to a trace. */

import { Command } from 'commander';
import { DEFAULT_BATCH_SIZE, UsageError } from '../../../core/index.ts';
import { WORKLOADS, workload } from '../../../workloads/index.ts';
import { formatBytes, formatCount } from '../../index.ts';
import { reproduceLine } from '../../spec/index.ts';
import { hanging } from '../../text/wrap.ts';
import { refuseOtherRecording } from '../files/default-output.ts';
import { breathe, type Written, writeTrace } from '../files/trace-output.ts';
import { wholeNumber } from '../options/values.ts';
import {
  addWorkloadOptions,
  type ChosenWorkload,
  chooseWorkload,
  MOST_BATCH,
  type WorkloadArguments,
} from '../options/workload-options.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { TOOL, VERSION } from '../terminal/version.ts';
import { table } from '../text/table.ts';

interface RecordArguments extends WorkloadArguments {
  readonly output?: string;
  readonly batch: number;
  readonly list?: true;
  readonly options?: true;
  readonly json?: true;
}

export function recordCommand(terminal: Terminal): Command {
  const command = new Command('record')
    .description('record a synthetic workload to a trace')
    .argument('[workload]', 'its name, see --list')
    .option('-o, --output <file>', 'the trace; - is standard output (default: WORKLOAD.vmt)');
  return addWorkloadOptions(command)
    .option('--batch <n>', 'events in a batch', wholeNumber(1, MOST_BATCH), DEFAULT_BATCH_SIZE)
    .option('--list', 'list the workloads')
    .option('--options', 'list the options of the workload, for --set')
    .option('--json', 'the result as JSON')
    .action(async (name: string | undefined, given: RecordArguments) => {
      if (given.list) return listWorkloads(terminal, given);
      if (name === undefined)
        throw new UsageError('record: expected the name of a workload; `vmsplit record --list` has them');
      if (given.options) return listOptions(terminal, name, given);
      await record(terminal, name, given);
    });
}

async function record(terminal: Terminal, name: string, given: RecordArguments): Promise<void> {
  const chosen = chooseWorkload(name, given);
  const { output = `${name}.vmt` } = given;
  if (given.output === undefined) await refuseOtherRecording(name, output);
  const written = await recordWorkload(terminal, chosen, output, given.batch);
  reportRecording(terminal, chosen, written, given, output);
  if (!written.complete) terminal.signal.throwIfAborted();
}

export function recordWorkload(
  terminal: Terminal,
  chosen: ChosenWorkload,
  output: string,
  batchSize: number = DEFAULT_BATCH_SIZE,
): Promise<Written> {
  const { name, seed, events, options } = chosen;
  const origin = { tool: TOOL, toolVersion: VERSION, seed, parameters: { workload: name, events, options } };
  const batches = chosen.generate(batchSize);
  const progress = terminal.progress(`recording ${name}`, 'events', events);
  return writeTrace(output, origin, terminal, async (writer) => {
    for (const batch of batches) {
      await writer.write(batch);
      progress.update(writer.eventCount);
      await breathe(terminal);
    }
    return true;
  }).finally(() => progress.stop());
}

function reportRecording(
  terminal: Terminal,
  chosen: ChosenWorkload,
  { file, events, bytes, complete }: Written,
  { json }: RecordArguments,
  output: string,
): void {
  const reproduce = reproduceLine('record', [chosen.name, ...chosen.arguments, '-o', output]);
  const { name, seed, options } = chosen;
  if (json) {
    terminal.printJson({ file, workload: name, seed, options, events, bytes, complete, reproduce });
    return;
  }
  terminal.print(
    `${file}: ${formatCount(events)} events of ${name}, ${formatBytes(bytes)}${complete ? '' : ', incomplete'}`,
  );
  terminal.print(`reproduce: ${reproduce}`);
}

function listWorkloads(terminal: Terminal, { json }: RecordArguments): void {
  if (json) {
    terminal.printJson(
      WORKLOADS.map(({ name, title, doc, defaultEvents }) => ({ name, title, doc, defaultEvents })),
    );
    return;
  }
  const rows = WORKLOADS.map(({ name, title, defaultEvents }) => [name, formatCount(defaultEvents), title]);
  terminal.print(
    table([{ head: 'workload' }, { head: 'events', align: 'right' }, { head: 'what it is' }], rows, terminal),
  );
}

function listOptions(terminal: Terminal, name: string, { json }: RecordArguments): void {
  const { options, title, doc } = workload(name);
  if (json) {
    terminal.printJson(options);
    return;
  }
  terminal.print(
    `${hanging('', `${name}: ${title}`, 2, terminal.width)}\n${hanging('', doc, 0, terminal.width)}\n`,
  );
  const rows = options.map((option) => [
    option.name,
    String(option.default),
    option.unit,
    `${option.min} to ${option.max}`,
    option.doc,
  ]);
  const heads = ['option', 'default', 'unit', 'range', 'meaning'];
  terminal.print(
    table(
      heads.map((head) => ({ head })),
      rows,
      terminal,
    ),
  );
}
