/**
 * The pipeline: batches, through all lanes in lock step, to sinks. One emission is one batch, so rxjs costs nothing
 * by event; this is the only file that knows its operators.
 *
 *     source ── batch$ ── fold in every lane ── lockstep$ ─┬─ differences
 *                                                          ├─ keyframes, recorder, whatever else is asked for
 *                                                          └─ progress
 */
import { from, fromEvent, lastValueFrom, map, type Observable, share, takeUntil, tap } from 'rxjs';
import { UsageError } from '../../core/base/errors.ts';
import type { Batch } from '../../core/event/batch.ts';
import { Lockstep } from '../diff/lockstep.ts';
import type { Clock, Lane, Step } from '../lane/lane.ts';
import { type BatchSource, paced, recut } from '../source/source.ts';
import { layoutResult, type ReplayResult } from './result.ts';

/** One batch, and what each lane made of it. */
export interface LockstepEmission {
  readonly batch: Batch;
  /** Number of the batch's first event. */
  readonly firstEvent: number;
  /** In the order of the lanes. */
  readonly steps: readonly Step[];
}

/** Takes emissions; the source waits for the promise, if there is one. */
export type Sink = (emission: LockstepEmission) => Promise<void> | void;

export interface Progress {
  readonly events: number;
  readonly elapsedMs: number;
}

export interface ReplayOptions {
  /** Cut the batches anew; by default they are taken as they come. Never changes a result. */
  readonly batchSize?: number;
  /** Called after every batch. */
  readonly onProgress?: (progress: Progress) => void;
  /** Ends the replay after the batch that is being folded. */
  readonly signal?: AbortSignal;
  /** What else is to see every batch: keyframes, a recorder. */
  readonly sinks?: readonly Sink[];
  /** How many sorts of differences to keep and explain; default 10. */
  readonly firstDifferences?: number;
  readonly clock?: Clock;
}

/** Folds every batch in every lane. Shared: all subscribers see the same emissions, and nothing is folded twice. */
export function inLockstep(batch$: Observable<Batch>, lanes: readonly Lane[]): Observable<LockstepEmission> {
  const foldAll = (batch: Batch): LockstepEmission => {
    const firstEvent = lanes[0]!.events;
    return { batch, firstEvent, steps: lanes.map((lane) => lane.step(batch)) };
  };
  return batch$.pipe(map(foldAll), share());
}

/** Replays a source in all lanes, from its beginning to its end or until the signal. */
export async function replay(
  source: BatchSource,
  lanes: readonly Lane[],
  options: ReplayOptions = {},
): Promise<ReplayResult> {
  checkLanes(lanes);
  const { batchSize, onProgress, signal, clock = () => performance.now() } = options;
  const differences = lanes.length > 1 ? newLockstep(lanes, options) : undefined;
  const sinks = differences === undefined ? [] : [(e: LockstepEmission) => differences.add(e.batch, e.steps)];
  const gate = new Gate([...sinks, ...(options.sinks ?? [])]);
  const start = clock();
  const progress = (): Progress => ({ events: lanes[0]!.events, elapsedMs: clock() - start });

  const cut = batchSize === undefined ? source : recut(source, batchSize);
  let complete = false;
  const ended = (): void => {
    complete = true;
  };
  const batch$ = from(paced(cut, () => gate.open)).pipe(tap({ complete: ended }));
  const lockstep$ = inLockstep(until(batch$, signal), lanes).pipe(
    tap((emission) => gate.pass(emission)),
    tap(() => onProgress?.(progress())),
  );
  await lastValueFrom(lockstep$, { defaultValue: undefined });
  await gate.open;

  const { events, elapsedMs } = progress();
  return {
    events,
    complete,
    elapsedMs,
    layouts: lanes.map(layoutResult),
    ...(differences !== undefined && { differences: differences.result() }),
  };
}

/** Hands emissions to the sinks, and stays shut until the slowest is through. */
class Gate {
  private readonly sinks: readonly Sink[];
  open: Promise<unknown> = Promise.resolve();

  constructor(sinks: readonly Sink[]) {
    this.sinks = sinks;
  }

  pass(emission: LockstepEmission): void {
    const waits = this.sinks.map((sink) => sink(emission)).filter((wait) => wait !== undefined);
    if (waits.length > 0) this.open = Promise.all(waits);
  }
}

function until<T>(values$: Observable<T>, signal: AbortSignal | undefined): Observable<T> {
  if (signal === undefined) return values$;
  return values$.pipe(takeUntil(signal.aborted ? from([undefined]) : fromEvent(signal, 'abort')));
}

function newLockstep(lanes: readonly Lane[], { firstDifferences }: ReplayOptions): Lockstep {
  const names = lanes.map((lane) => lane.name);
  return new Lockstep(names, firstDifferences === undefined ? {} : { first: firstDifferences });
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
