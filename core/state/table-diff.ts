/** What differs between two versions of a table: looked for in the chunks that are not the same array in both. */
import type { Table } from './table.ts';

/** A cell that is not what it was. */
export interface CellChange {
  readonly row: number;
  readonly field: number;
  readonly before: number;
  readonly after: number;
}

/** Every cell in which two tables of one shape differ, ascending by row. */
export function tableChanges(before: Table, after: Table): CellChange[] {
  const changes: CellChange[] = [];
  const { stride } = before.shape;
  after.forEachChange(before, (old, now, firstRow) => {
    addCellChanges(changes, old ?? [], now ?? [], firstRow, stride);
  });
  return changes;
}

/** Every cell in which two arrays of rows of `stride` cells differ. */
export function cellChanges(before: ArrayLike<number>, after: ArrayLike<number>, stride = 1): CellChange[] {
  const changes: CellChange[] = [];
  addCellChanges(changes, before, after, 0, stride);
  return changes;
}

function addCellChanges(
  changes: CellChange[],
  before: ArrayLike<number>,
  after: ArrayLike<number>,
  firstRow: number,
  stride: number,
): void {
  const length = Math.max(before.length, after.length);
  for (let at = 0; at < length; at++) {
    const was = before[at] ?? 0;
    const is = after[at] ?? 0;
    if (was === is) continue;
    changes.push({ row: firstRow + Math.floor(at / stride), field: at % stride, before: was, after: is });
  }
}
