/** What a sweep has found as a table: a column for each key and each figure, a row for each point that could be. */
import { csvLine, ndjsonLine } from '../text/csv.ts';
import { type Alignment, plainTable } from '../text/plain-table.ts';
import { formatCount } from '../text/units.ts';
import { type DonePoint, EXACTNESS } from './done.ts';
import { figureText, SWEEP_FIGURES, type SweepFigure } from './figures.ts';
import { isImpossible } from './plan.ts';
import type { ImpossiblePoint } from './points.ts';
import type { SweepResult } from './sweep.ts';

export type SweepCell = number | string | boolean | null;

export interface SweepTable {
  readonly names: readonly string[];
  readonly rows: readonly (readonly SweepCell[])[];
}

type Found = Pick<SweepResult, 'keys' | 'points'>;

export function sweepTable(found: Found, figures: readonly SweepFigure[]): SweepTable {
  return {
    names: [...found.keys, ...figures.map(({ name }) => name), 'exactness'],
    rows: donePoints(found).map((point) => [
      ...point.settings.map(({ value }) => value),
      ...figuresOf(point, figures),
      EXACTNESS[point.how],
    ]),
  };
}

export function donePoints({ points }: Pick<Found, 'points'>): DonePoint[] {
  return points.filter((point): point is DonePoint => !isImpossible(point));
}

export function figuresOf(
  { values }: DonePoint,
  figures: readonly SweepFigure[],
): (number | string | null)[] {
  return figures.map((figure) => values[SWEEP_FIGURES.indexOf(figure)]!);
}

/** Lines of CSV or NDJSON, without their ends. */
export function sweepLines(format: 'csv' | 'ndjson', { names, rows }: SweepTable): string[] {
  if (format === 'csv') return [csvLine(names), ...rows.map((row) => csvLine(row))];
  const kept = new Set(names);
  return rows.map((row) => ndjsonLine(names, row, kept));
}

/** For people, with a head. */
export function sweepText(found: Found, figures: readonly SweepFigure[], width: number | undefined): string {
  const rows = donePoints(found).map((point) => [
    ...point.settings.map(({ text }) => text),
    ...figuresOf(point, figures).map((value, i) => figureText(figures[i]!, value)),
  ]);
  const head = [...found.keys, ...figures.map(({ head }) => head)];
  const alignments = head.map((_, i): Alignment => {
    return i < found.keys.length || figures[i - found.keys.length]!.unit === 'text' ? 'left' : 'right';
  });
  return plainTable(alignments, [head, ...rows], width);
}

/** A sentence for each reason, with the first point that it holds for. */
export function impossibleLines(points: readonly object[]): string[] {
  const impossible = points.filter(isImpossible);
  const reasons = [...new Set(impossible.map(({ reason }) => reason))];
  return reasons.map((reason) => {
    const [first, ...others] = impossible.filter((point) => point.reason === reason);
    const more = others.length === 0 ? '' : ` and ${others.length} more`;
    return `cannot be: ${settingsText(first!)}${more}: ${reason}`;
  });
}

/** `ram=1G vmalloc=256M` */
export function settingsText({ settings }: Pick<ImpossiblePoint, 'settings'>): string {
  return settings.map(({ key, text }) => `${key}=${text}`).join(' ');
}

/** By key. */
export function valuesOf({ settings }: Pick<ImpossiblePoint, 'settings'>): Record<string, SweepCell> {
  return Object.fromEntries(settings.map(({ key, value }) => [key, value]));
}

/** `1 point`, `10,000 points` */
export function pointsText(count: number): string {
  return `${formatCount(count)} ${count === 1 ? 'point' : 'points'}`;
}
