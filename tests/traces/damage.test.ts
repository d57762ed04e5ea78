/** Nothing read from a file is trusted: cut, flipped and hostile traces. */
import { crc32 } from 'node:zlib';
import { pack, unpackMultiple } from 'msgpackr';
import { beforeAll, describe, expect, test } from 'vitest';
import { EVENT_KINDS } from '../../core/event/kinds.ts';
import {
  memorySource,
  NewerTraceError,
  openTrace,
  openTraceStream,
  type Trace,
  TraceError,
  traceInfo,
} from '../../traces/index.ts';
import { atDepth } from '../support/depth.ts';
import {
  batchOfRows,
  collect,
  inBlocks,
  type Row,
  readRows,
  rowsOf,
  smallTrace,
  traceOf,
} from './support.ts';

const FILE = 'some.vmt';
const open = (bytes: Uint8Array) => openTrace(memorySource(bytes, FILE));

let whole: Uint8Array;
let rows: Row[];
let trace: Trace;
let headerEnd: number;

beforeAll(async () => {
  whole = await smallTrace();
  rows = await readRows(whole);
  trace = await open(whole);
  headerEnd = trace.chunks.offset[0]!;
});

/** Number of events in chunks that end at or before a byte. */
function eventsBefore(end: number): number {
  const { offset, count } = trace.chunks;
  const ends = [...offset.slice(1), whole.length - indexAndTrailerBytes()];
  return count.reduce((sum, events, i) => (ends[i]! <= end ? sum + events : sum), 0);
}

function indexAndTrailerBytes(): number {
  const [indexBytes] = (unpackMultiple(whole) as unknown[]).at(-1) as [number, string];
  return indexBytes + 18;
}

/** All of them in time; the bytes of a field lie so close that some of each are tried. */
const BYTES_A_CASE = atDepth({ quick: 5, full: 1 });

test('a trace cut at any byte opens up to its last whole chunk', async () => {
  for (let end = 0; end < whole.length; end += BYTES_A_CASE) {
    const cut = whole.subarray(0, end);
    if (end < headerEnd) {
      await expect(open(cut)).rejects.toThrow(TraceError);
      continue;
    }
    const opened = await open(cut);
    const kept = eventsBefore(end);
    expect(opened).toMatchObject({ events: kept, complete: false, lost: { eventsKept: kept } });
    expect(opened.lost!.offset).toBeLessThanOrEqual(end);
    expect(rowsOf(await collect(opened.batches()))).toEqual(rows.slice(0, kept));
  }
});

test('so does a stream', async () => {
  for (let end = headerEnd; end < whole.length; end += 7) {
    const stream = await openTraceStream(inBlocks(whole.subarray(0, end), 50), '<stdin>');
    const kept = eventsBefore(end);
    expect(rowsOf(await collect(stream.batches()))).toEqual(rows.slice(0, kept));
    expect(stream).toMatchObject({ complete: false, lost: { eventsKept: kept } });
  }
});

