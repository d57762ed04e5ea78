/** A run as the page was given it, opened: its events as a trace in reach, and its lanes at boot. */
import { UsageError } from '../../../core/base/errors.ts';
import { uncheckedText } from '../../../core/kernel/linux.ts';
import { unusedRam } from '../../../core/layout/ram.ts';
import {
  initialStateOf,
  MemorySink,
  memorySource,
  ObjectNames,
  openTrace,
  type Source,
  type Trace,
  TraceWriter,
} from '../../../traces/index.ts';
import { workload } from '../../../workloads/index.ts';
import { type Lane, newLane } from '../../lane/lane.ts';
import { pauseFor } from '../../source/breath.ts';
import {
  completeLane,
  completeWorkload,
  cpusOf,
  eventsArguments,
  isWorkload,
  lanesOf,
  lanesText,
  machineArguments,
  parseRunSpec,
  placeOf,
  type Recorded,
  type RunSpec,
  type WorkloadSpec,
} from '../../spec/index.ts';
import { ramWarning } from '../../text/ram-text.ts';
import { TIMELINE_FIGURES } from '../../timeline/figures.ts';
import type { Setting } from '../models/scene.ts';
import { filesOf } from './page-files.ts';
import type { LaneFacts, Opened, PageRun } from './protocol.ts';
import { TOOL, type Work } from './work.ts';

export interface OpenRun {
  readonly trace: Trace;
  /** What the events say of the machine. */
  readonly recorded: Recorded;
  readonly lanes: readonly Lane[];
  readonly setting: Setting;
  readonly facts: Opened;
  /** How the run is written on a command line, behind `vmsplit replay` or `diff`. */
  readonly args: readonly string[];
}

/** Gives the source of the trace that a page has; the page's own host knows how to read it. */
export type SourceOf = (at: NonNullable<PageRun['trace']>, name: string) => Source | Promise<Source>;

/** Errors are those of the command line. */
export async function openRun(page: PageRun, sourceAt: SourceOf, work: Work): Promise<OpenRun> {
  const run = parseRunSpec(page.spec, 'the run of this page');
  const { events } = run;
  const trace = isWorkload(events)
    ? await openTrace(await made(events, work))
    : await openTrace(await sourceAt(traceOf(page), placeOf(events.trace)));
  const recorded = { name: trace.file, cpus: cpusOf(trace), snapshot: initialStateOf(trace.header) };
  const prepared = await lanesOf(run, filesOf(page), recorded);
  const lanes = prepared.map(({ name, layout, options }) => newLane(layout, { ...options, name }));
  return {
    trace,
    recorded,
    lanes,
    setting: { run, names: ObjectNames.in(trace.notes) },
    facts: factsOf(run, trace, lanes),
    args: [...eventsArguments(events), ...machineArguments(run)],
  };
}

function traceOf({ trace }: PageRun): NonNullable<PageRun['trace']> {
  if (trace !== undefined) return trace;
  throw new UsageError('found a run that replays a trace, and no trace with it: drop the file on the page');
}

/** A workload is made once, into memory, so that its events are in reach as those of a trace. */
async function made(spec: WorkloadSpec, { told, signal, version }: Work): Promise<Source> {
  const { workload: name, seed, events, options } = completeWorkload(spec);
  const sink = new MemorySink();
  const pause = pauseFor(signal);
  const parameters = { workload: name, events, options };
  const origin = { tool: TOOL, toolVersion: version, seed, parameters };
  const writer = await TraceWriter.create(sink, origin);
  for (const batch of workload(name).generate(seed, spec.options ?? {}, events)) {
    await writer.write(batch);
    told.progress(`making ${name}`, writer.eventCount, events);
    await pause();
  }
  await writer.finish();
  return memorySource(sink.bytes(), `${name}, seed ${seed}`);
}

function factsOf(run: RunSpec, trace: Trace, lanes: readonly Lane[]): Opened {
  return {
    name: trace.file,
    events: trace.events,
    lanes: lanes.map((lane, i) => laneFacts(lane, lanesText([completeLane(run.machine, run.lanes[i]!)]))),
    lost: trace.lost?.message,
    figures: TIMELINE_FIGURES.map(({ name, doc, unit, kind }) => ({ name, doc, unit, kind })),
  };
}

function laneFacts({ name, layout }: Lane, text: string): LaneFacts {
  const unused = unusedRam(layout);
  return {
    name,
    text,
    layout: layout.name,
    title: layout.title,
    ramBytes: Number(layout.ramBytes),
    wordBits: layout.arch.wordBits,
    pageShift: layout.pageShift,
    notes: [ramWarning(name, unused), uncheckedText(layout.kernel)].filter((note) => note !== undefined),
  };
}
