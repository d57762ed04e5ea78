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
  const { jobs = 1, signal } = options;
  const stop = new AbortController();
  const signals = AbortSignal.any([stop.signal, ...(signal === undefined ? [] : [signal])]);
  const outcomes = new Outcomes(options, signals);
  const found: (DonePoint | ImpossiblePoint)[] = [];
  const waiting = points.entries();
  const work = async (): Promise<void> => {
    for (const [i, point] of waiting) {
      signals.throwIfAborted();
      found[i] = isImpossible(point) ? point : await outcomes.of(point);
      options.onPoint?.(found[i]);
    }
  };
  try {
    await Promise.all(Array.from({ length: jobs }, work));
  } catch (error) {
    // The others end before anybody is told.
    stop.abort(error);
    await outcomes.settled();
    signal?.throwIfAborted();
    throw error;
  }
  refuseNothing(found);
  return { keys, points: found, kept: outcomes.kept };
}

type Outcome = { readonly result: RunResult } | { readonly reason: string };

/** What becomes of points, by their identity. */
class Outcomes {
  /** Points that were there from before. */
  kept = 0;
  private readonly options: SweepOptions;
  private readonly signal: AbortSignal;
  private readonly known = new Map<string, Promise<Outcome>>();

  constructor(options: SweepOptions, signal: AbortSignal) {
    this.options = options;
    this.signal = signal;
  }

  async of(point: PlannedPoint): Promise<DonePoint | ImpossiblePoint> {
    const outcome = this.known.get(point.hash) ?? this.found(point);
    this.known.set(point.hash, outcome);
    const known = await outcome;
    return 'reason' in known ? { settings: point.settings, ...known } : { ...point, ...known };
  }

  async settled(): Promise<void> {
    await Promise.allSettled(this.known.values());
  }

  private async found(point: PlannedPoint): Promise<Outcome> {
    const kept = await this.options.store?.load(point.hash);
    if (kept === undefined) return this.replayed(point);
    this.kept++;
    return { result: kept };
  }

  private async replayed(point: PlannedPoint): Promise<Outcome> {
    const outcome = await this.carriedOut(point.run);
    if ('result' in outcome) await this.options.store?.keep({ ...point, ...outcome });
    return outcome;
  }

  private async carriedOut(run: RunSpec): Promise<Outcome> {
    try {
      const result = await this.options.run(run, this.signal);
      // Broken off is not finished.
      this.signal.throwIfAborted();
      return { result };
    } catch (error) {
      if (error instanceof UsageError && !this.signal.aborted) return { reason: error.message };
      throw error;
    }
  }
}
