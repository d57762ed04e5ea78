/** Parquet: what is packed here, read back by hyparquet's reader, and by pyarrow and DuckDB where python3 has them. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { describe, expect, it } from 'vitest';
import { eventColumns } from '../../../replay/events/columns.ts';
import { type Pass, passesOf } from '../../../replay/events/passes.ts';
import { wantedBy } from '../../../replay/events/selection.ts';
import { type Column, LongColumn, NameColumn, NumberColumn } from '../../../replay/export/parquet/columns.ts';
import { parquetOfEvents } from '../../../replay/export/parquet/events.ts';
import { ParquetFile } from '../../../replay/export/parquet/file.ts';
import { parquetOfTable, type TableCell } from '../../../replay/export/parquet/table.ts';
import type { Lane } from '../../../replay/lane/lane.ts';
import { GZIP } from '../../../replay/node/compression.ts';
import { workload } from '../../../workloads/index.ts';
import { atDepth } from '../../support/depth.ts';
import { temporaryFolder } from '../cli/vmsplit.ts';
import { batchesOf, lane, randomEvents } from '../support.ts';

/** hyparquet has none of its own but for snappy. */
const compressors = { GZIP: (bytes: Uint8Array) => new Uint8Array(gunzipSync(bytes)) };

type Row = Readonly<Record<string, unknown>>;

async function rowsOf(bytes: Uint8Array): Promise<Row[]> {
  const rows = await parquetReadObjects({ file: bytes.slice().buffer, compressors });
  return rows.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [
        name,
        typeof value === 'bigint' ? Number(value) : (value ?? null),
      ]),
    ),
  );
}

async function fileOf(columns: readonly Column[], groups: readonly (() => number)[], compress = false) {
  const compression = compress ? GZIP : undefined;
  const file = new ParquetFile(columns, { createdBy: 'test', metadata: { a: 'b' }, compression });
  const parts: Uint8Array[] = [];
  for (const fill of groups) parts.push(await file.rowGroup(fill()));
  parts.push(await file.finish());
  return new Uint8Array(Buffer.concat(parts));
}

const NAMES = [
  'ok',
  'no-object',
  'vmalloc-space',
  'zwölf',
  ...Array.from({ length: 60 }, (_, i) => `name ${i}`),
];

/** Runs, series and noise, as events have them. */
function stretches<T>(value: fc.Arbitrary<T>): fc.Arbitrary<T[]> {
  const run = fc.tuple(value, fc.nat({ max: 40 })).map(([one, times]) => Array<T>(times).fill(one));
  return fc
    .array(fc.oneof(run, fc.array(value, { maxLength: 30 })), { maxLength: 12 })
    .map((all) => all.flat());
}

const word = fc.oneof(fc.nat({ max: 3 }), fc.nat({ max: 5000 }), fc.integer({ min: 0, max: 2 ** 32 - 1 }));
const long = fc.oneof(
  fc.nat({ max: 100 }),
  fc.maxSafeNat(),
  fc.integer({ min: 0, max: 2 ** 51 }),
  fc.constantFrom(2 ** 51, 2 ** 51 + 1, 2 ** 32, 2 ** 32 - 1),
);
const orNull = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null, freq: 2 });

const CAPACITY = 2000;
const options = (name: string, optional: boolean) => ({ name, capacity: CAPACITY, optional });

