/** What the report of a replay tells, at a moment: by lane, as data and as the rows of the command line's table. */
import { tableOf } from '../../report/rows.ts';
import { type LayoutResult, layoutResult } from '../../run/result.ts';
import type { Scene } from './scene.ts';

export interface FigureRow {
  readonly label: string;
  /** By lane. */
  readonly cells: readonly string[];
}

export interface FigureGroup {
  readonly title: string;
  readonly rows: readonly FigureRow[];
}

export interface Figures {
  readonly lanes: readonly LayoutResult[];
  readonly groups: readonly FigureGroup[];
}

export function figuresModel({ lanes }: Scene, _params: undefined): Figures {
  const results = lanes.map((lane) => layoutResult(lane));
  const groups = tableOf(results).map(({ title, rows }) => ({
    title,
    rows: rows.map(({ label, cell }) => ({ label, cells: results.map(cell) })),
  }));
  return { lanes: results, groups };
}
