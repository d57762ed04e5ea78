/** Tables against plain maps, over histories that branch. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CellType, Table, type TableEdit, type TableShape } from '../../../core/state/table.ts';
import { tableChanges } from '../../../core/state/table-diff.ts';
import { atDepth } from '../../support/depth.ts';

const SHAPES: readonly TableShape[] = [
  { cells: 'int32', stride: 1, leafBits: 2 },
  { cells: 'float64', stride: 3, leafBits: 4 },
  { cells: 'int32', stride: 5, leafBits: 8 },
];

/** Rows next to each other, in other leaves, in other nodes, and on both sides of where far ones begin. */
const NEAR = [40, 255, 256, 1023, 1024, 70_000, 2 ** 18];
const FAR = SHAPES.flatMap(({ leafBits }) => [2 ** (20 + leafBits) - 1, 2 ** (20 + leafBits)]);
const row = fc.oneof(fc.nat(40), fc.constantFrom(...NEAR, ...FAR, 2 ** 32 - 1));

interface Edit {
  readonly what: 'set' | 'add' | 'clear';
  readonly row: number;
  readonly field: number;
  readonly value: number;
}

const edit: fc.Arbitrary<Edit> = fc.record({
  what: fc.constantFrom('set', 'set', 'add', 'clear'),
  row,
  field: fc.nat(4),
  value: fc.integer({ min: -1000, max: 1000 }),
});

/** One version: which of those before it to start from, and what to change. */
const version = fc.record({ from: fc.nat(1000), edits: fc.array(edit, { maxLength: 30 }) });

type Model = ReadonlyMap<string, number>;

describe.each(SHAPES)('%o', (shape) => {
  test('every version of a branching history keeps its cells', () => {
    fc.assert(
      fc.property(fc.array(version, { minLength: 1, maxLength: 12 }), (versions) => {
        const history: { table: Table; model: Model }[] = [{ table: Table.empty(shape), model: new Map() }];
        for (const { from, edits } of versions) history.push(derive(history[from % history.length]!, edits));
        for (const { table, model } of history) expectSame(table, model);
      }),
      { numRuns: atDepth({ quick: 20, full: 60 }) },
    );
  });

  function derive({ table, model }: { table: Table; model: Model }, edits: readonly Edit[]) {
    const open = table.edit();
    const cells = new Map(model);
    for (const { what, row: at, field: anyField, value } of edits) {
      const field = anyField % shape.stride;
      const key = `${at}.${field}`;
      if (what === 'set') {
        open.set(at, field, value);
        cells.set(key, value);
      } else if (what === 'add') {
        cells.set(key, (cells.get(key) ?? 0) + value);
        expect(open.add(at, field, value)).toBe(cells.get(key));
      } else {
        open.clear(at);
        for (let i = 0; i < shape.stride; i++) cells.delete(`${at}.${i}`);
      }
      expect(open.get(at, field)).toBe(cells.get(key) ?? 0);
    }
    const rows = Uint32Array.from(edits, ({ row: at }) => at);
    expect(gathered(open, rows)).toEqual(Array.from(rows, (at) => cells.get(`${at}.0`) ?? 0));
    return { table: open.seal(), model: cells };
  }

  function expectSame(table: Table, model: Model): void {
    const found = new Map<string, number>();
    table.forEachLeaf((leaf, firstRow) => {
      leaf.forEach((cell, i) => {
        if (cell !== 0) found.set(`${firstRow + Math.floor(i / shape.stride)}.${i % shape.stride}`, cell);
      });
    });
    expect(found).toEqual(new Map([...model].filter(([, cell]) => cell !== 0)));
    for (const [key, cell] of model) {
      const [at, field] = key.split('.').map(Number);
      expect(table.get(at!, field!)).toBe(cell);
    }
  }
});

