/** How large the chunks of a table are: small for few rows and for rows far apart, larger where many would be filled. */
import { describe, expect, test } from 'vitest';
import { Table, type TableShape } from '../../../core/state/table.ts';
import { tableChanges } from '../../../core/state/table-diff.ts';

/** Of 4 rows to a leaf, so 16 bytes to a chunk at first. */
const SHAPE: TableShape = { cells: 'int32', stride: 1, leafBits: 2 };
const LEAF_BYTES = 16;

/** A table with these rows written one after the other, in as many versions as there are edits. */
function written(rows: Iterable<number>, rowsPerEdit = 1000): Table {
  let table = Table.empty(SHAPE);
  let open = table.edit();
  let count = 0;
  for (const row of rows) {
    open.set(row, 0, row + 1);
    if (++count % rowsPerEdit > 0) continue;
    table = open.seal();
    open = table.edit();
  }
  return open.seal();
}

/** So many numbers, `step` apart. */
const rowsOf = (count: number, step = 1, first = 0): number[] =>
  Array.from({ length: count }, (_, k) => first + k * step);

/** Bytes of its chunks, once whoever writes next has chosen their size; it holds one row more in its first leaf then. */
function chunkBytes(table: Table): number {
  const open = table.edit();
  open.set(0, 0, 1);
  return open.seal().bytesBeside(undefined);
}

/** The first cells of `count` rows. */
const cellsOf = (table: Table, count: number): number[] => rowsOf(count).map((row) => table.get(row, 0));

describe('of rows that are', () => {
  test('few, a chunk is a leaf', () => {
    expect(chunkBytes(written([0, 9]))).toBe(2 * LEAF_BYTES);
  });

  test.each([1000, 20_000])('far apart, a chunk is a leaf too, however many there are: %d', (count) => {
    expect(chunkBytes(written(rowsOf(count, 64)))).toBe(count * LEAF_BYTES);
    // Anywhere up to 2^32, so that some lie side by side by chance.
    const scattered = rowsOf(count).map((k) => Math.imul(k, 0x9e3779b1) >>> 0);
    expect(chunkBytes(written(scattered))).toBe(count * LEAF_BYTES);
  });

  test.each([256, 4000])('one leaf in four, as free blocks lie at boot, a chunk is a leaf: %d', (count) => {
    expect(chunkBytes(written(rowsOf(count, 16)))).toBe(count * LEAF_BYTES);
  });

  test('more than one leaf in four, chunks are larger', () => {
    const rows = [...rowsOf(256, 16), ...rowsOf(64, 16, 4)];
    const bytes = chunkBytes(written(rows.sort((a, b) => a - b)));
    expect(bytes).toBeGreaterThan(rows.length * LEAF_BYTES);
    expect(bytes).toBeLessThanOrEqual(4 * rows.length * LEAF_BYTES);
  });

  test('side by side, they take hardly more than themselves', () => {
    const bytes = chunkBytes(written(rowsOf(10_000)));
    expect(bytes).toBeGreaterThanOrEqual(4 * 10_000);
    // No more than a chunk in 16 is not full.
    expect(bytes).toBeLessThan(1.1 * 4 * 10_000);
  });
});

test('chunks that have grown do not count as full: holes are not merged into larger ones', () => {
  // One leaf in three, which is enough for chunks of 16 leaves; then one of those in three, with one leaf each.
  const rows = [...rowsOf(300, 12), ...rowsOf(200, 3 * 64, 100 * 64)];
  expect(chunkBytes(written(rows, 300))).toBe((57 + 200) * 16 * LEAF_BYTES);
});

test('chunks of zeros are left behind when others grow', () => {
  const open = written([]).edit();
  for (const row of rowsOf(200, 1, 4000)) open.set(row, 0, 1);
  for (const row of rowsOf(200, 1, 4000)) open.clear(row);
  for (const row of rowsOf(1000)) open.set(row, 0, 1);
  expect(chunkBytes(open.seal())).toBeLessThan(1.1 * 4 * 1000);
});

