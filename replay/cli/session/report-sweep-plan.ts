/** What a sweep will do, before it is done. */

import { nodeFiles } from '../../node/run-files.ts';
import type { SweepFolder } from '../../node/sweep-folder.ts';
import { carryOut } from '../../run/carry-out.ts';
import {
  impossibleLines,
  isImpossible,
  type PlannedPoint,
  passesOf,
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
  const { kept, passes, events, seconds, basis } = await estimateOf(plan, store, jobs);
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
    terminal.printJson({ keys: plan.keys, points, passes, events, seconds, reproduce });
    return;
  }
  for (const point of plan.points) {
    if (isImpossible(point)) continue;
    const state = kept.has(point.hash) ? '  kept' : '';
    await terminal.writePart(`${point.hash.slice(0, 12)}  ${settingsText(point)}${state}\n`);
  }
  for (const line of impossibleLines(plan.points)) terminal.print(line);
  const impossible = plan.points.filter(isImpossible).length;
  const open = events === null ? 'events not told by the trace' : `${formatCount(events)} events`;
  const replays = `${formatCount(passes)} ${passes === 1 ? 'replay' : 'replays'}`;
  terminal.print(
    `${pointsText(plan.points.length - impossible)}, ${formatCount(impossible)} others cannot be; ` +
      `${formatCount(kept.size)} finished; the others in ${replays} of ${open} together: ` +
      `${seconds === null ? 'how long that takes is not known' : `about ${roughTime(seconds)}, by ${basis}`}`,
  );
}

/** Two digits: more are not known. */
function roughTime(seconds: number): string {
  return formatNs(Number((seconds * 1e9).toPrecision(2)));
}

interface Estimate {
  readonly kept: ReadonlySet<string>;
  /** Replays still to be done: points that differ in their TLBs alone share one. */
  readonly passes: number;
  /** To be folded still, once for each replay; null: the trace does not tell. */
  readonly events: number | null;
  /** Null: not known. */
  readonly seconds: number | null;
  readonly basis: string;
}

/** What one more make of TLBs adds to a replay, as a part of it: 0.005 to 0.04 by trace (bench/SCALE.md). */
const SHARE_OF_A_MAKE = 0.02;

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
    const found = await store?.load(hash);
    if (found === undefined) continue;
    kept.add(hash);
    // Of a pass each point has a share of the time.
    if (found.how === 'pass') continue;
    keptEvents += found.result.events;
    keptMs += found.result.elapsedMs;
  }
  const passes = passesOf(unique.filter(({ hash }) => !kept.has(hash)));
  const events = sumOf(passes.map(([first]) => first!.events));
  const work = sumOf(
    passes.map(
      ([first, ...others]) => first!.events && first!.events * (1 + SHARE_OF_A_MAKE * others.length),
    ),
  );
  const rate =
    keptEvents > 0 || work === null || work === 0
      ? { events: keptEvents, ms: keptMs }
      : await sampled(passes[0]![0]!);
  const atATime = Math.max(1, Math.min(jobs, passes.length));
  const isKnown = work === 0 || (work !== null && rate.events > 0);
  const seconds = !isKnown ? null : work === 0 ? 0 : (work! * rate.ms) / rate.events / 1000 / atATime;
  const basis = keptEvents > 0 ? 'the finished ones' : 'the first events of the first one';
  return { kept, passes: passes.length, events, seconds, basis };
}

/** Null if one is not known. */
function sumOf(counts: readonly (number | undefined)[]): number | null {
  return counts.reduce<number | null>(
    (sum, count) => (sum === null || count === undefined ? null : sum + count),
    0,
  );
}

/** Enough to be compiled for, and over in a moment. */
const SAMPLED_EVENTS = 200_000;

/** Replays the beginning of a point. */
async function sampled({ run }: PlannedPoint): Promise<{ readonly events: number; readonly ms: number }> {
  const enough = new AbortController();
  const { events, elapsedMs } = await carryOut(run, nodeFiles, {
    signal: enough.signal,
    onProgress: (progress) => progress.events >= SAMPLED_EVENTS && enough.abort(),
  });
  return { events, ms: elapsedMs };
}
