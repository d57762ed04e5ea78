/** A sweep carried out: points that are not known yet are replayed, several at a time; results come in the order of the plan. */
import { UsageError } from '../../core/base/errors.ts';
import type { RunResult } from '../run/carry-out.ts';
import type { RunSpec } from '../spec/index.ts';
import { isImpossible, type PlannedPoint, refuseNothing, type SweepPlan } from './plan.ts';
import type { ImpossiblePoint } from './points.ts';

export interface DonePoint extends PlannedPoint {
  readonly result: RunResult;
}

/** Where finished points are kept. */
export interface PointStore {
  /** Undefined: it is not there, or is none. */
  load(hash: string): Promise<RunResult | undefined>;
  /** There as a whole or not at all, whatever happens. */
  keep(done: DonePoint): Promise<void>;
}

export interface SweepOptions {
  /** Carries out a run: `carryOut` in this thread, or a pool. UsageErrors are those of a machine that cannot boot. */
  readonly run: (run: RunSpec, signal?: AbortSignal) => Promise<RunResult>;
  /** Runs at a time; default 1. */
  readonly jobs?: number;
  readonly store?: PointStore | undefined;
  /** Ends the sweep; what is finished is kept. Its reason is thrown. */
  readonly signal?: AbortSignal;
  /** Called with each point that is there, in the order in which they are. */
  readonly onPoint?: (point: DonePoint | ImpossiblePoint) => void;
}

export interface SweepResult {
  readonly keys: readonly string[];
  /** In the order of the plan, whatever was finished first. */
  readonly points: readonly (DonePoint | ImpossiblePoint)[];
  /** Points that were kept from before. */
  readonly kept: number;
}

/** Points of the same identity are run once. Throws what a run throws, but for machines that cannot be: those are told. */
export async function runSweep({ keys, points }: SweepPlan, options: SweepOptions): Promise<SweepResult> {
  const { jobs = 1, signal, onPoint } = options;
  const outcomes = new Map<string, Promise<Outcome>>();
  const found: (DonePoint | ImpossiblePoint)[] = [];
  const stop = new AbortController();
  const signals = AbortSignal.any([stop.signal, ...(signal === undefined ? [] : [signal])]);
  const waiting = points.entries();
  let kept = 0;
  const work = async (): Promise<void> => {
    for (const [i, point] of waiting) {
      signals.throwIfAborted();
      if (isImpossible(point)) found[i] = point;
      else {
        const known = outcomes.get(point.hash);
        const outcome = known ?? outcomeOf(point, options, signals);
        outcomes.set(point.hash, outcome);
        const { wasKept, ...rest } = await outcome;
        kept += wasKept && known === undefined ? 1 : 0;
        found[i] = 'reason' in rest ? { settings: point.settings, ...rest } : { ...point, ...rest };
      }
      onPoint?.(found[i]!);
    }
  };
  try {
    await Promise.all(Array.from({ length: jobs }, work));
  } catch (error) {
    stop.abort(error);
    await Promise.allSettled(outcomes.values());
    signal?.throwIfAborted();
    throw error;
  }
  refuseNothing(found);
  return { keys, points: found, kept };
}

type Outcome = ({ readonly result: RunResult } | { readonly reason: string }) & { readonly wasKept: boolean };

async function outcomeOf(
  point: PlannedPoint,
  { run, store }: SweepOptions,
  signal: AbortSignal,
): Promise<Outcome> {
  const kept = await store?.load(point.hash);
  if (kept !== undefined) return { result: kept, wasKept: true };
  try {
    const result = await run(point.run, signal);
    // Broken off is not finished.
    signal.throwIfAborted();
    await store?.keep({ ...point, result });
    return { result, wasKept: false };
  } catch (error) {
    if (error instanceof UsageError && !signal.aborted) return { reason: error.message, wasKept: false };
    throw error;
  }
}
