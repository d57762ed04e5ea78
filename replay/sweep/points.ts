/**
 * The points of a sweep: the product of the values of all keys. The order is that of nested loops: the last key varies
 * fastest. Each point is an ordinary run of one machine.
 */
import { UsageError } from '../../core/base/errors.ts';
import type { RunSpec } from '../spec/index.ts';
import { type Draft, type Key, keyNamed, type Setting } from './keys.ts';
import { mmuWith } from './mmu-keys.ts';
import { expandValues, firstTwice, MOST_POINTS } from './values.ts';

/** A key with its values. */
export interface Axis {
  readonly key: Key;
  readonly settings: readonly Setting[];
}

export interface Point {
  /** In the order of the axes. */
  readonly settings: readonly Setting[];
  readonly run: RunSpec;
}

/** A point that no machine is, with the reason. */
export interface ImpossiblePoint {
  readonly settings: readonly Setting[];
  readonly reason: string;
}

/**
 * @param base what all points have, its one lane included
 * @param vary `KEY=VALUES` each
 */
export function axesOf(base: Pick<RunSpec, 'events'>, vary: readonly string[]): Axis[] {
  const axes = vary.map((text) => axisOf(base, text));
  const names = axes.map(({ key }) => key.name);
  const twice = firstTwice(names);
  if (twice !== undefined)
    throw new UsageError(`--vary: found ${twice} twice, expected each key once, with all its values`);
  const count = axes.reduce((product, { settings }) => product * settings.length, 1);
  if (count > MOST_POINTS)
    throw new UsageError(
      `--vary: found ${count} points, expected at most ${MOST_POINTS}: vary less at a time`,
    );
  return axes;
}

function axisOf(base: Pick<RunSpec, 'events'>, text: string): Axis {
  const equals = text.indexOf('=');
  const place = `--vary ${text}`;
  if (equals < 1)
    throw new UsageError(`${place}: found no KEY=VALUES, expected such as ram=256M..4G:x2 or seed=1..20`);
  const key = keyNamed(text.slice(0, equals), base, place);
  const settings = expandValues(text.slice(equals + 1), place).map((value) => key.parse(value, place));
  const twice = firstTwice(settings.map(({ value }) => value));
  const words = settings.find(({ value }) => value === twice);
  if (words !== undefined)
    throw new UsageError(`${place}: found ${words.text} twice, expected each value once: leave one out`);
  return { key, settings };
}

/** All points; those whose settings do not go together are impossible. */
export function pointsOf(base: RunSpec, axes: readonly Axis[]): (Point | ImpossiblePoint)[] {
  return product(axes.map(({ settings }) => settings)).map((settings) => pointOf(base, axes, settings));
}

function product(lists: readonly (readonly Setting[])[]): Setting[][] {
  return lists.reduce<Setting[][]>(
    (rows, list) => rows.flatMap((row) => list.map((setting) => [...row, setting])),
    [[]],
  );
}

function pointOf(
  base: RunSpec,
  axes: readonly Axis[],
  settings: readonly Setting[],
): Point | ImpossiblePoint {
  const steps = axes.map(({ key }, i) => [key, settings[i]!] as const);
  const start: Draft = { run: base, lane: base.lanes[0]!, mmu: [] };
  try {
    const draft = steps
      .toSorted(([one], [other]) => one.rank - other.rank)
      .reduce((so, [key, setting]) => key.apply(so, setting), start);
    return { settings, run: runOf(draft) };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return { settings, reason: error.message };
  }
}

function runOf({ run, lane, mmu }: Draft): RunSpec {
  if (mmu.length === 0) return { ...run, lanes: [lane] };
  return { ...run, lanes: [{ ...lane, mmu: mmuWith(lane.mmu ?? run.machine.mmu, mmu) }] };
}
