/** What differs between two versions of a table: found by leaf, since versions share those that are the same. */
import type { Cells, Table } from './table.ts';

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
  after.forEachLeaf((leaf, firstRow) => {
    const old = before.leafAt(firstRow);
    if (old !== leaf) addCellChanges(changes, old, leaf, firstRow, stride);
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
  after: ArrayLike<number> | Cells,
  firstRow: number,
  stride: number,
): void {
  for (let at = 0; at < after.length; at++) {
    const was = before[at] ?? 0;
    if (was === after[at]) continue;
    changes.push({
      row: firstRow + Math.floor(at / stride),
      field: at % stride,
      before: was,
      after: after[at]!,
    });
  }
}
