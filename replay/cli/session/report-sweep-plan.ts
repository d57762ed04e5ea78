/** What a sweep will do, before it is done. */
import type { SweepFolder } from '../../node/sweep-folder.ts';
import {
  impossibleLines,
  isImpossible,
  type PlannedPoint,
  pointsText,
  type SweepPlan,
  settingsText,
  valuesOf,
} from '../../sweep/index.ts';
import { formatCount, formatNs } from '../../text/units.ts';
import type { Terminal } from '../terminal/terminal.ts';

interface PlanManner {
  readonly plan: SweepPlan;
  readonly store: SweepFolder | undefined;
  readonly jobs: number;
  readonly json: true | undefined;
  readonly reproduce: string;
}

/** The points, which of them are finished, and what the others will take. */
export async function reportPlan(
  terminal: Terminal,
  { plan, store, jobs, json, reproduce }: PlanManner,
): Promise<void> {
  const { kept, events, seconds } = await estimateOf(plan, store, jobs);
  if (json) {
    const points = plan.points.map((point) =>
      isImpossible(point)
        ? { settings: valuesOf(point), impossible: point.reason }
        : {
            settings: valuesOf(point),
            hash: point.hash,
            events: point.events ?? null,
            kept: kept.has(point.hash),
          },
    );
    terminal.printJson({ keys: plan.keys, points, events, seconds, reproduce });
    return;
  }
  for (const point of plan.points) {
    if (isImpossible(point)) continue;
    const state = kept.has(point.hash) ? '  kept' : '';
    await terminal.writePart(`${point.hash.slice(0, 12)}  ${settingsText(point)}${state}\n`);
  }
  for (const line of impossibleLines(plan.points)) terminal.print(line);
  terminal.print(estimateText(plan, kept, events, seconds));
}

interface Estimate {
  readonly kept: ReadonlySet<string>;
  /** To be folded still; null: the trace does not tell. */
  readonly events: number | null;
  /** By the finished points; null: there are none. */
  readonly seconds: number | null;
}

async function estimateOf(
  { points }: SweepPlan,
  store: SweepFolder | undefined,
  jobs: number,
): Promise<Estimate> {
  const possible = points.filter((point): point is PlannedPoint => !isImpossible(point));
  const unique = [...new Map(possible.map((point) => [point.hash, point])).values()];
  const kept = new Set<string>();
  let [keptEvents, keptMs] = [0, 0];
  for (const { hash } of unique) {
    const result = await store?.load(hash);
    if (result === undefined) continue;
    kept.add(hash);
    keptEvents += result.events;
    keptMs += result.elapsedMs;
  }
  const open = unique.filter(({ hash }) => !kept.has(hash));
  const events = open.some((point) => point.events === undefined)
    ? null
    : open.reduce((sum, point) => sum + point.events!, 0);
  const atATime = Math.max(1, Math.min(jobs, open.length));
  const seconds =
    events === null || keptEvents === 0 ? null : (events * keptMs) / keptEvents / 1000 / atATime;
  return { kept, events, seconds };
}

function estimateText(
  { points }: SweepPlan,
  kept: ReadonlySet<string>,
  events: number | null,
  seconds: number | null,
): string {
  const impossible = points.filter(isImpossible).length;
  const all = `${pointsText(points.length - impossible)}, ${formatCount(impossible)} others cannot be`;
  const open = events === null ? 'events not told by the trace' : `${formatCount(events)} events to replay`;
  const time =
    seconds === null
      ? 'how long that takes is told once a point is kept in --out'
      : `about ${formatNs(Math.round(seconds * 1e9))} as the finished ones went`;
  return `${all}; ${formatCount(kept.size)} finished; ${open}: ${time}`;
}
