/**
 * A sweep carried out: points that are not known yet are replayed, several at a time, and those that differ in their TLBs
 * alone in one replay; results come in the order of the plan.
 */
import { UsageError } from '../../core/base/errors.ts';
import type { RunResult } from '../run/carry-out.ts';
import type { RunSpec } from '../spec/index.ts';
import { type DonePoint, donePoint, type How, type Kept } from './done.ts';
import { passesOf } from './passes.ts';
import { isImpossible, type PlannedPoint, refuseNothing, type SweepPlan } from './plan.ts';
import type { ImpossiblePoint } from './points.ts';

/** Where finished points are kept. */
export interface PointStore {
  /** Undefined: it is not there, or is none. */
  load(hash: string): Promise<Kept | undefined>;
  /** There as a whole or not at all, whatever happens. */
  keep(point: PlannedPoint, kept: Kept): Promise<void>;
}

/** How the runs of a sweep are carried out, and where their results are kept. */
export interface SweepOptions {
  /** Carries out a run: `carryOut` in this thread, or a pool. UsageErrors are those of a machine that cannot boot. */
  readonly run: (run: RunSpec, signal?: AbortSignal) => Promise<RunResult>;
  /** `carryOutPass`; without it each point is replayed by itself. */
  readonly pass?: (runs: readonly RunSpec[], signal?: AbortSignal) => Promise<(RunResult | undefined)[]>;
  /** Runs at a time; default 1. */
  readonly jobs?: number;
  readonly store?: PointStore | undefined;
  /** Ends the sweep; what is finished is kept. Its reason is thrown. */
  readonly signal?: AbortSignal;
  /** Called with each point that is there, in the order in which they are. */
  readonly onPoint?: (point: DonePoint | ImpossiblePoint) => void;
}

/** All points of a sweep that was run. */
export interface SweepResult {
  readonly keys: readonly string[];
  /** In the order of the plan, whatever was finished first. */
  readonly points: readonly (DonePoint | ImpossiblePoint)[];
  /** Points that were kept from before. */
  readonly kept: number;
}

/** Points of the same identity are run once. Throws what a run throws, but for machines that cannot be: those are told. */
export async function runSweep(plan: SweepPlan, options: SweepOptions): Promise<SweepResult> {
  const { jobs = 1, signal } = options;
  const stop = new AbortController();
  const signals = AbortSignal.any([stop.signal, ...(signal === undefined ? [] : [signal])]);
  const work = new SweepWork(plan, options, signals);
  await work.begin();
  const workers = Array.from({ length: jobs }, () => work.through());
  try {
    await Promise.all(workers);
  } catch (error) {
    // The others end before anybody is told.
    stop.abort(error);
    await Promise.allSettled(workers);
    signal?.throwIfAborted();
    throw error;
  }
  const points = work.points();
  refuseNothing(points);
  return { keys: plan.keys, points, kept: work.kept };
}

/** Files read at a time. */
const LOADED_AT_ONCE = 64;

type Outcome = Kept | { readonly reason: string };

class SweepWork {
  /** Points that were there from before. */
  kept = 0;
  private readonly plan: SweepPlan;
  private readonly options: SweepOptions;
  private readonly signal: AbortSignal;
  /** By identity: all places in the plan. */
  private readonly places = new Map<string, number[]>();
  private readonly found: (DonePoint | ImpossiblePoint)[] = [];
  private waiting: PlannedPoint[][] = [];

  constructor(plan: SweepPlan, options: SweepOptions, signal: AbortSignal) {
    this.plan = plan;
    this.options = options;
    this.signal = signal;
  }

  /** Finds out what is there already. */
  async begin(): Promise<void> {
    const open: PlannedPoint[] = [];
    const distinct = this.distinct();
    for (let at = 0; at < distinct.length; at += LOADED_AT_ONCE) {
      this.signal.throwIfAborted();
      const points = distinct.slice(at, at + LOADED_AT_ONCE);
      const found = await Promise.all(points.map(({ hash }) => this.options.store?.load(hash)));
      for (const [i, point] of points.entries()) {
        const kept = found[i];
        if (kept === undefined) open.push(point);
        else {
          this.kept++;
          this.settle(point, kept, true);
        }
      }
    }
    this.waiting = this.options.pass === undefined ? open.map((point) => [point]) : passesOf(open);
  }

  /** Until nothing waits. */
  async through(): Promise<void> {
    for (let points = this.waiting.shift(); points !== undefined; points = this.waiting.shift()) {
      this.signal.throwIfAborted();
      if (points.length === 1) await this.alone(points[0]!);
      else await this.together(points);
    }
  }

  points(): (DonePoint | ImpossiblePoint)[] {
    return this.found;
  }

  /** Each point once, with all its places noted; those that cannot be are told. */
  private distinct(): PlannedPoint[] {
    const distinct: PlannedPoint[] = [];
    for (const [place, point] of this.plan.points.entries()) {
      if (isImpossible(point)) this.tell(place, point);
      else {
        const places = this.places.get(point.hash);
        if (places === undefined) distinct.push(point);
        this.places.set(point.hash, [...(places ?? []), place]);
      }
    }
    return distinct;
  }

  private async alone(point: PlannedPoint): Promise<void> {
    const outcome = await this.carriedOut(() => this.options.run(point.run, this.signal));
    if ('reason' in outcome) this.settle(point, outcome);
    else await this.keep(point, outcome.done, 'replay');
  }

  /** What a pass cannot tell of waits for its own replay. */
  private async together(points: readonly PlannedPoint[]): Promise<void> {
    const runs = points.map(({ run }) => run);
    const outcome = await this.carriedOut(() => this.options.pass!(runs, this.signal));
    if ('reason' in outcome) return void this.waiting.push(...points.map((point) => [point]));
    for (const [i, point] of points.entries()) {
      const result = outcome.done[i];
      if (result === undefined) this.waiting.push([point]);
      else await this.keep(point, result, i === 0 ? 'replay' : 'pass');
    }
  }

  private async keep(point: PlannedPoint, result: RunResult, how: How): Promise<void> {
    const { store } = this.options;
    await store?.keep(point, { result, how });
    this.settle(point, { result, how }, store !== undefined);
  }

  /** Notes what became of a point, wherever the plan has it. */
  private settle(point: PlannedPoint, outcome: Outcome, isKept = false): void {
    const places = this.places.get(point.hash)!;
    for (const place of places) this.tell(place, this.pointAt(place, outcome, isKept));
  }

  private pointAt(place: number, outcome: Outcome, isKept: boolean): DonePoint | ImpossiblePoint {
    const point = this.plan.points[place] as PlannedPoint;
    if ('reason' in outcome) return { settings: point.settings, reason: outcome.reason };
    return isKept ? donePoint(point, outcome, () => this.again(point)) : donePoint(point, outcome);
  }

  private async again({ hash }: PlannedPoint): Promise<RunResult> {
    const kept = await this.options.store!.load(hash);
    if (kept !== undefined) return kept.result;
    throw new UsageError(`point ${hash}: found it gone from where it was kept, expected it there; run again`);
  }

  private tell(place: number, point: DonePoint | ImpossiblePoint): void {
    this.found[place] = point;
    this.options.onPoint?.(point);
  }

  private async carriedOut<T>(
    work: () => Promise<T>,
  ): Promise<{ readonly done: T } | { readonly reason: string }> {
    try {
      const done = await work();
      // Broken off is not finished.
      this.signal.throwIfAborted();
      return { done };
    } catch (error) {
      if (error instanceof UsageError && !this.signal.aborted) return { reason: error.message };
      throw error;
    }
  }
}