describe('a byte that is wrong', () => {
  /** What a reader gets, or the error; anything but a TraceError fails the test. */
  async function outcome(bytes: Uint8Array): Promise<'refused' | 'lost' | 'same'> {
    try {
      const opened = await open(bytes);
      const found = rowsOf(await collect(opened.batches()));
      expect(found).toEqual(rows.slice(0, found.length));
      if (!opened.complete) return 'lost';
      expect(found).toEqual(rows);
      expect(opened.header).toEqual(trace.header);
      expect(opened.totals).toEqual(trace.totals);
      return 'same';
    } catch (error) {
      if (!(error instanceof TraceError)) throw error;
      return 'refused';
    }
  }

  test.each([0x01, 0x80, 0xff])('is found wherever it is (xor %i)', async (mask) => {
    for (let at = mask % BYTES_A_CASE; at < whole.length; at += BYTES_A_CASE) {
      const flipped = Uint8Array.from(whole);
      flipped[at]! ^= mask;
      expect(await outcome(flipped), `byte ${at}`).not.toBe('same');
    }
  });

  test('in one chunk leaves those before it to a scan, and says where', async () => {
    const { offset } = trace.chunks;
    const flipped = Uint8Array.from(whole);
    flipped[offset[3]! - 10]! ^= 1;
    await expect(readRows(flipped)).rejects.toMatchObject({ offset: offset[2], found: /^checksum/ });
    const scanned = await openTrace(memorySource(flipped, FILE), { scan: true });
    expect(scanned).toMatchObject({
      events: 20,
      complete: false,
      lost: { offset: offset[2], eventsKept: 20 },
    });
    expect(rowsOf(await collect(scanned.batches()))).toEqual(rows.slice(0, 20));
    const info = await traceInfo(memorySource(flipped, FILE), { verify: true });
    expect(info).toMatchObject({ events: 20, complete: false, lost: { offset: offset[2] } });
  });

  test('bytes behind the end are no part of the trace', async () => {
    const longer = Buffer.concat([whole, Buffer.from([0])]);
    expect(await open(longer)).toMatchObject({ events: 45, complete: false, lost: { offset: whole.length } });
  });
});

describe('what is no trace is refused by name', () => {
  test.each([
    ['nothing', Buffer.alloc(0)],
    ['text', Buffer.from('I  0401ab70,3\n')],
    ['gzip', Buffer.from([0x1f, 0x8b, 8, 0])],
    ['zeros', Buffer.alloc(1000)],
    ['other MessagePack', pack({ hello: 'world' })],
  ])('%s', async (_, bytes) => {
    await expect(open(bytes)).rejects.toMatchObject({ file: FILE, offset: 0, remedy: /vmsplit import/ });
    await expect(openTraceStream(inBlocks(bytes, 9), FILE)).rejects.toThrow(TraceError);
  });
});

/** A record with a checksum that is right, whatever is in it. */
function sealed(record: object): Buffer {
  const bytes = pack({ ...record, checksum: 0xffff_ffff });
  bytes.writeUInt32BE(crc32(bytes.subarray(0, -4)), bytes.length - 4);
  return bytes;
}

function header(change: object): Buffer {
  const [original] = unpackMultiple(whole) as object[];
  const { checksum: _, ...fields } = original as Record<string, unknown>;
  return sealed({ ...fields, ...change });
}

describe('a header that is not as it should be', () => {
  test('a newer version is refused, and the remedy is a newer vmsplit', async () => {
    await expect(open(header({ version: 2 }))).rejects.toThrow(NewerTraceError);
    await expect(open(header({ version: 2, kinds: 'of another shape' }))).rejects.toThrow(/version 2/);
  });

  test.each([
    ['a unit of time other than ns', { tickUnit: 'ms' }],
    ['a seed that is text', { seed: 'x' }],
    ['no parameters', { parameters: null }],
    ['a kind under another name', { kinds: { 21: { name: 'kmalloc', fields: {} } } }],
    ['a version that is no number', { version: 'one' }],
  ])('%s', async (_, change) => {
    await expect(open(header(change))).rejects.toThrow(TraceError);
  });

  test('kinds of a later vocabulary are counted by the name they have there', async () => {
    const info = (bytes: Uint8Array) => traceInfo(memorySource(bytes));
    const chunk = chunkOf({ kind: 99 });
    const named = header({ kinds: { 99: { name: 'teleport', fields: { object: 'object' } } } });
    expect(await info(Buffer.concat([named, chunk]))).toMatchObject({
      kinds: { teleport: 3 },
      unknownKinds: ['teleport'],
    });
    expect(await info(Buffer.concat([header({}), chunk]))).toMatchObject({ kinds: { 'kind 99': 3 } });
  });
});

