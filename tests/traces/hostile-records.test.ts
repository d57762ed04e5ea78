/** Records that nobody writes: lost, and no memory is given for what they claim. */
import { crc32 } from 'node:zlib';
import { pack } from 'msgpackr';
import { describe, expect, test } from 'vitest';
import { memorySource, openTraceStream, traceInfo } from '../../traces/index.ts';
import { FILE, headerEnd, index, open, sealed, whole } from './crafted.ts';
import { collect } from './support.ts';

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
