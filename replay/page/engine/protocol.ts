/**
 * What the page asks of the engine in its worker, and what it is told: plain data both ways, which structured cloning
 * carries. The engine knows of no page, the page of no machine.
 */
import type { BlobLike } from '../../../traces/index.ts';
import type { DifferencesResult } from '../../diff/lockstep.ts';
import type { Question } from '../../quiz/index.ts';
import type { TimelineFigure } from '../../timeline/figures.ts';
import type { Verdict } from '../models/verdict.ts';
import type { Brought } from './bring.ts';
import type { Catalog } from './catalog.ts';
import type { FinderRequest, Found, MatchesRequest } from './finder.ts';
import type { ImportedRun, ImportFilesOptions } from './import-files.ts';
import type { LaneDraft, LanesChecked } from './lane-drafts.ts';
import type { ModelName, ModelParams, ModelResult } from './models.ts';
import type { DroppedFile } from './work.ts';
import type { WorkloadChecked, WorkloadDraft } from './workload-drafts.ts';

/** A trace as the page has it. */
export type TraceAt =
  | { readonly bytes: Uint8Array }
  | { readonly url: string; readonly byteLength: number }
  | { readonly blob: BlobLike };

/** A run as the page was given it: a specification, and what it names. */
export interface PageRun {
  /** JSON of a RunSpec. */
  readonly spec: string;
  /** Texts by the names that the specification has for them: layouts, memory maps, settings of an MMU. */
  readonly files: Readonly<Record<string, string>>;
  /** Of a run that replays a trace. */
  readonly trace?: TraceAt;
}

/** A machine of the run. */
export interface LaneFacts {
  readonly name: string;
  /** As `--layouts` takes it, with what holds for all lanes too. */
  readonly text: string;
  readonly layout: string;
  readonly title: string;
  readonly ramBytes: number;
  readonly wordBits: number;
  readonly pageShift: number;
  /** What a person should know before believing its figures. */
  readonly notes: readonly string[];
}

export interface Opened {
  /** Of the trace, or of the workload with its seed. */
  readonly name: string;
  readonly events: number;
  readonly lanes: readonly LaneFacts[];
  /** What the trace lacks; undefined: it is whole. */
  readonly lost: string | undefined;
  /** The figures of the timeline. */
  readonly figures: readonly FigureFacts[];
}

export type FigureFacts = Pick<TimelineFigure, 'name' | 'doc' | 'unit' | 'kind'>;

/** A worked example, told scene by scene over its run. */
export interface Tour extends Named {
  readonly doc: string;
  readonly source: string;
  /** JSON of a RunSpec: its events on the machine that it is meant for. */
  readonly spec: string;
  readonly scenes: readonly TourScene[];
}

export interface TourScene {
  readonly says: string;
  /** The status that all its events come to. */
  readonly becomes: string;
  /** The number of its first event, and how many there are. */
  readonly first: number;
  readonly count: number;
  /** Of its events, each once. */
  readonly kinds: readonly string[];
}

/** What can be asked in a quiz. */
export interface QuizFacts {
  readonly kinds: readonly Named[];
  /** Layouts of exercises, beside all others. */
  readonly toys: readonly string[];
}

/** A question of the quiz, with its solution. */
export interface AskedQuestion {
  readonly question: Question;
  /** What a terminal asks the same by. */
  readonly command: string;
}

export interface QuestionRequest {
  readonly seed: number;
  /** From 1 on. */
  readonly number: number;
  /** Undefined: one after the other. */
  readonly kind: string | undefined;
  /** As `--layouts` takes a machine; undefined: one that suits the question. */
  readonly lane: string | undefined;
}

export interface Named {
  readonly name: string;
  readonly title: string;
}

/** Where the first pass has come to. */
export interface PassState {
  readonly events: number;
  readonly state: 'running' | 'stopped' | 'done';
  /** Wall-clock events a second, for the remaining time. */
  readonly eventsPerSecond: number;
  readonly keyframes: { readonly count: number; readonly bytes: number; readonly intervalEvents: number };
  readonly timeline: Timeline;
  readonly verdict: Verdict;
  /** With two lanes or more. */
  readonly differences: DifferencesResult | undefined;
}

