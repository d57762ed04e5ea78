import { Readable } from 'node:stream';
import fc from 'fast-check';
import { UnpackrStream, unpackMultiple } from 'msgpackr';
import { describe, expect, test } from 'vitest';
import { EVENT_KINDS } from '../../core/event/kinds.ts';
import {
  looksLikeTrace,
  MemorySink,
  memorySource,
  openTrace,
  openTraceStream,
  TraceWriter,
} from '../../traces/index.ts';
import {
  batchOfRows,
  collect,
  cutAt,
  inBlocks,
  ORIGIN,
  programRows,
  type Row,
  readRows,
  rowsOf,
  smallTrace,
  traceOf,
  wildRows,
} from './support.ts';

const anyRows = fc.oneof(wildRows, programRows);
const anyCuts = fc.array(fc.nat(), { maxLength: 5 });
const anyChunkEvents = fc.integer({ min: 1, max: 40 });

const access = (i: number): Row => [21, 0, 0, 1, 8 * i, 8, i % 2];

describe('what is written is read', () => {
  test('however the events are cut into batches, and these into chunks', async () => {
    await fc.assert(
      fc.asyncProperty(anyRows, anyCuts, anyChunkEvents, async (rows, cuts, chunkEvents) => {
        const bytes = await traceOf(cutAt(batchOfRows(rows), cuts), { chunkEvents });
        expect(await readRows(bytes)).toEqual(rows);
      }),
    );
  });

  test('from a stream as from a file, whatever the blocks', async () => {
    await fc.assert(
      fc.asyncProperty(anyRows, fc.integer({ min: 1, max: 300 }), async (rows, blockBytes) => {
        const bytes = await traceOf([batchOfRows(rows)], { chunkEvents: 16 });
        const stream = await openTraceStream(inBlocks(bytes, blockBytes), '<stdin>');
        expect(rowsOf(await collect(stream.batches()))).toEqual(rows);
        expect(stream).toMatchObject({ complete: true, lost: undefined, totals: { events: rows.length } });
      }),
    );
  });

  test('each batch in the columns of the one before, if they need not be kept', async () => {
    const rows = Array.from({ length: 90 }, (_, i) => access(i * i));
    const bytes = await traceOf([batchOfRows(rows)], { chunkEvents: 30 });
    const file = await openTrace(memorySource(bytes));
    const stream = await openTraceStream(inBlocks(bytes, 100), '<stdin>');
    const reuseColumns = true;
    for (const batches of [file.batches(0, { reuseColumns }), stream.batches({ reuseColumns })]) {
      const read: Row[] = [];
      const columns = new Set<Uint32Array>();
      for await (const batch of batches) {
        read.push(...rowsOf(batch));
        columns.add(batch.a);
      }
      expect(read).toEqual(rows);
      expect(columns.size).toBe(1);
    }
  });

  test('a trace without events', async () => {
    const trace = await openTrace(memorySource(await traceOf([])));
    expect(trace).toMatchObject({ events: 0, complete: true, totals: { events: 0, kinds: {} } });
    expect(await collect(trace.batches())).toEqual([]);
  });

  test('small batches are gathered into chunks, big ones are cut', async () => {
    const chunkCounts = async (counts: readonly number[]) => {
      const batches = counts.map((count) => batchOfRows(Array.from({ length: count }, (_, i) => access(i))));
      const trace = await openTrace(memorySource(await traceOf(batches, { chunkEvents: 100 })));
      return trace.chunks.count;
    };
    expect(await chunkCounts(Array(25).fill(10))).toEqual([100, 100, 50]);
    expect(await chunkCounts([49, 50])).toEqual([49, 50]);
    expect(await chunkCounts([250])).toEqual([100, 100, 50]);
  });
});

describe('seek', () => {
  test('reading from an event on is reading all and dropping what is before it', async () => {
    const rows = Array.from({ length: 95 }, (_, i) => access(i));
    const bytes = await traceOf([batchOfRows(rows)], { chunkEvents: 10 });
    for (let from = 0; from <= rows.length; from++) {
      expect(await readRows(bytes, from)).toEqual(rows.slice(from));
    }
  });

  test.each([-1, 46, 0.5])('event %d of 45 is a mistake of the caller', async (from) => {
    await expect(readRows(await smallTrace(), from)).rejects.toThrow(/from 0 to 45/);
  });
});

describe('the header', () => {
  test('says who made the trace and how, and carries the vocabulary', async () => {
    const { header } = await openTrace(memorySource(await smallTrace()));
    expect(header).toMatchObject({ format: 'vmsplit-trace', version: 1, tickUnit: 'ns', ...ORIGIN });
    const fields = { object: 'object', size: 'a', gfp: 'b' };
    expect(header.kinds[EVENT_KINDS.kmalloc.code]).toEqual({ name: 'kmalloc', fields });
    expect(Object.keys(header.kinds)).toHaveLength(Object.keys(EVENT_KINDS).length);
  });

  test('identifies the file by its first bytes', async () => {
    expect(looksLikeTrace((await smallTrace()).subarray(0, 64))).toBe(true);
    expect(looksLikeTrace(Buffer.from('I  0401ab70,3\n'))).toBe(false);
    expect(looksLikeTrace(new Uint8Array(0))).toBe(false);
  });

  test.each([
    ['undefined', { a: undefined }],
    ['a date', { at: new Date(0) }],
    ['lists within lists', { deep: JSON.parse(`${'['.repeat(20)}${']'.repeat(20)}`) as unknown }],
  ])('holds what every reader takes, and not %s', async (_, parameters) => {
    const begun = TraceWriter.create(new MemorySink(), { ...ORIGIN, parameters });
    await expect(begun).rejects.toThrow(/^found parameters with .*, expected nil, booleans/);
    const writer = await TraceWriter.create(new MemorySink(), ORIGIN);
    writer.note(parameters);
    await expect(writer.finish()).rejects.toThrow(/^found notes with/);
  });

  test('names the kinds of all events: others are not written', async () => {
    const writer = await TraceWriter.create(new MemorySink(), ORIGIN, { chunkEvents: 1 });
    await expect(writer.write(batchOfRows([[99, 0, 0, 0, 0, 0, 0]]))).rejects.toThrow(/an event of kind 99/);
  });

  test('has no room for endless parameters', async () => {
    const origin = { ...ORIGIN, parameters: { text: 'x'.repeat(70_000) } };
    await expect(TraceWriter.create(new MemorySink(), origin)).rejects.toThrow(/bytes of parameters/);
  });
});

