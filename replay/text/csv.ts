/** Rows as CSV (RFC 4180, with \n) and as NDJSON: a JSON value in each line. */
type Cell = number | string | boolean | null;

/** A line of CSV without its end; null is an empty cell. */
export function csvLine(cells: readonly Cell[]): string {
  return cells.map(csvCell).join(',');
}

function csvCell(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return String(cell);
  const text = String(cell);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A line of NDJSON without its end; columns that are null are left out, but for those that are `kept`. */
export function ndjsonLine(
  names: readonly string[],
  cells: readonly Cell[],
  kept: ReadonlySet<string>,
): string {
  const entries = names
    .map((name, i) => [name, cells[i]!] as const)
    .filter(([name, cell]) => cell !== null || kept.has(name));
  return JSON.stringify(Object.fromEntries(entries));
}