/** Three events alike, in columns that are constant. */
function chunkOf(values: Readonly<Record<string, number>>): Buffer {
  const names = ['kind', 'cpu', 'thinkNs', 'object', 'a', 'b', 'c'];
  const columns = Object.fromEntries(names.map((name) => [name, Buffer.of(0, values[name] ?? 0)]));
  return sealed({ record: 'chunk', seq: 0, firstEvent: 0, count: 3, columns });
}

describe('the vocabulary of a header', () => {
  const kmalloc = EVENT_KINDS.kmalloc.code;
  const read = async (kinds: object, values: Readonly<Record<string, number>>) =>
    readRows(Buffer.concat([header({ kinds }), chunkOf(values)]));

  test('with fields in other columns is followed', async () => {
    const kinds = { [kmalloc]: { name: 'kmalloc', fields: { gfp: 'object', object: 'b', size: 'c' } } };
    const rows = await read(kinds, { kind: kmalloc, object: 1, b: 2, c: 3 });
    expect(rows[0]).toEqual([kmalloc, 0, 0, 2, 3, 1, 0]);
  });

  test('with fewer fields: the others are 0, as they were when it was written', async () => {
    const kinds = { [kmalloc]: { name: 'kmalloc', fields: { object: 'object', size: 'a' } } };
    expect((await read(kinds, { kind: kmalloc, object: 7, a: 8 }))[0]).toEqual([kmalloc, 0, 0, 7, 8, 0, 0]);
    await expect(read(kinds, { kind: kmalloc, object: 7, a: 8, b: 9 })).rejects.toThrow(
      /at byte \d+: found 9 in column b of an event kmalloc, expected a value only in columns that a field names/,
    );
  });

  test.each([
    ['a kind that this vmsplit lacks', 99, { 99: { name: 'teleport', fields: {} } }, /an event teleport/],
    [
      'a field that this vmsplit lacks',
      kmalloc,
      { [kmalloc]: { name: 'kmalloc', fields: { object: 'object', size: 'a', gfp: 'b', node: 'c' } } },
      /an event kmalloc with a field "node", expected fields that this vmsplit knows: object, size, gfp/,
    ],
  ])('with %s is for a newer vmsplit, once such an event comes', async (_, kind, kinds, message) => {
    await expect(read(kinds, { kind, object: 1 })).rejects.toThrow(NewerTraceError);
    await expect(read(kinds, { kind, object: 1 })).rejects.toThrow(message);
    const fine = { ...kinds, 14: { name: 'kfree', fields: { object: 'object' } } };
    expect(await read(fine, { kind: 14, object: 1 })).toHaveLength(3);
    const bytes = Buffer.concat([header({ kinds }), chunkOf({ kind, object: 1 })]);
    const stream = await openTraceStream(inBlocks(bytes, 100), '<stdin>');
    expect(await collect(stream.batches())).toEqual([]);
    expect(stream).toMatchObject({ complete: false, lost: { message: expect.stringMatching(message) } });
  });

  test('names every kind that occurs', async () => {
    await expect(read({}, { kind: kmalloc })).rejects.toThrow(
      /found an event of kind 13, expected kinds that the header names/,
    );
  });

  test.each([
    ['two fields in one column', { 13: { name: 'kmalloc', fields: { object: 'a', size: 'a' } } }],
    ['a field in no column', { 13: { name: 'kmalloc', fields: { object: 'd' } } }],
    ['a code beyond a byte', { 256: { name: 'kmalloc', fields: {} } }],
    ['a code that is no number', { constructor: { name: 'kmalloc', fields: {} } }],
  ])('cannot have %s', async (_, kinds) => {
    await expect(open(header({ kinds }))).rejects.toThrow(TraceError);
  });
});