describe('columns', () => {
  it('hold what was put into them, in row groups of any size, packed and unpacked', async () => {
    const table = fc.array(
      fc.tuple(
        stretches(word),
        stretches(orNull(word)),
        stretches(long),
        stretches(orNull(fc.nat({ max: 63 }))),
      ),
      { minLength: 1, maxLength: 3 },
    );
    await fc.assert(
      fc.asyncProperty(table, fc.boolean(), async (groups, compress) => {
        const columns = {
          word: new NumberColumn(options('word', false)),
          wordOrNull: new NumberColumn(options('wordOrNull', true)),
          long: new LongColumn(options('long', false)),
          name: new NameColumn(options('name', true), (code) => NAMES[code]!),
        };
        const expected: Row[] = [];
        const fill =
          ([words, wordsOrNull, longs, codes]: (typeof groups)[number]) =>
          (): number => {
            const rows = Math.min(words.length, wordsOrNull.length, longs.length, codes.length);
            for (let row = 0; row < rows; row++) {
              const values = [words[row]!, wordsOrNull[row]!, longs[row]!, codes[row]!] as const;
              columns.word.put(row, values[0]);
              if (values[1] !== null) columns.wordOrNull.put(row, values[1]);
              columns.long.put(row, values[2]);
              if (values[3] !== null) columns.name.put(row, values[3]);
              const name = values[3] === null ? null : NAMES[values[3]];
              expected.push({ word: values[0], wordOrNull: values[1], long: values[2], name });
            }
            return rows;
          };
        const bytes = await fileOf(Object.values(columns), groups.map(fill), compress);
        expect(await rowsOf(bytes)).toEqual(expected);
      }),
      { numRuns: atDepth({ quick: 20, full: 60 }) },
    );
  });

  it.each([0, 1, 31, 32, 33, 127, 128, 129, 130, 256, 257, 1025])(
    'of %i values end where their blocks do not',
    async (rows) => {
      const columns = [
        new NumberColumn(options('a', false)),
        new LongColumn(options('b', true)),
        new NameColumn(options('c', false), (code) => NAMES[code]!),
      ] as const;
      const bytes = await fileOf(columns, [
        () => {
          for (let row = 0; row < rows; row++) {
            columns[0].put(row, (row * 2_654_435_761) >>> 0);
            if (row % 9 < 7) columns[1].put(row, row * row * 1e6);
            columns[2].put(row, row >> 5);
          }
          return rows;
        },
      ]);
      expect(await rowsOf(bytes)).toEqual(
        Array.from({ length: rows }, (_, row) => ({
          a: (row * 2_654_435_761) >>> 0,
          b: row % 9 < 7 ? row * row * 1e6 : null,
          c: NAMES[row >> 5],
        })),
      );
    },
  );

  it('tell readers that skip row groups the least and the most', async () => {
    const column = new LongColumn(options('n', true));
    const bytes = await fileOf(
      [column],
      [
        () => {
          [7, 5, 2 ** 40].forEach((value, row) => void column.put(row, value));
          return 4;
        },
      ],
    );
    const { row_groups, num_rows, key_value_metadata } = parquetMetadata(bytes.buffer);
    expect(num_rows).toBe(4n);
    expect(key_value_metadata).toEqual([{ key: 'a', value: 'b' }]);
    expect(row_groups[0]!.columns[0]!.meta_data!.statistics).toMatchObject({
      min_value: 5n,
      max_value: 2n ** 40n,
      null_count: 1n,
    });
  });
});

async function exported(
  passes: AsyncIterable<Pass>,
  from: Lane | undefined,
  wanted?: (p: Pass, at: number) => boolean,
) {
  const parts: Uint8Array[] = [];
  const options = {
    withOutcomes: from !== undefined,
    createdBy: 'test',
    metadata: {},
    compression: GZIP,
    wanted,
  };
  for await (const part of parquetOfEvents(passes, options)) parts.push(part);
  return new Uint8Array(Buffer.concat(parts));
}

/** By the table of columns, which CSV and NDJSON are written from. */
async function expectedRows(passes: AsyncIterable<Pass>, from: Lane | undefined): Promise<Row[]> {
  const columns = eventColumns(from !== undefined);
  const rows: Row[] = [];
  for await (const pass of passes)
    for (let at = 0; at < pass.batch.count; at++)
      rows.push(Object.fromEntries(columns.map((column) => [column.name, column.value(pass, at)])));
  return rows;
}

