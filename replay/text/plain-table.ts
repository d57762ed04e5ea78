/**
 * Tables of text without lines: two spaces between columns, and no blanks at the ends of lines. One that is wider than
 * it may be loses no word: its last column is broken between words, or goes below its row.
 */
import Table from 'cli-table3';
import { hanging, longestWord, PIPED_WIDTH, widthOf, wrapped } from './wrap.ts';

export type Alignment = 'left' | 'right';
type Rows = readonly (readonly string[])[];

const NO_LINES = Object.fromEntries(
  ['top', 'bottom', 'left', 'right', 'mid'].flatMap((side) =>
    ['', '-mid', '-left', '-right'].map((part) => [`${side}${part}`, '']),
  ),
);
const GAP = 2;
/** Narrower than this, prose is better read below its row. */
const NARROWEST_PROSE = 24;
const BELOW = 4;

/** `alignments`: of the columns. Cells may hold ANSI colours. `width`: of the widest line there may be. */
export function plainTable(alignments: readonly Alignment[], rows: Rows, width = PIPED_WIDTH): string {
  const last = alignments.length - 1;
  const room = width - GAP - tableWidth(widthsOf(rows, last));
  const tooWide = tableWidth(widthsOf(rows, last + 1)) > width && alignments[last] === 'left';
  if (!tooWide) return render(alignments, rows);
  if (room < NARROWEST_PROSE) return lastColumnBelow(alignments.slice(0, last), rows, width);
  return render(
    alignments,
    rows.map((row) => row.map((cell, i) => (i === last ? wrapped(cell, room) : cell))),
  );
}

function lastColumnBelow(alignments: readonly Alignment[], rows: Rows, width: number): string {
  const lines = render(
    alignments,
    rows.map((row) => row.slice(0, alignments.length)),
  ).split('\n');
  const below = rows.flatMap((row) => {
    const own = lines.splice(0, Math.max(...row.slice(0, alignments.length).map(nrLines)));
    return [...own, hanging(' '.repeat(BELOW), row.at(-1)!, BELOW, width)];
  });
  return below.join('\n');
}

/** Labels may become as narrow as this to make room for figures. */
const NARROW_LABELS = 26;

/**
 * A column of labels, and columns of figures with their heads. A row of one cell is a title. Where all columns do not
 * fit, labels and figures are broken between words; where that is not enough, the table is cut in several, one below
 * the other, with the same rows.
 */
export function sideBySide(rows: Rows, width = PIPED_WIDTH): string {
  const columns = Math.max(...rows.map((row) => row.length)) - 1;
  for (let side = columns; ; side--) {
    const parts = chunks(columns, side).map((chosen) => fitted(pick(rows, chosen), width));
    if (side === 1 || parts.every((part) => tableWidth(widthsOf(part, part[0]!.length)) <= width))
      return parts.map((part) => render(rightOfLabels(part), part)).join('\n\n');
  }
}

/** Indexes of figures, from 1, in groups of at most `size`, which are as even as can be. */
function chunks(count: number, size: number): number[][] {
  const groups = Math.ceil(count / size);
  const indexes = Array.from({ length: count }, (_, i) => i + 1);
  return Array.from({ length: groups }, (_, group) =>
    indexes.slice(Math.round((group * count) / groups), Math.round(((group + 1) * count) / groups)),
  );
}

function pick(rows: Rows, chosen: readonly number[]): Rows {
  return rows.map((row) => (row.length === 1 ? row : [row[0]!, ...chosen.map((i) => row[i]!)]));
}

/** The rows as they are if they fit, else broken between words as far as that helps. */
function fitted(rows: Rows, width: number): Rows {
  const figures = rows[0]!.length - 1;
  const widths = widthsOf(rows, figures + 1);
  if (tableWidth(widths) <= width) return rows;
  const labels = Math.min(widths[0]!, NARROW_LABELS);
  const room = Math.max(
    Math.floor((width - labels) / figures) - GAP,
    ...rows.filter(isRow).flatMap((row) => row.slice(1).map(longestWord)),
  );
  return rows.map((row) =>
    isRow(row) ? row.map((cell, i) => (i === 0 ? narrowLabel(cell, labels) : wrapped(cell, room))) : row,
  );
}

function narrowLabel(label: string, width: number): string {
  const indent = label.length - label.trimStart().length;
  return hanging(label.slice(0, indent), label.slice(indent), indent + 2, width);
}

function rightOfLabels(rows: Rows): Alignment[] {
  return rows[0]!.map((_, i) => (i === 0 ? 'left' : 'right'));
}

function isRow(row: readonly string[]): boolean {
  return row.length > 1;
}

/** Of the first `count` columns; titles reach over all of them. */
function widthsOf(rows: Rows, count: number): number[] {
  const cells = rows.filter((row) => isRow(row) || count === 1);
  return Array.from({ length: count }, (_, i) => Math.max(0, ...cells.map((row) => widthOf(row[i]!))));
}

function tableWidth(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + width + GAP, -GAP);
}

function nrLines(cell: string): number {
  return cell.split('\n').length;
}

function render(alignments: readonly Alignment[], rows: Rows): string {
  const table = new Table({
    chars: { ...NO_LINES, middle: ' '.repeat(GAP) },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    colAligns: [...alignments],
    colWidths: widthsOf(rows, alignments.length),
  });
  table.push(
    ...rows.map((row) => (isRow(row) ? [...row] : [{ content: row[0]!, colSpan: alignments.length }])),
  );
  return table.toString().replace(/[ \t]+$/gm, '');
}