describe('hostile records are lost, and cost no memory', () => {
  const constant = Buffer.of(0, 0);
  const columns = Object.fromEntries(
    ['kind', 'cpu', 'thinkNs', 'object', 'a', 'b', 'c'].map((name) => [name, constant]),
  );
  const chunk = { record: 'chunk', seq: 0, firstEvent: 0, count: 3, columns };

  test.each([
    ['a binary of 4 GiB', Buffer.from([0xc6, 0xff, 0xff, 0xff, 0xff, 0])],
    ['a list of 4 G items', Buffer.from([0xdd, 0xff, 0xff, 0xff, 0xff, 0])],
    ['a map of 4 G fields', Buffer.from([0xdf, 0xff, 0xff, 0xff, 0xff, 0])],
    ['text of 2 GiB', Buffer.from([0xdb, 0x80, 0, 0, 0, 0])],
    ['lists within lists', Buffer.alloc(100_000, 0x91)],
    ['an extension type', Buffer.from([0xd4, 1, 2])],
    ['the type that MessagePack never uses', Buffer.from([0xc1])],
    ['zeros, as a crash may leave them', Buffer.alloc(5000)],
    ['a chunk of no events', sealed({ ...chunk, count: 0 })],
    ['a chunk of too many events', sealed({ ...chunk, count: 0x1_0001 })],
    ['a chunk of half an event', sealed({ ...chunk, count: 0.5 })],
    ['a chunk out of sequence', sealed({ ...chunk, seq: 1 })],
    ['a chunk from another event', sealed({ ...chunk, firstEvent: 1 })],
    ['a chunk without columns', sealed({ ...chunk, columns: 7 })],
    ['a column that is text', sealed({ ...chunk, columns: { ...columns, a: 'text' } })],
    ['a column of another version', sealed({ ...chunk, columns: { ...columns, d: constant } })],
    ['a field of another version', sealed({ ...chunk, node: 1 })],
    ['a record of unknown type', sealed({ ...chunk, record: 'surprise' })],
    ['no checksum', pack(chunk)],
    ['an index too early', sealed(index({ events: 3, offset: [], firstEvent: [], count: [] }))],
  ])('%s', async (_, bytes) => {
    const opened = await open(Buffer.concat([whole.subarray(0, headerEnd), bytes]));
    expect(opened).toMatchObject({ events: 0, complete: false, lost: { offset: headerEnd } });
  });

  test.each([
    ['an index of empty maps', 0x80, 'lists and maps'],
    ['an index of nils', 0xc0, 'values'],
  ])('%s is refused before it is decoded', async (_, filler, what) => {
    const count = 2_000_000;
    const list = Buffer.concat([Buffer.from([0xdd, 0, 0x1e, 0x84, 0x80]), Buffer.alloc(count, filler)]);
    const record = Buffer.concat([
      ...[Buffer.from([0x83]), pack('record'), pack('index'), pack('chunks'), list, pack('checksum')],
      Buffer.from([0xce, 0, 0, 0, 0]),
    ]);
    record.writeUInt32BE(crc32(record.subarray(0, -4)), record.length - 4);
    const trailer = pack([0xffff_ffff, 'vmsplit-end']);
    trailer.writeUInt32BE(record.length, 2);
    const opened = await open(Buffer.concat([whole.subarray(0, headerEnd), record, trailer]));
    expect(opened).toMatchObject({ events: 0, complete: false, lost: { offset: headerEnd } });
    expect(opened.lost!.message).toMatch(new RegExp(`of (more than )?\\d+ (${what}|values)`));
  });

  test('a record without end from a pipe is given up after some megabytes', async () => {
    const mebibyte = new Uint8Array(0x10_0000);
    let sent = 0;
    async function* endless() {
      yield Buffer.concat([whole.subarray(0, headerEnd), Buffer.from([0xc6, 0xff, 0xff, 0xff, 0xff])]);
      for (; sent < 64; sent++) yield mebibyte;
    }
    const stream = await openTraceStream(endless(), '<stdin>');
    expect(await collect(stream.batches())).toEqual([]);
    expect(stream.lost).toMatchObject({ offset: headerEnd, eventsKept: 0 });
    expect(sent).toBeLessThan(8);
  });

  test('a column that is wrong inside is found when it is decoded', async () => {
    const bad = sealed({ ...chunk, columns: { ...columns, a: Buffer.of(7) } });
    const opened = await open(Buffer.concat([whole.subarray(0, headerEnd), bad]));
    await expect(collect(opened.batches())).rejects.toMatchObject({ file: FILE, offset: headerEnd });
    expect(await traceInfo(memorySource(Buffer.concat([whole.subarray(0, headerEnd), bad])))).toMatchObject({
      events: 0,
      lost: { offset: headerEnd },
    });
  });
});

