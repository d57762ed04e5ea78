/**
 * The pipeline: batches, through all lanes in lock step, to whoever wants to see them. One emission is one batch, so
 * rxjs costs nothing by event; this file and `pulled.ts` are the only ones that know its operators.
 *
 *     source ── batch$ ─┬─ scan stepLane ─┬─ zip ── lockstep$ ─┬─ scan addDifferences ─┬─ zip ── the next batch, please
 *                       ├─ scan stepLane ─┤                    ├─ keyframes, recorder ─┤
 *                       └─ scan stepLane ─┘                    └─ progress ────────────┘
 */
import {
  concatMap,
  connect,
  defer,
  EMPTY,
  endWith,
  fromEvent,
  ignoreElements,
  isObservable,
  lastValueFrom,
  map,
  NEVER,
  type Observable,
  type OperatorFunction,
  of,
  reduce,
  scan,
  zip,
} from 'rxjs';
import { UsageError } from '../../core/base/errors.ts';
import type { Batch } from '../../core/event/batch.ts';
import { addDifferences, type Differences, differencesResult, noDifferences } from '../diff/lockstep.ts';
import { type Lane, type LaneSpecification, type LaneStep, newLane, stepLane } from '../lane/lane.ts';
import { type BatchSource, breathing, type Clock, recut } from '../source/source.ts';
import { pulled } from './pulled.ts';
import { layoutResult, type ReplayResult } from './result.ts';

/** What a lane made of a batch, and the milliseconds it has spent folding so far. */
export interface TimedStep extends LaneStep {
  readonly foldMs: number;
}

/** One batch, and what each lane made of it. */
export interface LockstepEmission {
  readonly batch: Batch;
  /** Number of the batch's first event. */
  readonly firstEvent: number;
  /** In the order of the lanes. */
  readonly steps: readonly TimedStep[];
}

/**
 * Subscribed to the emissions: gets one at a time, and the next when the promise or observable that it returns, if
 * any, is complete. Until then the source waits too. Its errors end the replay.
 */
export type Sink =
  | ((emission: LockstepEmission) => Promise<unknown> | Observable<unknown>)
  | ((emission: LockstepEmission) => void);

export interface Progress {
  readonly events: number;
  readonly elapsedMs: number;
}

/** How a replay is watched and ended; none of it changes a result. */
export interface ReplayOptions {
  /** Cut the batches anew; by default they are taken as they come. Never changes a result. */
  readonly batchSize?: number;
  /** Called after every batch. */
  readonly onProgress?: (progress: Progress) => void;
  /** Ends the replay after what is being folded: with a signal, batches that take long are cut. */
  readonly signal?: AbortSignal;
  /** What else is to see every batch: keyframes, a recorder. */
  readonly sinks?: readonly Sink[];
  /** How many sorts of differences to keep and explain; default 10. */
  readonly firstDifferences?: number;
  readonly clock?: Clock;
}

/** A replay that is over: what it has found, and the lanes as they stand then, from which another may go on. */
export interface Replayed {
  readonly result: ReplayResult;
  readonly lanes: readonly Lane[];
}

/**
 * Replays a source in all lanes, from its beginning to its end or until the signal. The lanes given stay as they are.
 * Fails with what the source or a sink fails with, and with a UsageError for lanes that cannot be compared.
 */
export async function replay(
  source: BatchSource,
  lanes: readonly (Lane | LaneSpecification)[],
  options: ReplayOptions = {},
): Promise<ReplayResult> {
  return (await replayLanes(source, lanes, options)).result;
}

/** The same, for those who want to go on with the machines. */
export async function replayLanes(
  source: BatchSource,
  given: readonly (Lane | LaneSpecification)[],
  options: ReplayOptions = {},
): Promise<Replayed> {
  const lanes = given.map((lane) => ('machine' in lane ? lane : newLane(lane.layout, lane)));
  checkLanes(lanes);
  const { batchSize, signal, clock = () => performance.now() } = options;
  const startMs = clock();
  const start = standingOf(lanes, options);
  const sinks = sinksOf(options, () => clock() - startMs);
  const cut = batchSize === undefined ? source : recut(source, batchSize);
  // Who may break it off does not wait for a batch that takes minutes.
  const batches = breathing(cut, signal && (() => performance.now()));
  const work: OperatorFunction<Batch, Standing> = (batch$) =>
    batch$.pipe(inLockstep(lanes, clock, !options.sinks?.length), shownTo(sinks, start.differences));
  const end = await lastValueFrom(
    pulled(batches, work, abortOf(signal)).pipe(
      reduce((last, seen) => (seen.kind === 'N' ? seen.value : { ...last, complete: true }), start),
    ),
  );
  return { result: resultOf(start, end, clock() - startMs), lanes: end.lanes.map(({ lane }) => lane) };
}

/**
 * Folds every batch in every lane: a lane is scanned, and what the lanes made of the same batch goes together. `passing`:
 * nobody reads the outcomes of an emission once the next batch comes, which are then written over them.
 */
