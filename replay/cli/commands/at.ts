/** `vmsplit at`: a machine at a moment of a trace, as a report of its kernel in the kernel's own format. */

import { Command } from 'commander';
import { bootMachine, countersOf, type Machine, UsageError, unusedRam } from '../../../core/index.ts';
import {
  type Keyframe,
  Keyframes,
  latestNs,
  PROCESS_VIEWS,
  type SeekableSource,
  seek,
  seekEnd,
  seekTime,
  VIEWS,
  type View,
  viewNamed,
} from '../../index.ts';
import { objectScale, scaledBatches } from '../../lane/scale-objects.ts';
import {
  type Events,
  eventsArguments,
  lanesOf,
  lanesText,
  machineArguments,
  type PreparedLane,
  type RunSpec,
  reproduceLine,
  sourceOf,
} from '../../spec/index.ts';
import { ramWarning } from '../../text/ram-text.ts';
import { namesOf } from '../files/object-names.ts';
import { runFiles } from '../files/run-files.ts';
import { addFailOnOption, exitCodeFor, type FailOnArguments, failOnArguments } from '../options/fail-on.ts';
import {
  addLaneOption,
  addMachineOptions,
  type LayoutArguments,
  oneMachineOf,
} from '../options/machine-options.ts';
import { ANY_COUNT, parseTime, wholeNumber } from '../options/values.ts';
import {
  addWorkloadOptions,
  EVENTS_ARGUMENT,
  eventsOf,
  type WorkloadArguments,
} from '../options/workload-options.ts';
import { watched } from '../session/watched.ts';
import type { Terminal } from '../terminal/terminal.ts';

const DEFAULT_LAYOUT = 'linux-3g1g';
const ALL_VIEWS = [...VIEWS, ...PROCESS_VIEWS];

interface AtArguments extends LayoutArguments, WorkloadArguments, FailOnArguments {
  readonly event?: number;
  readonly time?: number;
  readonly pid?: number;
  readonly json?: true;
}

export function atCommand(terminal: Terminal): Command {
  const command = new Command('at')
    .description(
      "the kernel's own view of the machine at a moment of a trace, as its /proc file would show it",
    )
    .argument('<events>', EVENTS_ARGUMENT)
    .argument('<view>', `one of ${ALL_VIEWS.map(({ name }) => name).join(', ')}`)
    .option('--event <n>', 'the moment before event number n, 0 to their number', wholeNumber(0, ANY_COUNT))
    .option(
      '--time <t>',
      'the last moment at which no cpu is past this simulated time: 20ms, 1.5s',
      parseTime,
    )
    .option(
      '--pid <p>',
      'of which process: the one on cpu 0, or the only one, by default',
      wholeNumber(1, ANY_COUNT),
    );
  const withMachine = addMachineOptions(addLaneOption(command, DEFAULT_LAYOUT));
  return addFailOnOption(addWorkloadOptions(withMachine), ['never', 'incomplete', 'failure'], 'incomplete')
    .option('--json', 'the report as JSON: sizes in the units of the file, addresses in hex')
    .addHelpText('after', `\nViews:\n${viewList()}\n\nWithout --event and --time: the end of the trace.`)
    .action((what: string, view: string, given: AtArguments) => showAt(terminal, what, view, given));
}

function viewList(): string {
  return ALL_VIEWS.map(({ name, description }) => `  ${name.padEnd(20)}${description}`).join('\n');
}

async function showAt(terminal: Terminal, what: string, viewName: string, given: AtArguments): Promise<void> {
  const view = viewNamed(viewName, given.pid);
  if (given.event !== undefined && given.time !== undefined)
    throw new UsageError('found --event and --time, expected one of them at most');
  const run: RunSpec = { events: eventsOf(what, given), ...oneMachineOf('at', given, DEFAULT_LAYOUT) };
  const events = await sourceOf(run, runFiles(terminal));
  try {
    const moment = await momentOf(terminal, run, events, given);
    const reproduce = reproduceLine('at', atLine(run, view, given));
    if (given.json) terminal.printJson({ ...facts(terminal, run, events, moment, view), reproduce });
    else {
      terminal.write(view.text(moment.machine, namesOf(terminal, events)));
      warnOfRam(terminal, moment.machine);
      terminal.note(`reproduce: ${reproduce}`);
    }
    judge(terminal, events, moment, given);
  } finally {
    await events.close();
  }
}

function facts(
  terminal: Terminal,
  { lanes }: RunSpec,
  events: Events,
  { event, machine }: Keyframe,
  view: View,
) {
  const figures = hexAddresses(view.figures(machine, namesOf(terminal, events)));
  const unused = unusedRam(machine.platform.layout);
  return {
    trace: events.name,
    layout: lanesText(lanes),
    event,
    simulatedNs: latestNs(machine),
    unusedRamBytes: unused?.bytes ?? 0,
    view: view.name,
    figures,
  };
}

async function momentOf(
  terminal: Terminal,
  run: RunSpec,
  events: Events,
  { event, time }: AtArguments,
): Promise<Keyframe> {
  const [lane] = await lanesOf(run, runFiles(terminal), events);
  const keyframes = new Keyframes(bootMachine(lane!.layout, lane!.options), { capacity: 2 });
  const { batches, name, total } = events;
  const watch = { label: `replaying ${name}`, total: event ?? total };
  const source = asFolded({ batches: () => watched(terminal, batches, watch) }, lane!);
  if (event !== undefined) return { event, machine: await seek(source, keyframes, event) };
  return time === undefined ? seekEnd(source, keyframes) : seekTime(source, keyframes, time);
}

/** With kernel objects as this lane scales them. */
function asFolded(source: SeekableSource, { layout, options }: PreparedLane): SeekableSource {
  const { wordBits } = layout.arch;
  const scale = objectScale(options.recordedWordBits ?? wordBits, wordBits);
  return scale === undefined ? source : { batches: (from) => scaledBatches(source.batches(from), scale) };
}

function atLine(run: RunSpec, view: View, given: AtArguments): string[] {
  const { event, time, pid } = given;
  return [
    ...eventsArguments(run.events),
    view.name,
    ...(event === undefined ? [] : ['--event', String(event)]),
    ...(time === undefined ? [] : ['--time', `${time}ns`]),
    ...(pid === undefined ? [] : ['--pid', String(pid)]),
    ...machineArguments(run),
    ...failOnArguments(given),
  ];
}

/** The end of a trace that is cut is not its end. */
function judge(terminal: Terminal, events: Events, { machine }: Keyframe, given: AtArguments): void {
  const lost = given.event === undefined && given.time === undefined ? events.lost() : undefined;
  if (lost !== undefined) terminal.note(`${events.name}: incomplete: ${lost.message}`);
  const { failures } = countersOf(machine.counters);
  terminal.exitCode = exitCodeFor({ incomplete: lost !== undefined, failures }, given.failOn ?? 'incomplete');
}

/** The report has the RAM that the kernel uses; what it leaves, a kernel says in its boot log. */
function warnOfRam(terminal: Terminal, { platform }: Machine): void {
  const warning = ramWarning(platform.layout.name, unusedRam(platform.layout));
  if (warning !== undefined) terminal.note(`warning: ${warning}`);
}

/** JSON has no numbers of 64 bits. */
function hexAddresses(value: unknown): unknown {
  if (typeof value === 'bigint') return `0x${value.toString(16)}`;
  if (Array.isArray(value)) return value.map(hexAddresses);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, hexAddresses(part)]));
}
