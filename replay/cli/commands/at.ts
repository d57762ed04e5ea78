/** `vmsplit at`: a machine at a moment of a trace, as a report of its kernel in the kernel's own format. */
import { Command } from 'commander';
import { bootMachine, UsageError } from '../../../core/index.ts';
import {
  breathing,
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
import { EVENTS_ARGUMENT, type Events, openEvents } from '../events.ts';
import {
  addMachineOptions,
  addMemoryOptions,
  layoutsOf,
  type MachineArguments,
  machineArguments,
  memoryOptionsOf,
} from '../machine-options.ts';
import { addMmuOption, type MmuArguments, mmuArguments, mmuOf } from '../mmu-options.ts';
import { reproduceLine } from '../reproduce.ts';
import { addSnapshotOption, memoryOf, type SnapshotArguments } from '../snapshot-input.ts';
import type { Terminal } from '../terminal.ts';
import { ANY_COUNT, parseTime, wholeNumber } from '../values.ts';
import { addWorkloadOptions, type WorkloadArguments } from '../workload-options.ts';

const DEFAULT_LAYOUT = 'linux-3g1g';
const ALL_VIEWS = [...VIEWS, ...PROCESS_VIEWS];

interface AtArguments extends MachineArguments, MmuArguments, WorkloadArguments, SnapshotArguments {
  readonly layout: string;
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
    )
    .option('--layout <name>', 'a layout, see `vmsplit layouts`, or FILE.json', DEFAULT_LAYOUT);
  return addWorkloadOptions(addSnapshotOption(addMmuOption(addMemoryOptions(addMachineOptions(command)))))
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
  const events = await openEvents(what, given, terminal);
  try {
    const moment = await momentOf(terminal, events, given);
    const reproduce = reproduceLine('at', [...events.arguments, view.name, ...momentArguments(given)]);
    if (given.json) terminal.printJson({ ...facts(events, given, moment, view), reproduce });
    else {
      terminal.write(view.text(moment.machine));
      terminal.note(`reproduce: ${reproduce}`);
    }
    if (given.event === undefined && given.time === undefined) reportLoss(terminal, events);
  } finally {
    await events.close();
  }
}

function facts(events: Events, { layout }: AtArguments, { event, machine }: Keyframe, view: View) {
  const figures = hexAddresses(view.figures(machine));
  return { trace: events.name, layout, event, simulatedNs: latestNs(machine), view: view.name, figures };
}

async function momentOf(terminal: Terminal, events: Events, given: AtArguments): Promise<Keyframe> {
  const [layout] = await layoutsOf([given.layout], given, events.cpus);
  const options = { ...memoryOf(events, given), ...(await mmuOf(given)), ...memoryOptionsOf(given) };
  const keyframes = new Keyframes(bootMachine(layout!, options), { capacity: 2 });
  const source = watched(terminal, events, given.event);
  const { event, time } = given;
  if (event !== undefined) return { event, machine: await seek(source, keyframes, event) };
  return time === undefined ? seekEnd(source, keyframes) : seekTime(source, keyframes, time);
}

/** The events from the first one on, with progress; Ctrl-C ends them. */
function watched(terminal: Terminal, events: Events, until: number | undefined): SeekableSource {
  return {
    async *batches() {
      const progress = terminal.progress(`replaying ${events.name}`, 'events', until ?? events.total);
      let done = 0;
      try {
        for await (const batch of breathing(events.batches)) {
          yield batch;
          terminal.signal.throwIfAborted();
          done += batch.count;
          progress.update(done);
        }
      } finally {
        progress.stop();
      }
    },
  };
}

function momentArguments(given: AtArguments): string[] {
  const { event, time, pid, layout } = given;
  return [
    ...(event === undefined ? [] : ['--event', String(event)]),
    ...(time === undefined ? [] : ['--time', `${time}ns`]),
    ...(pid === undefined ? [] : ['--pid', String(pid)]),
    '--layout',
    layout,
    ...machineArguments(given),
    ...mmuArguments(given),
    ...(given.fromSnapshot ? ['--from-snapshot'] : []),
  ];
}

/** The end of a trace that is cut is not its end: exit code 1. */
function reportLoss(terminal: Terminal, events: Events): void {
  const lost = events.lost();
  if (lost === undefined) return;
  terminal.note(`${events.name}: incomplete: ${lost.message}`);
  terminal.exitCode = 1;
}

/** JSON has no numbers of 64 bits. */
function hexAddresses(value: unknown): unknown {
  if (typeof value === 'bigint') return `0x${value.toString(16)}`;
  if (Array.isArray(value)) return value.map(hexAddresses);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, hexAddresses(part)]));
}