test('a row that is written again hundreds of versions later is kept as it was', () => {
  const open = Table.empty({ cells: 'int32', stride: 1, leafBits: 4 }).edit();
  const versions = [open.seal()];
  // By now as many versions as a stamp can tell apart lie between two writes of a row.
  const rowOf = (version: number): number => (version % 255) * 64;
  for (let version = 1; version <= 600; version++) {
    open.set(rowOf(version), 0, version);
    versions.push(open.seal());
  }
  for (const version of [1, 254, 255, 256, 300, 509, 510, 511, 600]) {
    const before = version > 255 ? version - 255 : 0;
    expect(versions[version]!.get(rowOf(version), 0)).toBe(version);
    expect(versions[version - 1]!.get(rowOf(version), 0)).toBe(before);
  }
});

test('versions that write a row or nearly all of them are kept side by side', () => {
  const NR_ROWS = 2 ** 17;
  const open = Table.empty({ cells: 'int32', stride: 1, leafBits: 12 }).edit();
  for (let at = 0; at < NR_ROWS; at++) open.set(at, 0, -1);
  const versions = [open.seal()];
  for (const nrRows of [1, NR_ROWS, 1, 2, NR_ROWS / 2, NR_ROWS - 1, 3]) {
    for (let at = 0; at < nrRows; at++) open.set(at, 0, versions.length);
    versions.push(open.seal());
  }
  const told = versions.map((version) => [version.get(0, 0), version.get(2, 0), version.get(NR_ROWS - 2, 0)]);
  expect(told).toEqual([
    [-1, -1, -1],
    [1, -1, -1],
    [2, 2, 2],
    [3, 2, 2],
    [4, 2, 2],
    [5, 5, 2],
    [6, 6, 6],
    [7, 7, 6],
  ]);
});

test('of many rows at once the first cells are read, of those too that were never written', () => {
  const table = Table.empty({ cells: 'float64', stride: 2, leafBits: 2 });
  const rows = Uint32Array.of(7, 0, 2 ** 32 - 1, 7, 64, 1);
  expect(gathered(table.edit(), rows)).toEqual([0, 0, 0, 0, 0, 0]);
  const open = table.edit();
  open.set(7, 0, 2 ** 40);
  open.set(7, 1, 5);
  open.set(1, 0, -1);
  for (const count of [0, 1, 3, 4, 5, 6])
    expect(gathered(open, rows.subarray(0, count))).toEqual([2 ** 40, 0, 0, 2 ** 40, 0, -1].slice(0, count));
});

function gathered(open: TableEdit, rows: Uint32Array): number[] {
  const into = new Float64Array(rows.length);
  open.gather(rows, rows.length, into);
  return [...into];
}

test('rows go up to 2^32 - 1', () => {
  const rows = [0, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];
  const open = Table.empty({ cells: 'float64', stride: 8, leafBits: 6 }).edit();
  for (const at of rows) open.set(at, 7, at + 1);
  const table = open.seal();
  expect(rows.map((at) => table.get(at, 7))).toEqual(rows.map((at) => at + 1));
  const firstRows: number[] = [];
  table.forEachLeaf((_leaf, firstRow) => firstRows.push(firstRow));
  expect(firstRows).toEqual([0, 2 ** 31 - 64, 2 ** 31, 2 ** 32 - 64]);
});

