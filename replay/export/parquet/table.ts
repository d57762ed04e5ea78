/** A table of a few rows as Parquet: whole numbers as INT64, other numbers as DOUBLE, all else as text. */
import { type Column, LongColumn } from './columns.ts';
import { ParquetFile, type ParquetOptions } from './file.ts';
import { DoubleColumn, TextColumn } from './plain-columns.ts';

export type TableCell = number | string | boolean | null;

/** The bytes of the file; null where a cell has none. */
export async function parquetOfTable(
  names: readonly string[],
  rows: readonly (readonly TableCell[])[],
  options: ParquetOptions,
): Promise<Uint8Array[]> {
  const columns = names.map((name, i) =>
    columnOf(
      name,
      rows.map((row) => row[i]!),
    ),
  );
  const file = new ParquetFile(columns, options);
  const parts = rows.length === 0 ? [] : [await file.rowGroup(rows.length)];
  return [...parts, await file.finish()];
}

function columnOf(name: string, cells: readonly TableCell[]): Column {
  const options = { name, capacity: Math.max(1, cells.length), optional: true };
  const there = cells.filter((cell) => cell !== null);
  const isNumbers = there.every((cell) => typeof cell === 'number');
  const isWhole = there.every((cell) => Number.isSafeInteger(cell) && (cell as number) >= 0);
  if (isNumbers && isWhole) return filled(new LongColumn(options), cells, Number);
  if (isNumbers) return filled(new DoubleColumn(options), cells, Number);
  return filled(new TextColumn(options), cells, String);
}

function filled<T>(
  column: Column & { put(row: number, value: T): void },
  cells: readonly TableCell[],
  cellOf: (cell: TableCell) => T,
): Column {
  cells.forEach((cell, row) => {
    if (cell !== null) column.put(row, cellOf(cell));
  });
  return column;
}
