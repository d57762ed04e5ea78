/** Nothing read from a file is trusted: cut and flipped traces, what is no trace, indexes that lie. */
import { pack } from 'msgpackr';
import { describe, expect, test } from 'vitest';
import { memorySource, openTrace, openTraceStream, TraceError, traceInfo } from '../../traces/index.ts';
import { atDepth } from '../support/depth.ts';
import { FILE, headerEnd, index, indexAndTrailerBytes, open, rows, sealed, trace, whole } from './crafted.ts';
import { batchOfRows, collect, inBlocks, readRows, rowsOf, traceOf } from './support.ts';

/** Number of events in chunks that end at or before a byte. */
function eventsBefore(end: number): number {
  const { offset, count } = trace.chunks;
  const ends = [...offset.slice(1), whole.length - indexAndTrailerBytes()];
  return count.reduce((sum, events, i) => (ends[i]! <= end ? sum + events : sum), 0);
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
    ['two chunks in one place', { offset: trace.chunks.offset.toSpliced(1, 1, trace.chunks.offset[0]!) }],
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
