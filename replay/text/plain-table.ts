/** Tables of text without lines: two spaces between columns, and no blanks at the ends of lines. */
import Table from 'cli-table3';

export type Alignment = 'left' | 'right';

const NO_LINES = Object.fromEntries(
  ['top', 'bottom', 'left', 'right', 'mid'].flatMap((side) =>
    ['', '-mid', '-left', '-right'].map((part) => [`${side}${part}`, '']),
  ),
);

/** `alignments`: of the columns. Cells may hold ANSI colours. */
export function plainTable(alignments: readonly Alignment[], rows: readonly (readonly string[])[]): string {
  const table = new Table({
    chars: { ...NO_LINES, middle: '  ' },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    colAligns: [...alignments],
  });
  table.push(...rows.map((row) => [...row]));
  return table.toString().replace(/[ \t]+$/gm, '');
}
