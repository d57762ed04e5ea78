/** What `vmsplit check` finds: every sound trace is sound, and the first fault of any other is named with its place. */
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { crc32 } from 'node:zlib';
import { pack, unpackMultiple } from 'msgpackr';
import { beforeAll, describe, expect, test } from 'vitest';
import { checkTrace, memorySource, openTrace, TraceWriter } from '../../traces/index.ts';
import { MemorySink } from '../../traces/io/sink.ts';
import { WORKLOADS } from '../../workloads/index.ts';
import { atDepth } from '../support/depth.ts';
import { batchOfRows, inBlocks, ORIGIN, smallTrace, traceOf } from './support.ts';

const check = (bytes: Uint8Array, blockBytes = 1000) => checkTrace(inBlocks(bytes, blockBytes), 'some.vmt');

let whole: Uint8Array;
let records: Record<string, unknown>[];
let offsets: number[];

beforeAll(async () => {
  whole = await smallTrace();
  records = unpackMultiple(whole) as Record<string, unknown>[];
  const { chunks } = await openTrace(memorySource(whole));
  const [indexBytes] = records.at(-1) as unknown as [number];
  offsets = [0, ...chunks.offset, whole.length - 18 - indexBytes];
});

describe('sound', () => {
  test('is what is written, in whatever blocks it comes', async () => {
    for (const blockBytes of [1, 7, 1000, 100_000])
      expect(await check(whole, blockBytes)).toEqual({
        file: 'some.vmt',
        bytes: whole.length,
        chunks: 5,
        events: 45,
        complete: true,
      });
    expect(await check(await traceOf([]))).toMatchObject({ events: 0, complete: true });
  });

  test('is a recording that was broken off, and it is not complete', async () => {
    const sink = new MemorySink();
    const writer = await TraceWriter.create(sink, ORIGIN);
    await writer.write(batchOfRows([[21, 0, 0, 1, 0, 8, 0]]));
    await writer.finish({ complete: false });
    const found = await check(sink.bytes());
    expect(found).toMatchObject({ events: 1, complete: false });
    expect(found.fault).toBeUndefined();
  });

  test.each(WORKLOADS.map((workload) => [workload.name, workload] as const))(
    'is every workload: %s',
    async (_, { generate }) => {
      const bytes = await traceOf([...generate(3, {}, 2000)], {
        chunkEvents: 300,
      });
      expect(await check(bytes)).toMatchObject({ complete: true });
    },
  );

  test('are the golden files', async () => {
    const folder = fileURLToPath(new URL('../fixtures/vmt/', import.meta.url));
    for (const name of (await readdir(folder)).filter((file) => file.endsWith('.vmt')))
      expect(await check(await readFile(folder + name)), name).toMatchObject({ complete: true });
  });
});

/** A record with a checksum that is right, whatever is in it. */
function sealed({ checksum: _, ...record }: Record<string, unknown>): Buffer {
  const bytes = pack({ ...record, checksum: 0xffff_ffff });
  bytes.writeUInt32BE(crc32(bytes.subarray(0, -4)), bytes.length - 4);
  return bytes;
}

/** The trace with one record changed, everything after it as it was, and trailer and checksums right. */
function changed(at: number, change: (record: Record<string, unknown>) => Record<string, unknown>): Buffer {
  const parts = offsets.map((offset, i): Uint8Array => whole.subarray(offset, offsets[i + 1]));
  parts[parts.length - 1] = parts.at(-1)!.subarray(0, -18);
  parts[at] = sealed(change(records[at]!));
  const trailer = pack([0xffff_ffff, 'vmsplit-end']);
  trailer.writeUInt32BE(parts.at(-1)!.length, 2);
  return Buffer.concat([...parts, trailer]);
}

const INDEX = 6;
const at =
  (column: 'offset' | 'firstEvent' | 'count', i: number, value: number) =>
  (record: Record<string, unknown>) => {
    const chunks = record.chunks as Record<string, number[]>;
    return { ...record, chunks: { ...chunks, [column]: chunks[column]!.with(i, value) } };
  };