test('of rows whose numbers only go up, chunks grow too: their numbers stay low', () => {
  let table = written([]);
  for (let first = 0; first < 40_000; first += 8) {
    const open = table.edit();
    for (const row of rowsOf(8, 1, first)) open.set(row, 0, 1);
    for (const row of rowsOf(8, 1, first - 8)) if (row >= 0) open.clear(row);
    table = open.seal();
  }
  const bytes = table.bytesBeside(undefined);
  const open = table.edit();
  open.set(50_000, 0, 1);
  expect(open.seal().bytesBeside(undefined)).toBeGreaterThanOrEqual(bytes + 4 * LEAF_BYTES);
});

test('rows that come and go all over a table do not have it copied again and again', () => {
  const shape: TableShape = { cells: 'int32', stride: 1, leafBits: 12 };
  const rows = rowsOf(4096, 512);
  let earlier = Table.empty(shape);
  let table = earlier;
  let copies = 0;
  for (let at = 0; at < 80; at++) {
    const open = table.edit();
    for (const row of rows) open.set(row + at, 0, 1);
    for (const row of rows) open.clear(row + at);
    const next = open.seal();
    // All of its chunks are others.
    if (next.bytesBeside(earlier) > 4 * 2 ** 20) copies++;
    earlier = table;
    table = next;
  }
  expect(copies).toBeLessThan(6);
});

test('who reads an old version shares what is the same, though there are enough chunks for larger ones', () => {
  const open = written(rowsOf(1000)).edit();
  for (const row of rowsOf(200, 1, 1000)) open.set(row, 0, row + 1);
  const old = open.seal();
  const later = old.edit();
  later.set(5, 0, 99);
  const newest = later.seal();
  expect([old.get(5, 0), newest.get(5, 0)]).toEqual([6, 99]);
  expect(newest.bytesBeside(old)).toBeLessThan(10 * LEAF_BYTES);
  const again = newest.edit();
  again.set(9, 0, 77);
  // Behind an edit that is open, too.
  expect(newest.get(9, 0)).toBe(10);
  expect(again.seal().bytesBeside(newest)).toBeLessThan(10 * LEAF_BYTES);
});

test.each([1, 100, 7919])('rows keep their cells when chunks grow: %d rows a version', (rowsPerEdit) => {
  const rows = rowsOf(7919).map((k) => (k * 5003) % 7919);
  expect(cellsOf(written(rows, rowsPerEdit), 7920)).toEqual([...rowsOf(7919, 1, 1), 0]);
});

test('versions from before and after chunks have grown are told apart by cell, and keep theirs', () => {
  const before = written(rowsOf(256));
  const open = before.edit();
  for (const row of rowsOf(3000, 1, 256)) open.set(row, 0, row + 1);
  const middle = open.seal();
  const later = middle.edit();
  later.set(5, 0, 99);
  later.set(6, 0, 0);
  const after = later.seal();
  expect(tableChanges(middle, after)).toEqual([
    { row: 5, field: 0, before: 6, after: 99 },
    { row: 6, field: 0, before: 7, after: 0 },
  ]);
  expect([tableChanges(before, after), tableChanges(after, before)].map(({ length }) => length)).toEqual([
    3002, 3002,
  ]);
  expect([5, 3255, 4000].map((row) => after.isWrittenSince(before, row))).toEqual([true, true, false]);
  expect(cellsOf(before, 258)).toEqual([...rowsOf(256, 1, 1), 0, 0]);
  expect(cellsOf(middle, 3256)).toEqual(rowsOf(3256, 1, 1));
});

test('who goes on from an old version while chunks grow has what that one had', () => {
  const old = written(rowsOf(200));
  const newest = written(rowsOf(3000, 1, 0), 3000);
  const branch = old.edit();
  const other = old.edit();
  for (const row of rowsOf(3000)) other.set(row, 0, 7);
  other.seal();
  branch.set(1, 0, 50);
  expect(cellsOf(branch.seal(), 201)).toEqual([1, 50, ...rowsOf(198, 1, 3), 0]);
  expect(cellsOf(newest, 3000)).toEqual(rowsOf(3000, 1, 1));
});