export function inLockstep(
  lanes: readonly Lane[],
  clock: Clock = () => performance.now(),
  passing = false,
): OperatorFunction<Batch, LockstepEmission> {
  return connect((batch$) =>
    zip(batch$, zip(lanes.map((lane) => batch$.pipe(through(lane, clock, passing))))).pipe(
      map(([batch, steps]) => ({ batch, firstEvent: steps[0]!.lane.events - batch.count, steps })),
    ),
  );
}

/** One lane, and by the clock how long its steps took. */
function through(lane: Lane, clock: Clock, passing: boolean): OperatorFunction<Batch, TimedStep> {
  const timedStep = (last: LastStep, recorded: Batch): TimedStep => {
    const startMs = clock();
    const spare = passing ? last.outcomes : undefined;
    const { batch, before, after, outcomes, lane } = stepLane(last.lane, recorded, { spare });
    return { batch, before, after, outcomes, lane, foldMs: last.foldMs + clock() - startMs };
  };
  return scan<Batch, TimedStep, LastStep>(timedStep, { lane, foldMs: 0 });
}

/** What a step goes on from. */
type LastStep = Pick<TimedStep, 'lane' | 'foldMs'> & Partial<Pick<TimedStep, 'outcomes'>>;

/** Where a replay has come to. */
interface Standing {
  /** With the time spent folding. */
  readonly lanes: readonly Pick<TimedStep, 'lane' | 'foldMs'>[];
  /** With two lanes or more. */
  readonly differences: Differences | undefined;
  /** Whether the source has come to its end. */
  readonly complete: boolean;
}

function standingOf(lanes: readonly Lane[], { firstDifferences }: ReplayOptions): Standing {
  const names = lanes.map(({ name }) => name);
  const first = firstDifferences === undefined ? {} : { first: firstDifferences };
  return {
    lanes: lanes.map((lane) => ({ lane, foldMs: 0 })),
    differences: lanes.length > 1 ? noDifferences(names, first) : undefined,
    complete: false,
  };
}

/** Compares, and subscribes the sinks. What comes out is where the replay stands when all are through with a batch. */
function shownTo(
  sinks: readonly Sink[],
  start: Differences | undefined,
): OperatorFunction<LockstepEmission, Standing> {
  return connect((lockstep$) =>
    zip(
      lockstep$,
      lockstep$.pipe(differencesFrom(start)),
      ...sinks.map((sink) => lockstep$.pipe(concatMap((emission) => endOf(sink, emission)))),
    ).pipe(
      map(([{ steps }, differences]) => ({
        lanes: steps.map(({ lane, foldMs }) => ({ lane, foldMs })),
        differences,
        complete: false,
      })),
    ),
  );
}

function differencesFrom(
  start: Differences | undefined,
): OperatorFunction<LockstepEmission, Differences | undefined> {
  if (start === undefined) return map(() => undefined);
  return scan((found, { batch, steps }) => addDifferences(found, batch, steps), start);
}

/** Emits once, when a sink is through. */
function endOf(sink: Sink, emission: LockstepEmission): Observable<undefined> {
  return defer(() => {
    const work: unknown = sink(emission);
    return isObservable(work) || work instanceof Promise ? work : EMPTY;
  }).pipe(ignoreElements(), endWith(undefined));
}

function sinksOf({ sinks = [], onProgress }: ReplayOptions, elapsedMs: Clock): Sink[] {
  if (onProgress === undefined) return [...sinks];
  return [
    ...sinks,
    ({ firstEvent, batch }) => onProgress({ events: firstEvent + batch.count, elapsedMs: elapsedMs() }),
  ];
}

/** Emits when the signal is, or was, given. */
function abortOf(signal: AbortSignal | undefined): Observable<unknown> {
  if (signal === undefined) return NEVER;
  return signal.aborted ? of(undefined) : fromEvent(signal, 'abort');
}

function resultOf(start: Standing, end: Standing, elapsedMs: number): ReplayResult {
  return {
    events: end.lanes[0]!.lane.events,
    complete: end.complete,
    elapsedMs,
    layouts: end.lanes.map(({ lane, foldMs }, i) => {
      const events = lane.events - start.lanes[i]!.lane.events;
      return layoutResult(lane, foldMs === 0 ? 0 : Math.round((1000 * events) / foldMs));
    }),
    ...(end.differences !== undefined && { differences: differencesResult(end.differences) }),
  };
}

/** Differences are told by name, and event by event. */
function checkLanes(lanes: readonly Lane[]): void {
  if (lanes.length === 0) throw new UsageError('found no layout to replay under, expected one or more');
  const names = new Set(lanes.map(({ name }) => name));
  if (names.size < lanes.length) {
    throw new UsageError(
      `found lanes of the same name (${lanes.map(({ name }) => name).join(', ')}): name them`,
    );
  }
  if (lanes.some(({ events }) => events !== lanes[0]!.events))
    throw new UsageError('found lanes at different events, expected all of them at the same');
}