describe('a trace is plain MessagePack', () => {
  test('that a general reader decodes record by record', async () => {
    const bytes = await smallTrace();
    const records = await collect(
      Readable.from(inBlocks(bytes, 64)).pipe(new UnpackrStream({ useRecords: false })),
    );
    const [header, first, ...others] = records;
    expect(header).toMatchObject({ format: 'vmsplit-trace', version: 1, seed: 42 });
    expect(first).toMatchObject({ record: 'chunk', seq: 0, firstEvent: 0, count: 10 });
    expect(others.at(-2)).toMatchObject({
      record: 'index',
      complete: true,
      totals: {
        events: 45,
        kinds: { spawn: 1, switch: 1, mmap: 1, access: 40, kmalloc: 1, exit: 1 },
        references: { read: 20, write: 20, modify: 0, execute: 0 },
      },
      chunks: { firstEvent: [0, 10, 20, 30, 40], count: [10, 10, 10, 10, 5] },
    });
    expect(others.at(-1)).toEqual([expect.any(Number), 'vmsplit-end']);
  });

  test('and whose index names the place of every chunk', async () => {
    const bytes = await smallTrace();
    const { chunks } = await openTrace(memorySource(bytes));
    chunks.offset.forEach((offset, seq) => {
      expect((unpackMultiple(bytes.subarray(offset)) as unknown[])[0]).toMatchObject({
        record: 'chunk',
        seq,
      });
    });
  });
});

describe('a recording that is broken off', () => {
  async function brokenOff(): Promise<Uint8Array> {
    const sink = new MemorySink();
    const writer = await TraceWriter.create(sink, ORIGIN);
    await writer.write(batchOfRows([access(0), access(1)]));
    await writer.finish({ complete: false });
    return sink.bytes();
  }

  test('is readable, and says so', async () => {
    const trace = await openTrace(memorySource(await brokenOff()));
    expect(trace).toMatchObject({ events: 2, complete: false, lost: { eventsKept: 2 } });
    expect(trace.lost!.message).toContain('broken off');
    expect(rowsOf(await collect(trace.batches()))).toEqual([access(0), access(1)]);
  });

  test('from a stream, too', async () => {
    const stream = await openTraceStream(inBlocks(await brokenOff(), 100), '<stdin>');
    expect(rowsOf(await collect(stream.batches()))).toHaveLength(2);
    expect(stream).toMatchObject({ complete: false, lost: { eventsKept: 2 } });
  });
});

test('the writer counts the events it was given, gathered or written', async () => {
  const writer = await TraceWriter.create(new MemorySink(), ORIGIN, { chunkEvents: 10 });
  for (let i = 0; i < 23; i++) await writer.write(batchOfRows([access(i)]));
  expect(writer.eventCount).toBe(23);
});

test('progress ends near the end of the file', async () => {
  const bytes = await smallTrace();
  const trace = await openTrace(memorySource(bytes));
  const seen: number[] = [];
  await collect(
    trace.batches(0, {
      onProgress: (done, total) => {
        expect(total).toBe(bytes.length);
        seen.push(done);
      },
    }),
  );
  expect(seen).toHaveLength(5);
  expect(seen).toEqual([...seen].sort((x, y) => x - y));
});

describe('notes', () => {
  const NOTES = { cpus: 2, caches: [{ cache: 1, name: 'filp' }] };

  async function noted(...notes: Record<string, unknown>[]): Promise<Uint8Array> {
    const sink = new MemorySink();
    const writer = await TraceWriter.create(sink, ORIGIN);
    await writer.write(batchOfRows([access(0)]));
    for (const note of notes) writer.note(note);
    await writer.finish();
    return sink.bytes();
  }

  test('made at any time are there when the trace is opened, and at the end of a stream', async () => {
    const bytes = await noted({ cpus: 2 }, { caches: NOTES.caches });
    expect((await openTrace(memorySource(bytes))).notes).toEqual(NOTES);
    expect((await openTrace(memorySource(bytes), { scan: true })).notes).toEqual(NOTES);
    const stream = await openTraceStream(inBlocks(bytes, 100), '<stdin>');
    expect(stream.notes).toEqual({});
    await collect(stream.batches());
    expect(stream.notes).toEqual(NOTES);
  });

  test('are empty when none were made, and when the trace is cut', async () => {
    expect((await openTrace(memorySource(await noted()))).notes).toEqual({});
    expect(await noted()).toEqual(await noted({}));
    const bytes = await noted(NOTES);
    expect((await openTrace(memorySource(bytes.subarray(0, -30)))).notes).toEqual({});
  });
});
