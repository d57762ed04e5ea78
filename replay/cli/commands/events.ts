/** `vmsplit events`: the events of a trace, one in a line, and what became of them. */
import { Command, Option } from 'commander';
import { UsageError } from '../../../core/index.ts';
import { LINE_FORMATS, type LineFormat, type LineWriter, lineWriter } from '../../events/lines.ts';
import { bareFrom, type Pass, passesOf } from '../../events/passes.ts';
import { needsPast, type Range, type Selection, type Wanted, wantedBy } from '../../events/selection.ts';
import { type Lane, newLane } from '../../index.ts';
import { type Events, givenOptions, lanesOf, machineOf, type RunSpec, sourceOf } from '../../spec/index.ts';
import { runFiles } from '../files/run-files.ts';
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
  selectionOf,
} from '../options/selection-options.ts';
import { ANY_COUNT, wholeNumber } from '../options/values.ts';
import {
  addWorkloadOptions,
  EVENTS_ARGUMENT,
  eventsOf,
  type WorkloadArguments,
} from '../options/workload-options.ts';
import { watched } from '../session/watched.ts';
import type { Terminal } from '../terminal/terminal.ts';

interface EventsArguments extends LayoutArguments, WorkloadArguments, SelectionArguments, FailOnArguments {
  readonly around?: number;
  readonly context: number;
  readonly limit?: number;
  readonly format: LineFormat;
}

const DEFAULT_CONTEXT = 10;

const HELP = `
Without --layout a line of text has the time that the cpu spent since its event before; with it, the simulated time at
which the event began, the process on its cpu, and what became of it. \`vmsplit explain --trace FILE --event N\` tells
more of one. CSV and NDJSON have a column for each field; those that an event has not are empty, or left out.`;

export function eventsCommand(terminal: Terminal): Command {
  const command = new Command('events')
    .description('the events of a trace in lines: all, or those that are asked for')
    .argument('<events>', EVENTS_ARGUMENT);
  addSelectionOptions(command)
    .option('--around <n>', 'the events before and after event number n', wholeNumber(0, ANY_COUNT))
    .option('--context <n>', 'with --around: so many of each', wholeNumber(0, ANY_COUNT), DEFAULT_CONTEXT)
    .option('--limit <n>', 'at most so many lines', wholeNumber(1, ANY_COUNT))
    .addOption(new Option('--format <format>', 'of the lines').choices(LINE_FORMATS).default('text'));
  addOutcomeOption(addLaneOption(command, 'none'));
  return addFailOnOption(
    addWorkloadOptions(addMachineOptions(command)),
    ['never', 'incomplete'],
    'incomplete',
  )
    .addHelpText('after', HELP)
    .action((what: string, given: EventsArguments) => showEvents(terminal, what, given));
}

async function showEvents(terminal: Terminal, what: string, given: EventsArguments): Promise<void> {
  const selection = selectedBy(given);
  const hasLane = given.layouts !== undefined;
  refuseWithoutLane(given, hasLane);
  const machines = hasLane ? oneMachineOf('events', given, '') : { machine: {}, lanes: [] };
  const run: RunSpec = { events: eventsOf(what, given), ...machines };
  const events = await sourceOf(run, runFiles(terminal));
  try {
    const lane = hasLane ? await laneOf(terminal, run, events) : undefined;
    const isEnd = await writeLines(terminal, events, lane, selection, given);
    const lost = isEnd ? events.lost() : undefined;
    if (lost !== undefined) terminal.note(`${events.name}: incomplete: ${lost.message}`);
    terminal.exitCode = exitCodeFor({ incomplete: lost !== undefined }, given.failOn ?? 'incomplete');
  } finally {
    await events.close();
  }
}

/** `--around` is a range of numbers. */
function selectedBy(given: EventsArguments): Selection {
  const { around, context, range } = given;
  if (around === undefined) return selectionOf(given);
  if (range !== undefined) throw new UsageError('found --around and --range, expected one of them at most');
  const near: Range = { from: Math.max(0, around - context), to: around + context };
  return { ...selectionOf(given), events: near };
}

/** Options of a machine that is not there would be without effect. */
function refuseWithoutLane(given: EventsArguments, hasLane: boolean): void {
  if (hasLane) return;
  const [option] = givenOptions(machineOf(given));
  const flag = given.outcome === undefined ? option?.[0].flag : 'outcome';
  if (flag === undefined) return;
  throw new UsageError(
    `--${flag}: found no --layout, expected one: what becomes of an event depends on the machine`,
  );
}

async function laneOf(terminal: Terminal, run: RunSpec, events: Events): Promise<Lane> {
  const [prepared] = await lanesOf(run, runFiles(terminal), events);
  const { layout, options, name } = prepared!;
  return newLane(layout, { ...options, name });
}

/** Whether it came to the end of the events. */
async function writeLines(
  terminal: Terminal,
  events: Events,
  lane: Lane | undefined,
  selection: Selection,
  given: EventsArguments,
): Promise<boolean> {
  const { format, around: marked } = given;
  const lastEvent = lastOf(events, selection);
  const writer = lineWriter(format, {
    withOutcomes: lane !== undefined,
    width: terminal.width,
    marked,
    lastEvent,
  });
  const wanted = wantedBy(selection);
  let left = given.limit ?? Number.POSITIVE_INFINITY;
  if (writer.head !== undefined) await terminal.writePart(`${writer.head}\n`);
  for await (const pass of wantedPasses(terminal, events, lane, selection, given)) {
    const lines = linesOf(pass, selection, wanted, writer, left);
    left -= lines.length;
    if (lines.length > 0) await terminal.writePart(`${lines.join('\n')}\n`);
    const isPast = pass.firstEvent + pass.batch.count > (selection.events?.to ?? Number.POSITIVE_INFINITY);
    if (left === 0 || isPast) return false;
  }
  return true;
}

function lastOf({ total }: Events, { events }: Selection): number | undefined {
  const ends = [total === undefined ? undefined : total - 1, events?.to].filter(
    (end): end is number => end !== undefined && Number.isFinite(end),
  );
  return ends.length === 0 ? undefined : Math.max(0, Math.min(...ends));
}

function linesOf(
  pass: Pass,
  { events }: Selection,
  wanted: Wanted,
  writer: LineWriter,
  most: number,
): string[] {
  const lines: string[] = [];
  const { from = 0, to = Number.POSITIVE_INFINITY } = events ?? {};
  const start = Math.max(0, from - pass.firstEvent);
  const end = Math.min(pass.batch.count, to - pass.firstEvent + 1);
  for (let at = start; at < end && lines.length < most; at++)
    if (wanted(pass, at)) lines.push(writer.line(pass, at));
  return lines;
}

/**
 * From the first event on where something depends on what was before: machines, clocks, processes. Else text begins at
 * the first event that is wanted, wherever in the file that is.
 */
function wantedPasses(
  terminal: Terminal,
  events: Events,
  lane: Lane | undefined,
  selection: Selection,
  { format }: EventsArguments,
): AsyncGenerator<Pass> {
  const { from = 0 } = selection.events ?? {};
  const label = `reading ${events.name}`;
  const jumps = events.from !== undefined && lane === undefined && format === 'text' && !needsPast(selection);
  const { total } = events;
  if (!jumps || from === 0) return passesOf(watched(terminal, events.batches, { label, total }), lane);
  const first = Math.min(from, total!);
  return bareFrom(watched(terminal, events.from(first), { label, total: total! - first }), first);
}