describe('sharing', () => {
  const shape: TableShape = { cells: 'int32', stride: 1, leafBits: 2 };
  const filled = (): Table => {
    const open = Table.empty(shape).edit();
    for (let at = 0; at < 16; at++) open.set(at, 0, at + 1);
    return open.seal();
  };

  test('an edit that writes nothing gives the same table', () => {
    const table = filled();
    const open = table.edit();
    open.get(3, 0);
    expect(open.seal()).toBe(table);
  });

  test('what was written between two versions is told by row, also when one of them has moved away', () => {
    const table = filled();
    const open = table.edit();
    open.set(5, 0, 99);
    open.set(100, 0, 1);
    const after = open.seal();
    const written = (): number[] =>
      [0, 5, 99, 100, 200, 5000].filter((at) => after.isWrittenSince(table, at));
    expect(written()).toContain(5);
    expect(written()).toContain(100);
    expect(written()).not.toContain(5000);
    open.set(300, 0, 1);
    expect(open.seal().isWrittenSince(after, 5)).toBe(false);
    expect(table.isWrittenSince(after, 5)).toBe(true);
    expect(table.get(5, 0)).toBe(6);
    expect(written()).toContain(5);
    expect(written()).not.toContain(5000);
  });

  test('changes between versions are told by cell, from zero and to zero', () => {
    const table = filled();
    const open = table.edit();
    open.set(5, 0, 99);
    open.clear(7);
    open.set(7000, 0, 1);
    open.set(3, 0, 4);
    expect(tableChanges(table, open.seal())).toEqual([
      { row: 5, field: 0, before: 6, after: 99 },
      { row: 7, field: 0, before: 8, after: 0 },
      { row: 7000, field: 0, before: 0, after: 1 },
    ]);
  });

  test('keeping an old version costs the lines that were written since, and no more than its store', () => {
    const open = Table.empty({ cells: 'int32', stride: 1, leafBits: 6 }).edit();
    for (let at = 0; at < 16; at++) open.set(at, 0, at + 1);
    const table = open.seal();
    const bytes = [];
    for (let at = 0; at < 40_000; at++) {
      open.set(at % 64, 0, at);
      if (at % 1000 === 0) bytes.push(open.seal().bytesBeside(table));
      else open.seal();
    }
    expect(bytes[0]).toBe(16 * 4 + 4);
    expect(bytes[1]).toBe(1001 * (16 * 4 + 4));
    // 2^18 cells and twice its own may be saved.
    expect(Math.max(...bytes)).toBeLessThan(1.3 * 4 * 2 ** 18);
    expect(table.get(5, 0)).toBe(6);
  });

  test('rows that were written and cleared keep no memory, however many there ever were', () => {
    let table = Table.empty({ cells: 'float64', stride: 8, leafBits: 6 });
    for (let first = 0; first < 2 ** 20; first += 2 ** 13) {
      const open = table.edit();
      for (let at = first; at < first + 2 ** 13; at++) open.set(at, 3, at + 1);
      // Some of them with a later version.
      for (let at = Math.max(0, first - 2 ** 12); at < first + 2 ** 12; at++) open.clear(at);
      table = open.seal();
    }
    expect(table.get(2 ** 20 - 1, 3)).toBe(2 ** 20);
    // Of 64 MiB that were written.
    expect(table.bytesBeside(undefined)).toBeLessThan(2 ** 25);
  });

  test('two edits of one table do not see each other', () => {
    const table = filled();
    const [left, right] = [table.edit(), table.edit()];
    left.set(0, 0, 100);
    right.set(0, 0, 200);
    left.set(1, 0, 101);
    expect([left.seal(), right.seal(), table].map((one) => [one.get(0, 0), one.get(1, 0)])).toEqual([
      [100, 101],
      [200, 2],
      [1, 2],
    ]);
  });

  test('a later edit does not write into what an earlier one sealed', () => {
    const first = filled().edit();
    first.set(0, 0, 50);
    const sealed = first.seal();
    const second = sealed.edit();
    second.set(0, 0, 60);
    second.set(1, 0, 61);
    expect(second.seal().get(0, 0)).toBe(60);
    expect([sealed.get(0, 0), sealed.get(1, 0)]).toEqual([50, 2]);
  });
});

test.each<[CellType, number, number]>([
  ['int32', -(2 ** 31), -(2 ** 31)],
  ['int32', 2 ** 31 - 1, 2 ** 31 - 1],
  ['int32', 2 ** 31, -(2 ** 31)],
  ['float64', 2 ** 53, 2 ** 53],
  ['float64', 0.5, 0.5],
])('%s cells hold %d as %d', (cells, value, expected) => {
  const open = Table.empty({ cells, stride: 1, leafBits: 2 }).edit();
  open.set(0, 0, value);
  expect(open.seal().get(0, 0)).toBe(expected);
});
