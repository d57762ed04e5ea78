/**
 * Opens traces: a seekable source by its index, a stream from front to back. A trace that was cut, or whose
 * index is damaged, opens up to the last chunk that is whole, and says what is lost.
 */
import { UsageError } from '../core/errors.ts';
import { type Batch, sliceBatch } from '../core/event/batch.ts';
import { ChunkDecoder } from './chunk.ts';
import { Fault, locateFaults, NewerTraceError, TraceError } from './errors.ts';
import {
  type ChunkTable,
  FORMAT,
  type IndexRecord,
  MAX_HEADER_BYTES,
  MAX_INDEX_BYTES,
  parseHeader,
  parseIndex,
  type TraceHeader,
  type TraceTotals,
  VERSION,
  versionOf,
} from './format.ts';
import { recordEnd, TRAILER_BYTES, unpackRecord, unpackTrailer, verifyChecksum } from './record.ts';
import { blocksOf, type OnProgress, type Source } from './source.ts';
import { type RecordBytes, recordsOf, walk } from './walk.ts';

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
}

export interface OpenOptions extends ReadOptions {
  /** Look at every chunk instead of trusting the index. */
  readonly scan?: boolean;
}

/** A trace that can be read from any event on. */
export interface Trace {
  readonly file: string;
  readonly byteLength: number;
  readonly header: TraceHeader;
  /** Number of readable events. */
  readonly events: number;
  readonly chunks: ChunkTable;
  /** From the index; undefined when the trace has none. */
  readonly totals: TraceTotals | undefined;
  readonly complete: boolean;
  readonly lost: Lost | undefined;
  batches(fromEvent?: number, options?: ReadOptions): AsyncGenerator<Batch>;
  close(): Promise<void> | void;
}

/** A trace that is read once, in order. `totals`, `complete` and `lost` are known when the batches have ended. */
export interface TraceStream {
  readonly file: string;
  readonly header: TraceHeader;
  readonly totals: TraceTotals | undefined;
  readonly complete: boolean;
  readonly lost: Lost | undefined;
  batches(options?: ReadOptions): AsyncGenerator<Batch>;
}

/** Opens a trace that can be read at any offset. */
export async function openTrace(source: Source, options: OpenOptions = {}): Promise<Trace> {
  const file = source.name;
  const start = await source.read(0, MAX_HEADER_BYTES);
  const { header, length } = readHeader(start, file);
  const index = options.scan ? undefined : await readIndex(source, length);
  if (index === undefined) return new SeekableTrace(source, header, await scan(source, length, options));
  const { chunks, totals, complete } = index;
  return new SeekableTrace(source, header, {
    chunks,
    totals,
    lost: complete ? undefined : brokenOff(source.byteLength, totals),
  });
}

/** Reads a trace as it comes, from standard input for example. */
export async function openTraceStream(blocks: AsyncIterable<Uint8Array>, file: string): Promise<TraceStream> {
  const records = recordsOf(blocks, file, 0);
  const first = await records.next();
  const { header, length } = readHeader(first.done ? new Uint8Array(0) : first.value.bytes, file);
  return new StreamedTrace(file, header, length, records);
}

/** The header's first field as MessagePack. */
const MAGIC = Buffer.concat([textBytes('format'), textBytes(FORMAT)]);
/** Before it stands the size of the header's map, in any of MessagePack's three forms. */
const MAP_SIZE_BYTES = [1, 3, 5];

function textBytes(text: string): Buffer {
  return Buffer.from([0xa0 + text.length, ...Buffer.from(text)]);
}

/** Whether a file that begins like this is a trace. */
export function looksLikeTrace(firstBytes: Uint8Array): boolean {
  return MAP_SIZE_BYTES.some((start) => MAGIC.equals(firstBytes.subarray(start, start + MAGIC.length)));
}

function readHeader(bytes: Uint8Array, file: string): { header: TraceHeader; length: number } {
  if (!looksLikeTrace(bytes)) {
    const found = bytes.length === 0 ? 'an empty file' : 'something else';
    const remedy = 'Traces of other tools are converted by `vmsplit import`';
    throw new TraceError({ file, offset: 0, found, expected: 'the header of a .vmt trace', remedy });
  }
  return locateFaults(file, 0, () => {
    const length = recordEnd(bytes, 0);
    if (length === undefined)
      throw new Fault('the end of the file within the header', `a whole header in ${MAX_HEADER_BYTES} bytes`);
    const packed = bytes.subarray(0, length);
    const record = unpackRecord(packed);
    refuseNewer(versionOf(record), file);
    verifyChecksum(packed);
    return { header: parseHeader(record), length };
  });
}

function refuseNewer(version: number, file: string): void {
  if (version <= VERSION) return;
  throw new NewerTraceError({
    file,
    offset: 0,
    found: `a trace of format version ${version}`,
    expected: `version ${VERSION}`,
    remedy: 'It was written by a later vmsplit: use that one or a newer one',
  });
}

/** The index at the end of a file; undefined when there is none that is whole. */
async function readIndex(source: Source, headerBytes: number): Promise<IndexRecord | undefined> {
  const trailer = await source.read(source.byteLength - TRAILER_BYTES, TRAILER_BYTES);
  const length = unpackTrailer(trailer);
  if (length === undefined || length > MAX_INDEX_BYTES) return undefined;
  const offset = source.byteLength - TRAILER_BYTES - length;
  if (offset < headerBytes) return undefined;
  const bytes = await source.read(offset, length);
  try {
    if (recordEnd(bytes, 0) !== length) return undefined;
    verifyChecksum(bytes);
    const index = parseIndex(unpackRecord(bytes));
    const { offset: offsets } = index.chunks;
    const inside = offsets.length === 0 || (offsets[0] === headerBytes && offsets.at(-1)! < offset);
    return inside ? index : undefined;
  } catch (error) {
    if (error instanceof Fault) return undefined;
    throw error;
  }
}