/** Samples of all lanes at the same events; `values[lane][figure][i]` belongs to `events[i]`. */
export interface Timeline {
  readonly events: Float64Array;
  /** By lane, simulated time of each sample. */
  readonly timesNs: readonly Float64Array[];
  readonly values: readonly (readonly Float64Array[])[];
  /** How many failures, of any lane, and differences lie before each sample. */
  readonly failures: Float64Array;
  readonly differences: Float64Array;
}

/** One thing that a view wants to know of a moment. */
export type Wanted = {
  readonly [N in ModelName]: { readonly model: N; readonly params: ModelParams<N> };
}[ModelName];

export interface MomentRequest {
  /** The number of the event that the machines meet there; the number of events is the end. */
  readonly event: number;
  /** By a key of the page's own, under which the answer comes. */
  readonly wanted: Readonly<Record<string, Wanted>>;
  /** The nearest moment that is at hand will do, as while dragging. */
  readonly rough?: boolean;
}

export interface Moment {
  readonly event: number;
  /** The event asked for: another one only where `rough` was. */
  readonly asked: number;
  /** By lane: the latest clock. */
  readonly timesNs: readonly number[];
  readonly answers: Readonly<Record<string, Answer>>;
}

/** A model's result, or why there is none, in words. */
export type Answer = { readonly result: ModelResult<ModelName> } | { readonly error: string };

/** Events as lines, for a list. */
export interface EventRow {
  readonly event: number;
  readonly cpu: number;
  /** -1: none. */
  readonly process: number;
  readonly kind: string;
  readonly text: string;
  /** By lane. */
  readonly outcomes: readonly RowOutcome[];
  readonly differs: boolean;
}

export interface RowOutcome {
  readonly ok: boolean;
  /** Name of the status. */
  readonly status: string;
  readonly text: string;
  readonly timeNs: number;
}

/** What the engine says of its own accord. */
export interface Told {
  pass(state: PassState): void;
  moment(moment: Moment): void;
  /** While something is read or made before there is a run. */
  progress(label: string, done: number, total: number | undefined): void;
  failed(message: string): void;
}

export interface Engine {
  catalog(): Promise<Catalog>;
  /** What dropped files are, and tell: a run to open, or advice. */
  bring(files: readonly DroppedFile[], told: Told): Promise<Brought>;
  /** A recording among dropped files, imported, and a trace of ours as it is. */
  importFiles(files: readonly DroppedFile[], options: ImportFilesOptions, told: Told): Promise<ImportedRun>;
  /** Ends whatever is awaited before there is a run: `open`, `bring` and `importFiles` then fail. */
  cancel(): void;
  checkWorkload(draft: WorkloadDraft): Promise<WorkloadChecked>;
  /** The lanes of the open run, as fields. */
  lanes(): Promise<readonly LaneDraft[]>;
  /** Other lanes for the open run, as fields or as text. `boot`: each machine is tried too, which takes a moment. */
  checkLanes(given: readonly LaneDraft[] | string, boot: boolean): Promise<LanesChecked>;
  /** Needs no run. */
  question(request: QuestionRequest): Promise<AskedQuestion>;
  /** Ends what was open. Errors are those of the command line, in words. */
  open(run: PageRun, told: Told): Promise<Opened>;
  /** The first pass goes on from where it stands. */
  resumePass(): void;
  stopPass(): void;
  /** Answered by `Told.moment`, unless another request comes first. */
  go(request: MomentRequest): void;
  /** Rows of these events, ascending, with what each lane makes of them. */
  rows(events: readonly number[]): Promise<readonly EventRow[]>;
  /** Numbers of events that fit a filter; a search, of which the last counts. */
  matches(request: MatchesRequest): Promise<readonly number[]>;
  find(request: FinderRequest): Promise<Found>;
  /** Ends a search that is under way. */
  stopFinding(): void;
}