describe('events', () => {
  const batches = batchesOf(randomEvents(11, 3000), 700);

  const layouts = atDepth({ quick: ['3g1g', undefined], full: ['3g1g', 'x86_64', undefined] });
  it.each(layouts)('have the columns of all tables: layout %s', async (name) => {
    const from = name === undefined ? undefined : lane(name);
    const rows = await rowsOf(await exported(passesOf(batches, from), from));
    expect(rows).toEqual(await expectedRows(passesOf(batches, from), from));
  });

  it('may be chosen', async () => {
    const from = lane('3g1g');
    const wanted = wantedBy({ kinds: ['kmalloc', 'vmalloc'], outcomes: ['failed'] });
    const rows = await rowsOf(await exported(passesOf(batches, from), from, wanted));
    const all = await expectedRows(passesOf(batches, from), from);
    expect(rows.length).toBeGreaterThan(3);
    expect(rows).toEqual(
      all.filter(({ kind, status }) => ['kmalloc', 'vmalloc'].includes(kind as string) && status !== 'ok'),
    );
  });

  it('of none are a table without rows', async () => {
    const bytes = await exported(passesOf([]), undefined);
    expect(await rowsOf(bytes)).toEqual([]);
    expect(parquetMetadata(bytes.buffer).schema.length).toBeGreaterThan(20);
  });

  it('go on in the next row group', async () => {
    const many = [...workload('database').generate(1, {}, 140_000)];
    const bytes = await exported(passesOf(many), undefined);
    expect(parquetMetadata(bytes.buffer).row_groups.map(({ num_rows }) => num_rows)).toEqual([
      131_072n,
      8928n,
    ]);
    const rows = await parquetReadObjects({
      file: bytes.buffer,
      compressors,
      columns: ['event'],
      rowStart: 131_000,
      rowEnd: 131_100,
    });
    expect(rows.map(({ event }) => Number(event))).toEqual(
      Array.from({ length: 100 }, (_, i) => 131_000 + i),
    );
  });
});

/** Readers by other people; VMSPLIT_PYTHON names another interpreter than python3. */
const PYTHON = process.env.VMSPLIT_PYTHON ?? 'python3';
const has = (module: string): boolean => spawnSync(PYTHON, ['-c', `import ${module}`]).status === 0;
const READERS = {
  pyarrow: 'import pyarrow.parquet as p; t = p.read_table(FILE); rows = t.to_pylist()',
  duckdb:
    'import duckdb; r = duckdb.sql(f"select * from \'{FILE}\'"); c = r.columns; rows = [dict(zip(c, x)) for x in r.fetchall()]',
} as const;

describe('readers by other people', () => {
  const readers = Object.entries(READERS).slice(0, atDepth({ quick: 1, full: 2 }));
  it.for(readers)('%s reads the same', async ([module, read], { skip }) => {
    if (!has(module)) skip();
    const batches = batchesOf(randomEvents(5, 1500), 400);
    const from = lane('linux-x86_64');
    const file = join(temporaryFolder(), 'events.parquet');
    writeFileSync(file, await exported(passesOf(batches, from), from));
    const script = `import json; FILE = ${JSON.stringify(file)}; ${read}; print(json.dumps(rows))`;
    const { stdout, stderr } = spawnSync(PYTHON, ['-c', script], { maxBuffer: 2 ** 28 });
    expect(stderr.toString()).toBe('');
    expect(JSON.parse(stdout.toString())).toEqual(await expectedRows(passesOf(batches, from), from));
  });
});

describe('a table of a few rows', () => {
  const read = async (names: string[], rows: TableCell[][], compression?: typeof GZIP) => {
    const parts = await parquetOfTable(names, rows, { createdBy: 'test', metadata: {}, compression });
    return new Uint8Array(Buffer.concat(parts));
  };

  it('has the narrowest type for each column that loses nothing', async () => {
    const names = ['whole', 'part', 'text', 'mixed', 'missing'];
    const rows: TableCell[][] = [
      [0, 0.5, 'linux-3g1g', 1, null],
      [Number.MAX_SAFE_INTEGER, -3, 'zwölf, "x"', 'unlimited', 7],
      [2, 1e300, '', true, null],
    ];
    for (const compression of [undefined, GZIP]) {
      const bytes = await read(names, rows, compression);
      expect(await rowsOf(bytes)).toEqual(
        rows.map(([whole, part, text, mixed, missing]) => ({
          ...{ whole, part, text, missing },
          mixed: String(mixed),
        })),
      );
      const { schema } = parquetMetadata(bytes.slice().buffer);
      expect(schema.slice(1).map(({ type }) => type)).toEqual([
        'INT64',
        'DOUBLE',
        'BYTE_ARRAY',
        'BYTE_ARRAY',
        'INT64',
      ]);
    }
  });

  it('may have none', async () => {
    expect(await rowsOf(await read(['a', 'b'], []))).toEqual([]);
  });
});
