/** A point that is finished: what is kept of it, and what stays in memory, which a sweep of thousands has to pay for. */
import type { RunResult } from '../run/carry-out.ts';
import { SWEEP_FIGURES } from './figures.ts';
import type { PlannedPoint } from './plan.ts';

/**
 * How a result is related to the replay of all events of its point: it is that, or what such a replay gives was worked
 * out beside another machine's. Both are exact: equal to a replay of the point in every field but wall times.
 */
export const HOWS = ['replay', 'pass'] as const;
export type How = (typeof HOWS)[number];

/** How near a result is to that of a replay of all events. Nothing here is modelled or sampled yet. */
export type Exactness = 'exact';
export const EXACTNESS: Readonly<Record<How, Exactness>> = { replay: 'exact', pass: 'exact' };

/** A result as it is kept. */
export interface Kept {
  readonly result: RunResult;
  readonly how: How;
}

/** A point that was run. */
export interface DonePoint extends PlannedPoint {
  readonly how: How;
  readonly trace: string;
  readonly folded: number;
  readonly elapsedMs: number;
  readonly lost: RunResult['lost'];
  readonly failures: number;
  /** In the order of SWEEP_FIGURES. */
  readonly values: readonly (number | string | null)[];
  /** All of it, from where it is kept. */
  result(): Promise<RunResult>;
}

/** `again`: reads it, where it is kept; without, it stays in memory. */
export function donePoint(
  point: PlannedPoint,
  { result, how }: Kept,
  again: () => Promise<RunResult> = () => Promise.resolve(result),
): DonePoint {
  const layout = result.layouts[0]!;
  return {
    ...point,
    how,
    trace: result.trace,
    folded: result.events,
    elapsedMs: result.elapsedMs,
    lost: result.lost,
    failures: layout.failures,
    values: SWEEP_FIGURES.map((figure) => figure.of(layout)),
    result: again,
  };
}
