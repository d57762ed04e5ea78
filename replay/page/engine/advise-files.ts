/** What `advise` and `layouts --memory-map` tell of dropped files, and the runs that show it. */
import type { MemoryReport } from '../../../core/index.ts';
import { layoutNameOf } from '../../../core/index.ts';
import { type Source, TraceWriter } from '../../../traces/index.ts';
import {
  type Advice,
  adviceCommands,
  adviceJson,
  adviceText,
  advise,
  bestLanes,
  type Evidence,
  stateEvents,
  stateParameters,
} from '../../advise/index.ts';
import { eventsOf, type GatheredEvidence, gatherEvidence } from '../../brought/index.ts';
import { type MachineRow, machineRows } from '../../report/machine-rows.ts';
import { type LaneSpec, ownLayout, parseLanes, type RunFiles, runSpecToJson } from '../../spec/index.ts';
import { BlobSink } from './blob-sink.ts';
import { filesOf } from './page-files.ts';
import type { PageRun } from './protocol.ts';
import { type DroppedFile, sourceOfDropped, TOOL, type Work } from './work.ts';

/** A log, or /proc/iomem, and what it tells of its machine. */
export interface ToldMachine {
  readonly file: string;
  readonly source: string;
  readonly rows: readonly MachineRow[];
  readonly notes: readonly string[];
  readonly layout: string | undefined;
  /** Where it says otherwise than that layout. */
  readonly contradictions: readonly string[];
  readonly problem: string | undefined;
}

export interface PageAdvice {
  readonly files: readonly string[];
  /** That of `advise --json`. */
  readonly advice: ReturnType<typeof adviceJson>;
  /** That of `advise --all`, to be copied. */
  readonly text: string;
  readonly machines: readonly ToldMachine[];
  /** The state, and what failed in it, under its own machine and the best cures: `advise -o`. */
  readonly stateRun: PageRun | undefined;
  /** A workload on the machine, where no state is known. */
  readonly machineRun: PageRun | undefined;
  /** A recording is among the files, which can be imported; under these machines. */
  readonly recording: { readonly lanes: readonly LaneSpec[] | undefined } | undefined;
}

const TEXT_COLUMNS = 100;

export async function adviseFiles(files: readonly DroppedFile[], work: Work): Promise<PageAdvice> {
  const sources = files.map((file) => sourceOfDropped(file, work));
  const gathered = await gatherEvidence(sources);
  const { evidence, texts } = gathered;
  const inPage = filesOf({ files: Object.fromEntries(texts) });
  const advice = await advise(evidence, inPage, adviseOptions(sources, gathered, work));
  work.signal.throwIfAborted();
  const paths = files.map(({ name }) => name);
  const commands = adviceCommands(advice, gathered.archives, paths);
  const lanes = parsedLanes(bestLanes(advice));
  return {
    files: paths,
    advice: adviceJson(advice, commands),
    text: adviceText(advice, { width: TEXT_COLUMNS, all: true, commands }),
    machines: await machinesOf(evidence, inPage),
    stateRun: await stateRun(advice, lanes, texts, work),
    machineRun: machineRun(advice, lanes, texts),
    recording: evidence.traces.length === 0 ? undefined : { lanes: advice.trace && lanes },
  };
}

function adviseOptions(sources: readonly Source[], { recordings }: GatheredEvidence, work: Work) {
  const { signal, told } = work;
  const source = (path: string): Source => recordings.get(path) ?? sources.find(({ name }) => name === path)!;
  return {
    signal,
    events: (path: string) =>
      eventsOf(source(path), (done, total) => told.progress(`reading ${path}`, done, total)),
    onProgress: (done: number, all: number) => told.progress('trying machines', done, all),
    onEvents: (events: number) => told.progress('trying machines, events', events, undefined),
  };
}

function parsedLanes(lanes: readonly string[]): LaneSpec[] {
  return lanes.flatMap((lane) => parseLanes(lane, ''));
}

/** The texts that these lanes name. */
function textsOf(lanes: readonly LaneSpec[], texts: ReadonlyMap<string, string>): Record<string, string> {
  const named = lanes.flatMap(({ memoryMap }) => memoryMap ?? []);
  return Object.fromEntries(named.map((name) => [name, texts.get(name)!]));
}

const STATE_NAME = 'board.vmt';

async function stateRun(
  { state }: Advice,
  lanes: readonly LaneSpec[],
  texts: ReadonlyMap<string, string>,
  { version }: Work,
): Promise<PageRun | undefined> {
  if (state === undefined) return undefined;
  const sink = new BlobSink();
  const origin = { tool: TOOL, toolVersion: version, seed: null, parameters: stateParameters(state) };
  const writer = await TraceWriter.create(sink, origin);
  for (const batch of stateEvents(state)) await writer.write(batch);
  await writer.finish();
  return { ...runUnder({ trace: STATE_NAME }, lanes, texts), trace: { blob: sink.blob() } };
}

/** Whoever sees the machine wants to see it at work. */
const WORKLOAD = 'drivers';

function machineRun(
  { machine, layout, state }: Advice,
  lanes: readonly LaneSpec[],
  texts: ReadonlyMap<string, string>,
): PageRun | undefined {
  if (machine === undefined || layout === undefined || state !== undefined) return undefined;
  return runUnder({ workload: WORKLOAD }, lanes, texts);
}

function runUnder(
  events: { readonly trace: string } | { readonly workload: string },
  lanes: readonly LaneSpec[],
  texts: ReadonlyMap<string, string>,
): PageRun {
  const run = { events, machine: {}, lanes };
  return { spec: JSON.stringify(runSpecToJson(run)), files: textsOf(lanes, texts) };
}

async function machinesOf(
  { logs }: Evidence,
  files: Pick<RunFiles, 'text'>,
): Promise<readonly ToldMachine[]> {
  const telling = logs.flatMap(({ file, report }) => (report === undefined ? [] : [{ file, report }]));
  return Promise.all(telling.map(({ file, report }) => toldMachine(file, report, files)));
}

async function toldMachine(
  file: string,
  report: MemoryReport,
  files: Pick<RunFiles, 'text'>,
): Promise<ToldMachine> {
  const { contradictions, problem } = await ownLayout(report, { memoryMap: file }, files);
  return {
    file,
    source: report.source,
    rows: machineRows(report),
    notes: report.notes,
    layout: layoutNameOf(report),
    contradictions,
    problem,
  };
}
