/** A small trace, and records to put in place of its own: their checksums are right, whatever is in them. */
import { crc32 } from 'node:zlib';
import { pack, unpackMultiple } from 'msgpackr';
import { memorySource, openTrace, type Trace } from '../../traces/index.ts';
import { type Row, readRows, smallTrace } from './support.ts';

export const FILE = 'some.vmt';
export const open = (bytes: Uint8Array) => openTrace(memorySource(bytes, FILE));

export const whole: Uint8Array = await smallTrace();
export const rows: readonly Row[] = await readRows(whole);
export const trace: Trace = await open(whole);
export const headerEnd: number = trace.chunks.offset[0]!;

export function indexAndTrailerBytes(): number {
  const [indexBytes] = (unpackMultiple(whole) as unknown[]).at(-1) as [number, string];
  return indexBytes + 18;
}

/** A record with a checksum that is right, whatever is in it. */
export function sealed(record: object): Buffer {
  const bytes = pack({ ...record, checksum: 0xffff_ffff });
  bytes.writeUInt32BE(crc32(bytes.subarray(0, -4)), bytes.length - 4);
  return bytes;
}

export function header(change: object): Buffer {
  const [original] = unpackMultiple(whole) as object[];
  const { checksum: _, ...fields } = original as Record<string, unknown>;
  return sealed({ ...fields, ...change });
}

/** Three events alike, in columns that are constant. */
export function chunkOf(values: Readonly<Record<string, number>>): Buffer {
  const names = ['kind', 'cpu', 'thinkNs', 'object', 'a', 'b', 'c'];
  const columns = Object.fromEntries(names.map((name) => [name, Buffer.of(0, values[name] ?? 0)]));
  return sealed({ record: 'chunk', seq: 0, firstEvent: 0, count: 3, columns });
}

export function index({
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
