/** `vmsplit export`: a trace, with what becomes of it under a layout, in the format of another tool. */

import { basename } from 'node:path';
import { Command, Option } from 'commander';
import { UsageError } from '../../../core/index.ts';
import { passesOf } from '../../events/passes.ts';
import { wantedBy } from '../../events/selection.ts';
import { EXPORTERS, type Exporter, ExportTally, exporterNamed } from '../../export/index.ts';
import { formatBytes, formatCount, type Lane, newLane, recut } from '../../index.ts';
import { GZIP } from '../../node/compression.ts';
import {
  type Events,
  eventsArguments,
  givenOptions,
  lanesOf,
  lanesText,
  machineArguments,
  machineOf,
  type RunSpec,
  reproduceLine,
  sourceOf,
} from '../../spec/index.ts';
import { writeResult } from '../files/result-output.ts';
import { runFiles } from '../files/run-files.ts';
import { STDIN } from '../files/trace-input.ts';
import { refuseSameFile, STDOUT } from '../files/trace-output.ts';
import { addFailOnOption, exitCodeFor, type FailOnArguments } from '../options/fail-on.ts';
import {
  addLaneOption,
  addMachineOptions,
  type LayoutArguments,
  oneMachineOf,
} from '../options/machine-options.ts';
import {
  addOutcomeOption,
  addSelectionOptions,
  type SelectionArguments,
  selectionArguments,
  selectionOf,
} from '../options/selection-options.ts';
import {
  addWorkloadOptions,
  EVENTS_ARGUMENT,
  eventsOf,
  type WorkloadArguments,
} from '../options/workload-options.ts';
import { watched } from '../session/watched.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { TOOL, VERSION } from '../terminal/version.ts';
import { printRules } from '../text/rules.ts';

interface ExportArguments extends LayoutArguments, WorkloadArguments, SelectionArguments, FailOnArguments {
  readonly to: string;
  readonly output?: string;
  readonly compression: 'gzip' | 'none';
  readonly json?: true;
}

const FORMAT_LIST = EXPORTERS.map(({ name, describe }) => `  ${name.padEnd(10)}${describe}`).join('\n');

export function exportCommand(terminal: Terminal): Command {
  const command = new Command('export')
    .description('a trace, and what becomes of its events under a layout, in the format of another tool')
    .argument('<events>', EVENTS_ARGUMENT)
    .addOption(
      new Option('--to <format>', 'see below')
        .choices(EXPORTERS.map(({ name }) => name))
        .makeOptionMandatory(),
    )
    .option(
      '-o, --output <file>',
      'the result; - is standard output (default: NAME.FORMAT, for standard input -)',
    );
  addOutcomeOption(addLaneOption(addSelectionOptions(command), 'none'));
  const compression = new Option('--compression <codec>', 'of Parquet').choices(['gzip', 'none']);
  return addFailOnOption(
    addWorkloadOptions(addMachineOptions(command)),
    ['never', 'incomplete'],
    'incomplete',
  )
    .addOption(compression.default('gzip'))
    .option('--json', 'what was written, as JSON')
    .addHelpText('after', `\nFormats:\n${FORMAT_LIST}`)
    .action((what: string, given: ExportArguments) => exportTrace(terminal, what, given));
}

async function exportTrace(terminal: Terminal, what: string, given: ExportArguments): Promise<void> {
  const exporter = exporterNamed(given.to);
  checkLayout(exporter, given);
  const output = given.output ?? defaultOutput(what, exporter);
  await refuseSameFile(what, output);
  const machines =
    given.layouts === undefined ? { machine: {}, lanes: [] } : oneMachineOf('export', given, '');
  const run: RunSpec = { events: eventsOf(what, given), ...machines };
  const events = await sourceOf(run, runFiles(terminal));
  try {
    const tally = new ExportTally();
    const bytes = await exportTo(terminal, exporter, { run, events, output, given, tally });
    report(terminal, { exporter, run, events, output, given, tally, bytes });
  } finally {
    await events.close();
  }
}