function index({
  events,
  ...chunks
}: {
  events: number;
  offset: number[];
  firstEvent: number[];
  count: number[];
}) {
  const references = { read: 0, write: 0, modify: 0, execute: 0 };
  return { record: 'index', complete: true, totals: { events, kinds: {}, references }, chunks };
}

describe('an index that lies', () => {
  /** The trace with another index, whose checksum and trailer are right. */
  function withIndex(record: object): Buffer {
    const chunks = whole.subarray(0, whole.length - indexAndTrailerBytes());
    const bytes = sealed(record);
    const trailer = pack([0xffff_ffff, 'vmsplit-end']);
    trailer.writeUInt32BE(bytes.length, 2);
    return Buffer.concat([chunks, bytes, trailer]);
  }

  test.each([
    ['columns of unequal length', { firstEvent: [0] }],
    ['a gap between chunks', { firstEvent: [0, 10, 21, 30, 40] }],
    ['chunks in another order', { offset: [5, 4, 3, 2, 1] }],
    ['another total', { events: 46 }],
    ['offsets that are no numbers', { offset: ['a', 'b', 'c', 'd', 'e'] }],
  ])('%s: the chunks are found without it', async (_, change) => {
    const opened = await open(
      withIndex(index({ events: 45, ...trace.chunks, ...(change as object) } as never)),
    );
    expect(opened).toMatchObject({ events: 45, complete: false });
    expect(rowsOf(await collect(opened.batches()))).toEqual(rows);
  });

  test.each([
    ['no chunks at all', 0],
    ['some of the chunks', 3],
  ])('one that names %s hides nothing', async (_, named) => {
    const { offset, firstEvent, count } = trace.chunks;
    const [o, f, c] = [offset, firstEvent, count].map((column) => column.slice(0, named));
    const opened = await open(
      withIndex(index({ events: 10 * named, offset: o!, firstEvent: f!, count: c! })),
    );
    expect(opened).toMatchObject({ events: 45, complete: false });
    expect(rowsOf(await collect(opened.batches()))).toEqual(rows);
  });

  test('two traces in one file are the first one, and what is lost begins with the other', async () => {
    const other = await traceOf([batchOfRows(rows.slice(0, 15))], { chunkEvents: 10 });
    for (const second of [whole, other]) {
      const opened = await open(Buffer.concat([whole, second]));
      expect(opened).toMatchObject({ events: 45, complete: false, lost: { offset: whole.length } });
      expect(opened.lost!.message).toMatch(/another trace after the end of the trace/);
      expect(rowsOf(await collect(opened.batches()))).toEqual(rows);
      const stream = await openTraceStream(inBlocks(Buffer.concat([whole, second]), 100), '<stdin>');
      expect(rowsOf(await collect(stream.batches()))).toEqual(rows);
      expect(stream).toMatchObject({ complete: false, lost: { offset: whole.length } });
    }
  });

  test('counts that are not those of the events are found by verify', async () => {
    const lie = withIndex(index({ events: 45, ...(trace.chunks as never as { offset: number[] }) } as never));
    expect(await traceInfo(memorySource(lie))).toMatchObject({ complete: true, kinds: {} });
    const verified = await traceInfo(memorySource(lie), { verify: true });
    expect(verified).toMatchObject({ complete: false, kinds: { access: 40 } });
    expect(verified.lost!.message).toContain('counts');
  });
});
