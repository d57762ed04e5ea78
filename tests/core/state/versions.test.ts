/**
 * The law of versions: whatever is read of a table, whenever and in whatever order, is what a copy of all its cells would
 * say. Against tables that are copied whole at each edit, with many versions and edits alive at once.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Table, type TableEdit, type TableShape } from '../../../core/state/table.ts';
import { atDepth } from '../../support/depth.ts';

const SHAPES: readonly TableShape[] = [
  { cells: 'int32', stride: 1, leafBits: 2 },
  { cells: 'float64', stride: 3, leafBits: 1 },
  { cells: 'int32', stride: 40, leafBits: 1 },
];

/** Rows of a few lines and chunks, so that versions meet in them. */
const ROWS = [0, 1, 15, 16, 17, 63, 64, 65, 200, 2 ** 20, 2 ** 20 + 1, 2 ** 32 - 1];

type Cells = ReadonlyMap<string, number>;

/** All versions and edits that anybody holds, with what they have to say. */
class Histories {
  readonly tables: { table: Table; cells: Cells }[];
  readonly edits: { edit: TableEdit; cells: Map<string, number> }[] = [];
  readonly stride: number;

  constructor(shape: TableShape) {
    this.stride = shape.stride;
    this.tables = [{ table: Table.empty(shape), cells: new Map() }];
  }

  open(which: number): void {
    const { table, cells } = pick(this.tables, which)!;
    this.edits.push({ edit: table.edit(), cells: new Map(cells) });
  }

  write(which: number, row: number, field: number, value: number): void {
    const open = pick(this.edits, which);
    if (open === undefined) return;
    open.edit.set(row, field % this.stride, value);
    open.cells.set(`${row}.${field % this.stride}`, value);
  }

  /** Several fields at once, as whoever knows where a row lies writes them. */
  writeRow(which: number, row: number, value: number): void {
    const open = pick(this.edits, which);
    if (open === undefined) return;
    const cells = open.edit.toWrite(row);
    const at = open.edit.cellOf(row);
    for (let field = 0; field < this.stride; field++) {
      cells[at + field] = value + field;
      open.cells.set(`${row}.${field}`, value + field);
    }
  }

  clear(which: number, row: number): void {
    const open = pick(this.edits, which);
    if (open === undefined) return;
    open.edit.clear(row);
    for (let field = 0; field < this.stride; field++) open.cells.delete(`${row}.${field}`);
  }

  seal(which: number): void {
    const open = pick(this.edits, which);
    if (open === undefined) return;
    this.tables.push({ table: open.edit.seal(), cells: new Map(open.cells) });
  }

  read(which: number, row: number, field: number): void {
    const open = pick(this.edits, which);
    const key = `${row}.${field % this.stride}`;
    if (open !== undefined) {
      expect(open.edit.get(row, field % this.stride)).toBe(open.cells.get(key) ?? 0);
      expect(open.edit.nextUsed(row, row + 1) === row).toBe((open.cells.get(`${row}.0`) ?? 0) !== 0);
    }
    const { table, cells } = pick(this.tables, which)!;
    expect(table.get(row, field % this.stride)).toBe(cells.get(key) ?? 0);
  }

  readAll(which: number): void {
    const { table, cells } = pick(this.tables, which)!;
    const found: [string, number][] = [];
    table.forEachLeaf((leaf, firstRow) => {
      leaf.forEach((cell, i) => {
        if (cell !== 0) found.push([`${firstRow + Math.floor(i / this.stride)}.${i % this.stride}`, cell]);
      });
    });
    expect(new Map(found)).toEqual(new Map([...cells].filter(([, cell]) => cell !== 0)));
  }
}

/** The latest is 0. */
function pick<T>(from: readonly T[], which: number): T | undefined {
  return from[from.length - 1 - (which % from.length)];
}

type Act = (histories: Histories) => void;

const which = fc.oneof(fc.nat(2), fc.nat(30));
const row = fc.constantFrom(...ROWS);
const field = fc.nat(40);
const value = fc.integer({ min: 1, max: 99 });

const act: fc.Arbitrary<Act> = fc.oneof(
  which.map(
    (at): Act =>
      (histories) =>
        histories.open(at),
  ),
  which.map(
    (at): Act =>
      (histories) =>
        histories.seal(at),
  ),
  which.map(
    (at): Act =>
      (histories) =>
        histories.readAll(at),
  ),
  fc.tuple(which, row, field, value).map(
    ([at, ...rest]): Act =>
      (h) =>
        h.write(at, ...rest),
  ),
  fc.tuple(which, row, field).map(
    ([at, ...rest]): Act =>
      (h) =>
        h.read(at, ...rest),
  ),
  fc.tuple(which, row, value).map(
    ([at, ...rest]): Act =>
      (h) =>
        h.writeRow(at, ...rest),
  ),
  fc.tuple(which, row).map(
    ([at, ...rest]): Act =>
      (h) =>
        h.clear(at, ...rest),
  ),
);

describe.each(SHAPES)('%o', (shape) => {
  test('any versions and edits side by side, read in any order', () => {
    fc.assert(
      fc.property(fc.array(act, { minLength: 30, maxLength: 100, size: 'max' }), (acts) => {
        const histories = new Histories(shape);
        histories.open(0);
        for (const one of acts) one(histories);
        for (let i = 0; i < histories.tables.length; i++) histories.readAll(i);
      }),
      { numRuns: atDepth({ quick: 34, full: 100 }) },
    );
  });

  test('versions from before and after a store is full', () => {
    const histories = new Histories(shape);
    histories.open(0);
    let random = 1;
    const below = (limit: number): number => {
      random = (Math.imul(random, 1_664_525) + 1_013_904_223) >>> 0;
      return (random >>> 8) % limit;
    };
    // Enough lines for two stores and more: 2^18 cells each.
    for (let version = 0; version < 100; version++) {
      for (let i = 0; i < 400; i++) histories.write(0, 16 * below(512), below(shape.stride), 1 + below(99));
      for (let i = 0; i < 100; i++) histories.clear(0, 16 * below(512));
      histories.seal(0);
      if (version % 10 === 9) histories.readAll(below(histories.tables.length));
    }
    for (let i = 0; i < histories.tables.length; i += 7) histories.readAll(i);
  });
});
