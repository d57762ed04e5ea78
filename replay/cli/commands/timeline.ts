/** `vmsplit timeline`: the figures of every lane, at moments evenly spaced over a trace. */

import { Command, Option } from 'commander';
import { newLane } from '../../index.ts';
import {
  eventsArguments,
  lanesOf,
  machineArguments,
  type RunSpec,
  reproduceLine,
  sourceOf,
} from '../../spec/index.ts';
import { TIMELINE_FIGURES } from '../../timeline/figures.ts';
import { TIMELINE_FORMATS, type TimelineFormat, timelineLines } from '../../timeline/lines.ts';
import { type Every, type Sample, timeline } from '../../timeline/timeline.ts';
import { runFiles } from '../files/run-files.ts';
import { defaultEvery, everyText, parseEvery } from '../options/every.ts';
import { addFailOnOption, exitCodeFor, type FailOnArguments, failOnArguments } from '../options/fail-on.ts';
import {
  addLanesOption,
  addMachineOptions,
  type LayoutArguments,
  machinesOf,
} from '../options/machine-options.ts';
import {
  addWorkloadOptions,
  EVENTS_ARGUMENT,
  eventsOf,
  type WorkloadArguments,
} from '../options/workload-options.ts';
import { watched } from '../session/watched.ts';
import type { Terminal } from '../terminal/terminal.ts';

const DEFAULT_LAYOUTS = ['linux-3g1g'];

interface TimelineArguments extends LayoutArguments, WorkloadArguments, FailOnArguments {
  readonly every?: Every;
  readonly format: TimelineFormat;
}

const WIDEST_NAME = Math.max(...TIMELINE_FIGURES.map(({ name }) => name.length));

function figureList(): string {
  return TIMELINE_FIGURES.map(({ name, doc, kind }) => {
    return `  ${name.padEnd(WIDEST_NAME)}  ${doc}${kind === 'flow' ? ', since the sample before' : ''}`;
  }).join('\n');
}

export function timelineCommand(terminal: Terminal): Command {
  const command = new Command('timeline')
    .description('figures of every layout at moments of a trace: a line for each moment and layout')
    .argument('<events>', EVENTS_ARGUMENT)
    .option(
      '--every <n>',
      'a sample each so many events, 10000, or each so much simulated time, 1ms (default: about 40 samples)',
      parseEvery,
    )
    .addOption(new Option('--format <format>', 'of the lines').choices(TIMELINE_FORMATS).default('text'));
  addMachineOptions(addLanesOption(command, DEFAULT_LAYOUTS));
  return addFailOnOption(addWorkloadOptions(command), ['never', 'incomplete'], 'incomplete')
    .addHelpText('after', `\nFigures (of the text those that fit):\n${figureList()}`)
    .action((what: string, given: TimelineArguments) => showTimeline(terminal, what, given));
}

async function showTimeline(terminal: Terminal, what: string, given: TimelineArguments): Promise<void> {
  const run: RunSpec = { events: eventsOf(what, given), ...machinesOf(given, DEFAULT_LAYOUTS) };
  const files = runFiles(terminal);
  const events = await sourceOf(run, files);
  try {
    const lanes = (await lanesOf(run, files, events)).map(({ name, layout, options }) =>
      newLane(layout, { ...options, name }),
    );
    const { name, total } = events;
    const { every = defaultEvery(total), format } = given;
    const lines = timelineLines(format, { lanes: lanes.map((lane) => lane.name), lastEvent: total });
    for (const line of lines.head) await terminal.writePart(`${line}\n`);
    const source = watched(terminal, events.batches, { label: `replaying ${name}`, total });
    await writeSamples(terminal, timeline(source, lanes, every), lines.line);
    const lost = events.lost();
    if (lost !== undefined) terminal.note(`${name}: incomplete: ${lost.message}`);
    terminal.exitCode = exitCodeFor({ incomplete: lost !== undefined }, given.failOn ?? 'incomplete');
    terminal.note(`reproduce: ${reproduceLine('timeline', timelineArguments(run, every, given))}`);
  } finally {
    await events.close();
  }
}

async function writeSamples(
  terminal: Terminal,
  samples: AsyncIterable<Sample>,
  line: (sample: Sample) => string,
): Promise<void> {
  for await (const sample of samples) await terminal.writePart(`${line(sample)}\n`);
}

function timelineArguments(run: RunSpec, every: Every, given: TimelineArguments): string[] {
  return [
    ...eventsArguments(run.events),
    ...machineArguments(run),
    '--every',
    everyText(every),
    ...(given.format === 'text' ? [] : ['--format', given.format]),
    ...failOnArguments(given),
  ];
}