/** What a look at the index, or at all chunks, has found. */
interface Contents {
  readonly chunks: ChunkTable;
  readonly totals: TraceTotals | undefined;
  readonly lost: Lost | undefined;
}

/** Walks over all chunks, checking but not decoding them, up to the end or the first fault. */
async function scan(source: Source, headerBytes: number, { onProgress }: ReadOptions): Promise<Contents> {
  const { name, byteLength } = source;
  const chunks = { offset: [] as number[], firstEvent: [] as number[], count: [] as number[] };
  let events = 0;
  let totals: TraceTotals | undefined;
  let lost: Lost | undefined;
  try {
    const records = recordsOf(blocksOf(source, headerBytes, byteLength), name, headerBytes);
    for await (const { offset, record } of walk(records, name, {
      offset: headerBytes,
      seq: 0,
      firstEvent: 0,
    })) {
      onProgress?.(offset, byteLength);
      if (record.record === 'index') {
        totals = record.totals;
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
  return { chunks, totals, lost };
}

/** A fault in the file becomes a loss; anything else is not ours. */
export function lossFrom(error: unknown, eventsKept: number): Lost {
  if (!(error instanceof TraceError)) throw error;
  const { offset, found, expected } = error;
  const message = `from byte ${offset} on: found ${found}, expected ${expected}; the ${eventsKept} events before it are whole`;
  return { offset, eventsKept, message };
}

function brokenOff(offset: number, { events }: TraceTotals): Lost {
  const message = `the recording was broken off after ${events} events, all of them whole`;
  return { offset, eventsKept: events, message };
}

class SeekableTrace implements Trace {
  readonly file: string;
  readonly byteLength: number;
  readonly header: TraceHeader;
  readonly events: number;
  readonly chunks: ChunkTable;
  readonly totals: TraceTotals | undefined;
  readonly complete: boolean;
  readonly lost: Lost | undefined;
  private readonly source: Source;
  private readonly decoder = new ChunkDecoder();

  constructor(source: Source, header: TraceHeader, { chunks, totals, lost }: Contents) {
    this.source = source;
    this.file = source.name;
    this.byteLength = source.byteLength;
    this.header = header;
    this.chunks = chunks;
    this.totals = totals;
    this.events = chunks.offset.length === 0 ? 0 : chunks.firstEvent.at(-1)! + chunks.count.at(-1)!;
    this.lost = lost;
    this.complete = lost === undefined;
  }

  async *batches(fromEvent = 0, { onProgress }: ReadOptions = {}): AsyncGenerator<Batch> {
    const { source, decoder, chunks, events, file, byteLength } = this;
    if (!Number.isInteger(fromEvent) || fromEvent < 0 || fromEvent > events) {
      throw new UsageError(`${file}: found event number ${fromEvent}, expected one from 0 to ${events}`);
    }
    if (fromEvent === events) return;
    const seq = chunkOf(chunks, fromEvent);
    const start = { offset: chunks.offset[seq]!, seq, firstEvent: chunks.firstEvent[seq]! };
    const records = recordsOf(blocksOf(source, start.offset, byteLength), file, start.offset);
    for await (const { offset, record } of walk(records, file, start)) {
      if (record.record === 'index') continue;
      const batch = locateFaults(file, offset, () => decoder.decode(record));
      const skip = Math.max(0, fromEvent - record.firstEvent);
      yield skip === 0 ? batch : sliceBatch(batch, skip, batch.count);
      onProgress?.(offset, byteLength);
      if (this.lost !== undefined && record.firstEvent + record.count === events) return;
    }
  }

  close(): Promise<void> | void {
    return this.source.close();
  }
}

/** The last chunk that begins at or before the event: binary search. */
function chunkOf({ firstEvent }: ChunkTable, event: number): number {
  let low = 0;
  let high = firstEvent.length;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (firstEvent[middle]! <= event) low = middle;
    else high = middle;
  }
  return low;
}

class StreamedTrace implements TraceStream {
  readonly file: string;
  readonly header: TraceHeader;
  totals: TraceTotals | undefined;
  complete = false;
  lost: Lost | undefined;
  private readonly headerBytes: number;
  private readonly records: AsyncGenerator<RecordBytes>;

  constructor(file: string, header: TraceHeader, headerBytes: number, records: AsyncGenerator<RecordBytes>) {
    this.file = file;
    this.header = header;
    this.headerBytes = headerBytes;
    this.records = records;
  }

  async *batches({ onProgress }: ReadOptions = {}): AsyncGenerator<Batch> {
    const { file, records, headerBytes } = this;
    const decoder = new ChunkDecoder();
    let events = 0;
    try {
      for await (const { offset, record } of walk(records, file, {
        offset: headerBytes,
        seq: 0,
        firstEvent: 0,
      })) {
        if (record.record === 'index') {
          this.totals = record.totals;
          this.complete = record.complete;
          if (!record.complete) this.lost = brokenOff(offset, record.totals);
          continue;
        }
        yield locateFaults(file, offset, () => decoder.decode(record));
        events += record.count;
        onProgress?.(offset, undefined);
      }
    } catch (error) {
      this.lost = lossFrom(error, events);
    }
  }
}
