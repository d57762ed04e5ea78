/** A sweep on all cores, with progress; and what others have made of one. */
import type { FleetPool } from '../../node/fleet/fleet-pool.ts';
import { runPool } from '../../node/run-pool.ts';
import type { SweepFolder } from '../../node/sweep-folder.ts';
import {
  type DonePoint,
  donePoint,
  type ImpossiblePoint,
  isImpossible,
  runSweep,
  type SweepPlan,
  type SweepResult,
} from '../../sweep/index.ts';
import type { Progress } from '../terminal/progress.ts';
import type { Terminal } from '../terminal/terminal.ts';

interface SweepRun {
  readonly jobs: number;
  readonly store: SweepFolder | undefined;
  /** Of the events. */
  readonly label: string;
  /** In the place of threads of this machine. */
  readonly fleet?: FleetPool | undefined;
}

/** Ended by Ctrl-C, it says what is kept. */
export async function sweepWith(
  terminal: Terminal,
  plan: SweepPlan,
  { jobs, store, label, fleet }: SweepRun,
): Promise<SweepResult> {
  const atATime = Math.min(fleet === undefined ? jobs : Number.POSITIVE_INFINITY, plan.points.length);
  const pool = fleet ?? (await runPool(atATime));
  const progress = terminal.progress(`sweeping ${label}`, 'events', eventsOf(plan));
  const done = { events: 0, points: 0 };
  try {
    return await runSweep(plan, {
      jobs: atATime,
      run: (run, signal) => pool.run(run, signal),
      pass: (runs, signal) => pool.pass(runs, signal),
      store,
      signal: terminal.signal,
      onPoint: (point) => count(progress, done, point),
    });
  } catch (error) {
    if (terminal.signal.aborted) terminal.note(restText(done.points, plan.points.length, store));
    throw error;
  } finally {
    progress.stop();
    await pool.close();
  }
}

/** Undefined: not all traces tell. */
function eventsOf({ points }: SweepPlan): number | undefined {
  const events = points.map((point) => (isImpossible(point) ? 0 : point.events));
  return events.reduce<number | undefined>(
    (sum, count) => (sum === undefined || count === undefined ? undefined : sum + count),
    0,
  );
}

function count(
  progress: Progress,
  done: { events: number; points: number },
  point: DonePoint | ImpossiblePoint,
): void {
  done.points++;
  if (!isImpossible(point)) done.events += point.folded;
  progress.update(done.events);
}

function restText(done: number, all: number, store: SweepFolder | undefined): string {
  return store === undefined
    ? `${done} of ${all} points were finished, and are lost: --out DIR keeps them`
    : `${done} of ${all} points are finished and kept in ${store.path}; the same command goes on`;
}

/** The results that a folder has of its plan. */
export async function collected(store: SweepFolder): Promise<SweepResult & { readonly missing: number }> {
  const plan = await store.plan();
  const points: (DonePoint | ImpossiblePoint)[] = [];
  for (const point of plan.points) {
    const kept = isImpossible(point) ? undefined : await store.load(point.hash);
    if (isImpossible(point)) points.push(point);
    else if (kept !== undefined)
      points.push(donePoint(point, kept, async () => (await store.load(point.hash))!.result));
  }
  const kept = points.filter((point) => !isImpossible(point)).length;
  return { keys: plan.keys, points, kept, missing: plan.points.length - points.length };
}
