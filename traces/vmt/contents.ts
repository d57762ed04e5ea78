/**
 * What there is in a trace: its header, and its chunks as the index tells them, or as a scan finds them when
 * the trace was cut or its index is damaged. A scan goes up to the last chunk that is whole, and says what is lost.
 */
import { Fault, locateFaults, TraceError } from '../base/errors.ts';
import { type PackedData, packedData, unpackCommand } from '../base/packed.ts';
import { blocksOf, type OnProgress, type Source } from '../io/source.ts';
import {
  type ChunkTable,
  type IndexRecord,
  limitsAfter,
  MAX_CHUNK_BYTES,
  MAX_HEADER_BYTES,
  MAX_INDEX_BYTES,
  mostChunksIn,
  type Notes,
  type TraceHeader,
  type TraceTotals,
} from './format.ts';
import { looksLikeTrace } from './magic.ts';
import { valueEnd } from './measure.ts';
import { mapOf, parseHeader, parseIndex, versionOf } from './parse.ts';
import { TRAILER_BYTES, unpackRecord, unpackTrailer, verifyChecksum } from './record.ts';
import { type Upgrade, upgradeFrom } from './upgrade.ts';
import { firstChunkAt, recordsOf, walk } from './walk.ts';

/** What is missing from a trace. */
export interface Lost {
  /** Byte from which on nothing can be used. */
  readonly offset: number;
  /** Number of events before it, all readable. */
  readonly eventsKept: number;
  readonly message: string;
}

export interface ReadOptions {
  readonly onProgress?: OnProgress | undefined;
  /** Decode every batch into the columns of the one before, for those who are through with it when they ask for the next. */
  readonly reuseColumns?: boolean | undefined;
}

/** A header, and how the records behind it are read. */
export interface ReadHeader {
  readonly header: TraceHeader;
  /** Bytes. */
  readonly length: number;
  readonly upgrade: Upgrade;
}

export function readHeader(bytes: Uint8Array, file: string): ReadHeader {
  if (!looksLikeTrace(bytes)) {
    const packed = packedData(bytes);
    const found = packed?.what ?? (bytes.length === 0 ? 'an empty file' : 'something else');
    const remedy = packed === undefined ? IMPORT : unpackRemedy(packed, file);
    throw new TraceError({ file, offset: 0, found, expected: 'the header of a .vmt trace', remedy });
  }
  return locateFaults(file, 0, () => {
    const length = valueEnd(bytes.subarray(0, MAX_HEADER_BYTES), 0, limitsAfter(0));
    if (length === undefined) {
      throw new Fault('a header without end', `a whole header in ${MAX_HEADER_BYTES} bytes`);
    }
    const packed = bytes.subarray(0, length);
    const record = unpackRecord(packed);
    const version = versionOf(record);
    const upgrade = upgradeFrom(version);
    verifyChecksum(packed);
    const header = { ...parseHeader(upgrade.header(mapOf(record, 'a trace header'))), version };
    return { header, length, upgrade };
  });
}

const IMPORT = 'Traces of other tools are converted by `vmsplit import`';

function unpackRemedy(packed: PackedData, file: string): string {
  if (packed.isRecording) return `Import it: ${unpackCommand(packed, file, 'vmsplit import -')}`;
  return `If a trace is in it, unpack it first: ${unpackCommand(packed, file, 'vmsplit replay -')}. ${IMPORT}`;
}

/** The index at the end of a file; undefined when there is none that is whole. */
export async function readIndex(
  source: Source,
  { length: headerBytes, upgrade }: ReadHeader,
): Promise<IndexRecord | undefined> {
  const trailer = await source.read(source.byteLength - TRAILER_BYTES, TRAILER_BYTES);
  const length = unpackTrailer(trailer);
  if (length === undefined || length > MAX_INDEX_BYTES) return undefined;
  const offset = source.byteLength - TRAILER_BYTES - length;
  if (offset < headerBytes) return undefined;
  const bytes = await source.read(offset, length);
  const index = orUndefined(() => {
    if (valueEnd(bytes, 0, limitsAfter(mostChunksIn(offset - headerBytes))) !== length) return undefined;
    verifyChecksum(bytes);
    return parseIndex(upgrade.index(mapOf(unpackRecord(bytes), 'an index')));
  });
  if (index === undefined) return undefined;
  return (await chunksEndAt(source, index.chunks, headerBytes, offset)) ? index : undefined;
}

/**
 * Whether the chunks of an index lie between header and index without a byte that is left over at either end: an index
 * that leaves some out, or is that of another trace in the file, would hide events. What lies between is read in order.
 */
async function chunksEndAt(
  source: Source,
  { offset: offsets }: ChunkTable,
  headerBytes: number,
  end: number,
): Promise<boolean> {
  if (offsets.length === 0) return end === headerBytes;
  const last = offsets.at(-1)!;
  if (offsets[0] !== headerBytes || last >= end || end - last > MAX_CHUNK_BYTES) return false;
  const chunk = await source.read(last, end - last);
  return orUndefined(() => valueEnd(chunk, 0, limitsAfter(0))) === end - last;
}

/** A fault in the index is no loss: the chunks are found without it. */
function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof Fault) return undefined;
    throw error;
  }
}

/** What a look at the index, or at all chunks, has found. */
export interface Contents {
  readonly chunks: ChunkTable;
  readonly totals: TraceTotals | undefined;
  readonly notes: Notes | undefined;
  readonly lost: Lost | undefined;
}

/** Walks over all chunks, checking but not decoding them, up to the end or the first fault. */
export async function scan(
  source: Source,
  { length: headerBytes, upgrade }: ReadHeader,
  { onProgress }: ReadOptions,
): Promise<Contents> {
  const { name, byteLength } = source;
  const chunks = { offset: [] as number[], firstEvent: [] as number[], count: [] as number[] };
  let events = 0;
  let totals: TraceTotals | undefined;
  let notes: Notes | undefined;
  let lost: Lost | undefined;
  try {
    const records = recordsOf(blocksOf(source, headerBytes, byteLength), name, headerBytes);
    for await (const { offset, record } of walk(records, name, firstChunkAt(headerBytes), upgrade)) {
      onProgress?.(offset, byteLength);
      if (record.record === 'index') {
        ({ totals, notes } = record);
        if (!record.complete) lost = brokenOff(offset, totals);
        continue;
      }
      chunks.offset.push(offset);
      chunks.firstEvent.push(record.firstEvent);
      chunks.count.push(record.count);
      events += record.count;
    }
  } catch (error) {
    lost = lossFrom(error, events);
  }
  return { chunks, totals, notes, lost };
}

/** A fault in the file becomes a loss; anything else is not ours. */
export function lossFrom(error: unknown, eventsKept: number): Lost {
  if (!(error instanceof TraceError)) throw error;
  const { offset, found, expected } = error;
  const message = `from byte ${offset} on: found ${found}, expected ${expected}; the ${eventsKept} events before it are whole`;
  return { offset, eventsKept, message };
}

export function brokenOff(offset: number, { events }: TraceTotals): Lost {
  const message = `the recording was broken off after ${events} events, all of them whole`;
  return { offset, eventsKept: events, message };
}
