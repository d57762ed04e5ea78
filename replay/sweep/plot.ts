/**
 * A sweep as pictures: bars for a terminal, lines for a page. What is varied most, of keys with numbers, goes along the axis;
 * points that agree in all other keys are a series.
 */
import { plainTable } from '../text/plain-table.ts';
import { figureText, type SweepFigure } from './figures.ts';
import type { SweepResult } from './sweep.ts';
import { donePoints, figuresOf, settingsText } from './table.ts';

type Found = Pick<SweepResult, 'keys' | 'points'>;

export interface PlotPoint {
  readonly x: number;
  readonly xText: string;
  readonly y: number;
}

export interface Series {
  /** `l2tlb.ways=4`; empty where there is one series. */
  readonly label: string;
  /** By x, ascending. */
  readonly points: readonly PlotPoint[];
}

export interface Plot {
  readonly figure: SweepFigure;
  /** The key along the axis; undefined: no key has numbers, and points are numbered. */
  readonly key: string | undefined;
  readonly series: readonly Series[];
}

/** Figures of text, and those that no point has, have no picture. */
export function plotsOf(found: Found, figures: readonly SweepFigure[]): Plot[] {
  const key = axisOf(found);
  return figures
    .filter(({ unit }) => unit !== 'text')
    .map((figure) => ({ figure, key, series: seriesOf(found, figure, key) }))
    .filter(({ series }) => series.length > 0);
}

/** The last of the keys with the most values. */
function axisOf(found: Found): string | undefined {
  const done = donePoints(found);
  const counts = found.keys.map((key, i) => {
    const values = new Set(done.map(({ settings }) => settings[i]!.value));
    const isNumeric = [...values].every((value) => typeof value === 'number');
    return { key, count: isNumeric ? values.size : 0 };
  });
  const most = Math.max(0, ...counts.map(({ count }) => count));
  return most === 0 ? undefined : counts.findLast(({ count }) => count === most)!.key;
}

function seriesOf(found: Found, figure: SweepFigure, key: string | undefined): Series[] {
  const series = new Map<string, PlotPoint[]>();
  for (const [number, point] of donePoints(found).entries()) {
    const [y] = figuresOf(point, [figure]);
    if (typeof y !== 'number') continue;
    const on = point.settings.find((setting) => setting.key === key);
    const others = point.settings.filter((setting) => setting.key !== key);
    const label = key === undefined ? '' : settingsText({ settings: others });
    const x = typeof on?.value === 'number' ? on.value : number;
    const xText = on?.text ?? settingsText(point);
    series.set(label, [...(series.get(label) ?? []), { x, xText, y }]);
  }
  return [...series].map(([label, points]) => ({
    label,
    points: points.toSorted((one, other) => one.x - other.x),
  }));
}

const BAR = '█';
const PART_BARS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
const DEFAULT_COLUMNS = 80;
const SHORTEST_BAR = 10;

/** Bars, a block for each figure, no wider than the terminal. */
export function plotText(plots: readonly Plot[], columns = DEFAULT_COLUMNS): string {
  return plots.map((plot) => blockOf(plot, columns)).join('\n\n');
}

function blockOf({ figure, key, series }: Plot, columns: number): string {
  const rows = series.flatMap(({ label, points }) =>
    points.map(({ xText, y }) => ({ cells: [label, xText, figureText(figure, y)], y })),
  );
  const most = Math.max(...rows.map(({ y }) => y), 0);
  const widths = [0, 1, 2].map((i) => Math.max(...rows.map(({ cells }) => cells[i]!.length)));
  const room = Math.max(SHORTEST_BAR, columns - widths.reduce((sum, width) => sum + width + 2, 0));
  const table = plainTable(
    ['left', 'left', 'right', 'left'],
    rows.map(({ cells, y }, i) => [
      cells[0] === rows[i - 1]?.cells[0] ? '' : cells[0]!,
      cells[1]!,
      cells[2]!,
      most === 0 ? '' : barOf((y / most) * room),
    ]),
    undefined,
  );
  return `${figure.name}: ${figure.doc}${key === undefined ? '' : `, by ${key}`}\n${table}`;
}

/** In eighths of a column. */
function barOf(columns: number): string {
  const eighths = Math.round(columns * 8);
  return BAR.repeat(Math.floor(eighths / 8)) + PART_BARS[eighths % 8]!;
}
