/** A sweep before it is run: every point with its identity, and those that cannot be with the reason. */
import { UsageError } from '../../core/base/errors.ts';
import { mmuGeometry } from '../../core/paging/geometry.ts';
import type { Pause } from '../source/breath.ts';
import {
  lanesOf,
  type PreparedLane,
  type Recorded,
  type RunSpec,
  readingOnce,
  sourceOf,
} from '../spec/index.ts';
import { identityOf, type SweepFiles } from './identity.ts';
import { familyText } from './passes.ts';
import { axesOf, type ImpossiblePoint, type Point, pointsOf } from './points.ts';

/** A point that can be run. */
export interface PlannedPoint extends Point {
  /** The same for the same specification and contents of files (identity.ts). */
  readonly hash: string;
  /** Undefined when the trace does not tell before its end. */
  readonly events: number | undefined;
  /** Equal for points that one replay serves (passes.ts); undefined: only its own does. */
  readonly family: number | undefined;
}

/** What a sweep varies, and all points of it. */
export interface SweepPlan {
  readonly keys: readonly string[];
  /** In the order of nested loops: the last key varies fastest. */
  readonly points: readonly (PlannedPoint | ImpossiblePoint)[];
}

/** Whether a point cannot be; its `reason` says why. */
export function isImpossible(point: object): point is ImpossiblePoint {
  return 'reason' in point;
}

/**
 * Builds the layout of every point, boots nothing and folds nothing.
 * @param base what all points have, one lane
 * @param vary `KEY=VALUES` each
 * @param pause where it may be stopped
 * UsageErrors: what is no key or value, a base of several lanes, events that cannot be opened or come from a pipe, and a
 * sweep of which no point can be.
 */
export async function planSweep(
  base: RunSpec,
  vary: readonly string[],
  files: SweepFiles,
  pause: Pause = async () => {},
): Promise<SweepPlan> {
  const axes = axesOf(base, vary);
  refuseBase(base);
  const planner = new Planner(files);
  if ('trace' in base.events) await planner.recorded(base);
  const points: (PlannedPoint | ImpossiblePoint)[] = [];
  for (const point of pointsOf(base, axes)) {
    await pause();
    points.push(isImpossible(point) ? point : await planner.planned(point));
  }
  refuseNothing(points);
  return { keys: axes.map(({ key }) => key.name), points };
}

function refuseBase({ lanes, events }: RunSpec): void {
  if (lanes.length !== 1)
    throw new UsageError(
      `sweep: found ${lanes.length} layouts, expected one, or those that are to be compared as --vary layout=A,B`,
    );
  const { layout, memoryMap, mmu } = lanes[0]!;
  const named = ['trace' in events ? events.trace : '', layout, memoryMap, mmu];
  if (named.includes('-'))
    throw new UsageError('sweep: found - (standard input), expected a file: it is read once for each point');
}

/** Of points that cannot be, the first one tells why. */
export function refuseNothing(points: readonly object[]): void {
  const [first] = points;
  if (first !== undefined && isImpossible(first) && points.every(isImpossible))
    throw new UsageError(`sweep: none of ${points.length} points can be: ${first.reason}`);
}

type Known = Recorded & { readonly total: number | undefined };

class Planner {
  private readonly files: SweepFiles;
  private readonly known = new Map<string, Known>();
  private readonly families = new Map<string, number>();

  constructor(files: SweepFiles) {
    this.files = { ...files, ...readingOnce(files), digest: once(files.digest) };
  }

  async planned(point: Point): Promise<PlannedPoint | ImpossiblePoint> {
    const { run, settings } = point;
    try {
      const recorded = await this.recorded(run);
      const [lane] = await lanesOf(run, this.files, recorded);
      mmuGeometry(lane!.layout, lane!.options.mmu ?? {});
      const hash = await identityOf(run, this.files);
      return { settings, run, hash, events: recorded.total, family: this.familyOf(run, lane!) };
    } catch (error) {
      if (error instanceof UsageError) return { settings, reason: error.message };
      throw error;
    }
  }

  private familyOf(run: RunSpec, lane: PreparedLane): number | undefined {
    const text = familyText(run, lane);
    if (text === undefined) return undefined;
    const family = this.families.get(text) ?? this.families.size;
    this.families.set(text, family);
    return family;
  }

  /** What the events say of the machine. */
  async recorded(run: RunSpec): Promise<Known> {
    const key = JSON.stringify(run.events);
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const { name, cpus, snapshot, total, close } = await sourceOf(run, this.files);
    await close();
    const recorded = { name, cpus, snapshot, total };
    this.known.set(key, recorded);
    return recorded;
  }
}

/** A file is looked at once. */
function once(digest: SweepFiles['digest']): SweepFiles['digest'] {
  const known = new Map<string, Promise<string>>();
  return (path) => {
    const found = known.get(path) ?? digest(path);
    known.set(path, found);
    return found;
  };
}