interface Export {
  readonly run: RunSpec;
  readonly events: Events;
  readonly output: string;
  readonly given: ExportArguments;
  readonly tally: ExportTally;
}

/** Bytes written. */
async function exportTo(
  terminal: Terminal,
  exporter: Exporter,
  { run, events, output, given, tally }: Export,
): Promise<number> {
  const lane = run.lanes.length === 0 ? undefined : await laneOf(terminal, run, events);
  const { name, total } = events;
  const { batchSize } = exporter;
  const batches = batchSize === undefined ? events.batches : recut(events.batches, batchSize);
  const source = watched(terminal, batches, { label: `exporting ${name}`, total });
  const selection = selectionOf(given);
  const wanted = Object.keys(selection).length === 0 ? undefined : wantedBy(selection);
  const parts = exporter.write(
    {
      passes: passesOf(source, lane),
      lane,
      wanted,
      compression: given.compression === 'gzip' ? GZIP : undefined,
      createdBy: `${TOOL} ${VERSION}`,
      metadata: { trace: basename(name), ...(lane && { layout: lanesText(run.lanes) }) },
    },
    tally,
  );
  return writeResult(terminal, output, `a file of format ${exporter.name}`, parts);
}

async function laneOf(terminal: Terminal, run: RunSpec, events: Events): Promise<Lane> {
  const [prepared] = await lanesOf(run, runFiles(terminal), events);
  const { layout, options, name } = prepared!;
  return newLane(layout, { ...options, name });
}

/** A layout where the format has no place for it would be without effect, and so would a machine's options without one. */
function checkLayout({ name, layout }: Exporter, given: ExportArguments): void {
  const hasLane = given.layouts !== undefined;
  const [option] = givenOptions(machineOf(given));
  const flag = given.outcome === undefined ? option?.[0].flag : 'outcome';
  if (!hasLane && flag !== undefined) throw new UsageError(`--${flag}: found no --layout, expected one`);
  if (!hasLane && layout === 'needs')
    throw new UsageError(`--to ${name}: found no --layout, expected one: it tells addresses of a machine`);
  if (hasLane && layout === 'no')
    throw new UsageError(`--layout: found with --to ${name}, which has no place for outcomes, expected none`);
}

/** `drivers.vmt` and `workload:drivers` become `drivers.parquet`, in the directory where the command runs. */
function defaultOutput(what: string, { extension }: Exporter): string {
  if (what === STDIN) return STDOUT;
  const stem = basename(what.replace(/^workload:/, '')).replace(/(?<=.)\.vmt$/, '');
  return `${stem}.${extension}`;
}

function report(
  terminal: Terminal,
  { exporter, run, events, output, given, tally, bytes }: Export & { exporter: Exporter; bytes: number },
): void {
  const lost = events.lost();
  const file = output === STDOUT ? '<stdout>' : output;
  const { told, leftOut, changed } = tally;
  const reproduce = reproduceLine('export', [
    ...eventsArguments(run.events),
    ...['--to', exporter.name, '-o', output],
    ...(run.lanes.length === 0 ? [] : machineArguments(run)),
    ...selectionArguments(given),
    ...(exporter.name === 'parquet' ? ['--compression', given.compression] : []),
  ]);
  if (given.json) {
    const facts = { file, format: exporter.name, events: told, bytes, leftOut, changed };
    terminal.printJson({ ...facts, lost: lost ?? null, reproduce });
  } else {
    terminal.print(`${file}: ${formatCount(told)} events as ${exporter.name}, ${formatBytes(bytes)}`);
    printRules(terminal, 'events left out', leftOut);
    printRules(terminal, 'told otherwise', changed);
    terminal.print(`reproduce: ${reproduce}`);
  }
  if (lost !== undefined) terminal.note(`${events.name}: incomplete: ${lost.message}`);
  terminal.exitCode = exitCodeFor({ incomplete: lost !== undefined }, given.failOn ?? 'incomplete');
}
