/** Which points of a sweep one replay serves: those that differ in their TLBs alone (core/access/family). */
import { COMMON_OPTIONS } from '../../core/access/family/family.ts';
import { mmuGeometry } from '../../core/paging/geometry.ts';
import { completeLane, type PreparedLane, type RunSpec, runSpecToJson } from '../spec/index.ts';
import { canonicalJson } from './identity.ts';
import type { PlannedPoint } from './plan.ts';

/** TLBs that are simulated beside one machine at most: what they hold is in memory together. */
const MOST_IN_A_PASS = 128;

/** Equal for runs that one replay serves; undefined: with other TLBs the machine may take another course. */
export function familyText(run: RunSpec, { layout, options }: PreparedLane): string | undefined {
  if (options.reclaim !== undefined) return undefined;
  const { mmu: _, ...lane } = completeLane(run.machine, run.lanes[0]!);
  const mmu = mmuGeometry(layout, options.mmu ?? {});
  const common = COMMON_OPTIONS.map((name) => mmu[name]);
  return canonicalJson({ run: runSpecToJson({ ...run, machine: {}, lanes: [lane] }), common });
}

/** The points, a list for each replay. */
export function passesOf(points: readonly PlannedPoint[]): PlannedPoint[][] {
  const passes: PlannedPoint[][] = [];
  const open = new Map<number, PlannedPoint[]>();
  for (const point of points) {
    const own = point.family === undefined ? undefined : open.get(point.family);
    if (own !== undefined && own.length < MOST_IN_A_PASS) own.push(point);
    else {
      const begun = [point];
      passes.push(begun);
      if (point.family !== undefined) open.set(point.family, begun);
    }
  }
  return passes;
}