const totals = (change: object) => (record: Record<string, unknown>) => ({
  ...record,
  totals: { ...(record.totals as object), ...change },
});

describe('the first fault is named', () => {
  test.each<[string, () => Uint8Array, number | undefined, RegExp, RegExp]>([
    ['nothing', () => Buffer.alloc(0), 0, /an empty file/, /the header of a \.vmt trace/],
    ['text', () => Buffer.from('hello'), 0, /something else/, /header/],
    ['a cut', () => whole.subarray(0, -1), undefined, /the end of the file within a record/, /whole record/],
    [
      'no index',
      () => whole.subarray(0, offsets[INDEX]),
      INDEX,
      /the end of the file/,
      /a chunk or the index/,
    ],
    [
      'a line behind it',
      () => Buffer.concat([whole, Buffer.from('\n')]),
      INDEX + 1,
      /bytes after the end/,
      /the end/,
    ],
    [
      'another trace behind it',
      () => Buffer.concat([whole, whole]),
      INDEX + 1,
      /another trace after/,
      /the end/,
    ],
    [
      'a wrong bit',
      () => Uint8Array.from(whole, (byte, i) => (i === offsets[2]! + 9 ? byte ^ 1 : byte)),
      2,
      /./,
      /./,
    ],
    [
      'a chunk twice',
      () => changed(2, () => records[1]!),
      2,
      /chunk 0 from event 0/,
      /chunk 1 from event 10/,
    ],
    [
      'a header of another vocabulary',
      () =>
        changed(0, (header) => ({
          ...header,
          kinds: { 21: { name: 'access', fields: { object: 'object' } } },
        })),
      undefined,
      /event 0 of kind 1\b/,
      /a kind that the header names/,
    ],
    [
      'an index that misplaces a chunk',
      () => changed(INDEX, at('offset', 4, 4000)),
      INDEX,
      /offset 4000 for chunk 4/,
      /as in the file/,
    ],
    [
      'an index that miscounts a kind',
      () => changed(INDEX, totals({ kinds: { access: 45 } })),
      INDEX,
      /counts no spawn/,
      /1, as in the chunks/,
    ],
    [
      'an index that miscounts references',
      () => changed(INDEX, totals({ references: { read: 19, write: 21, modify: 0, execute: 0 } })),
      INDEX,
      /counts 19 read/,
      /20, as in the chunks/,
    ],
    [
      'an index that does not say whether it is complete',
      () => changed(INDEX, ({ complete: _, ...rest }) => rest),
      INDEX,
      /complete "undefined"/,
      /true or false/,
    ],
  ])('%s', async (_, bytes, record, found, expected) => {
    const { fault, complete } = await check(bytes());
    expect(complete).toBe(false);
    expect(fault!.found).toMatch(found);
    expect(fault!.expected).toMatch(expected);
    if (record !== undefined) expect(fault!.offset).toBe([...offsets, whole.length][record]);
  });

  test('a value in a column that no field of the kind names', async () => {
    const bytes = await traceOf([
      batchOfRows([
        [14, 0, 0, 1, 0, 0, 0],
        [14, 0, 0, 2, 0, 5, 0],
      ]),
    ]);
    const { fault } = await check(bytes);
    expect(fault).toMatchObject({
      found: '5 in column b of event 1, kfree',
      expected: expect.stringMatching(/^0 in/),
    });
  });

  test('whichever byte is wrong, and all before it is told', async () => {
    for (let i = 0; i < whole.length; i += atDepth({ quick: 9, full: 3 })) {
      const { fault, complete, events, bytes } = await check(whole.with(i, whole[i]! ^ 0x10));
      expect(complete, `byte ${i}`).toBe(false);
      expect(fault!.offset).toBeLessThanOrEqual(i);
      expect(bytes).toBeLessThanOrEqual(i);
      expect(events % 10 === 0 || events === 45).toBe(true);
    }
  });
});
