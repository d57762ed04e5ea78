/**
 * Walks a trace from front to back: blocks of bytes -> records -> chunks, each checked before the next is
 * looked at. All ways to read a trace are this walk, from the beginning or from a chunk that the index names.
 */
import { Fault, locateFaults } from '../base/errors.ts';
import {
  type ChunkRecord,
  type IndexRecord,
  isIndex,
  MAX_CHUNK_BYTES,
  parseChunk,
  parseIndex,
} from './format.ts';
import { recordEnd, unpackRecord, unpackTrailer, verifyChecksum } from './record.ts';

export interface RecordBytes {
  /** Where the record begins in the file. */
  readonly offset: number;
  readonly bytes: Uint8Array;
}

interface WalkedRecord {
  readonly offset: number;
  readonly record: ChunkRecord | IndexRecord;
}

/** Where a walk begins, and what it should find there. */
interface WalkStart {
  readonly offset: number;
  readonly seq: number;
  readonly firstEvent: number;
}

export function firstChunkAt(headerBytes: number): WalkStart {
  return { offset: headerBytes, seq: 0, firstEvent: 0 };
}

/** An index may outgrow a chunk's limit, by three numbers of nine bytes for each record before it. */
const INDEX_BYTES_PER_RECORD = 27;

/**
 * Cuts blocks into MessagePack records. Holds one record and one block at most; a record that is cut by the
 * end of the file, longer than the format allows, or no MessagePack is a TraceError.
 */
export async function* recordsOf(
  blocks: AsyncIterable<Uint8Array>,
  file: string,
  startOffset: number,
): AsyncGenerator<RecordBytes> {
  let offset = startOffset;
  let limit = MAX_CHUNK_BYTES;
  let pending: Uint8Array = new Uint8Array(0);
  for await (const block of blocks) {
    pending = pending.length === 0 ? block : Buffer.concat([pending, block]);
    while (pending.length > 0) {
      const end = locateFaults(file, offset, () => recordEnd(pending, 0));
      if (end === undefined) break;
      yield { offset, bytes: pending.subarray(0, end) };
      offset += end;
      pending = pending.subarray(end);
      limit += INDEX_BYTES_PER_RECORD;
    }
    if (pending.length > limit) {
      locateFaults(file, offset, () => fail(`a record of more than ${limit} bytes`, 'a chunk or an index'));
    }
  }
  if (pending.length > 0) {
    locateFaults(file, offset, () => fail('the end of the file within a record', 'the whole record'));
  }
}

/** Yields the chunks and, once the trailer behind it has been seen, the index. */
export async function* walk(
  records: AsyncIterable<RecordBytes>,
  file: string,
  start: WalkStart,
): AsyncGenerator<WalkedRecord> {
  const sequence = new RecordSequence(start);
  let endOffset = start.offset;
  for await (const { offset, bytes } of records) {
    const record = locateFaults(file, offset, () => sequence.accept(bytes));
    if (record !== undefined) yield { offset, record };
    endOffset = offset + bytes.length;
  }
  if (!sequence.closed)
    locateFaults(file, endOffset, () => fail('the end of the file', 'a chunk or the index'));
}

/** The order of records after the header: chunks that follow each other, the index, the trailer, nothing. */
class RecordSequence {
  closed = false;
  private seq: number;
  private firstEvent: number;
  private index: { readonly record: IndexRecord; readonly length: number } | undefined;

  constructor({ seq, firstEvent }: WalkStart) {
    this.seq = seq;
    this.firstEvent = firstEvent;
  }

  /** The chunk, or the index when its trailer has come. */
  accept(bytes: Uint8Array): ChunkRecord | IndexRecord | undefined {
    if (this.closed) fail('bytes after the end of the trace', 'the end of the file');
    if (this.index !== undefined) return this.acceptTrailer(bytes, this.index);
    verifyChecksum(bytes);
    const value = unpackRecord(bytes);
    if (!isIndex(value)) return this.acceptChunk(parseChunk(value));
    this.index = { record: this.checkedIndex(parseIndex(value)), length: bytes.length };
    return undefined;
  }

  private acceptChunk(chunk: ChunkRecord): ChunkRecord {
    const { seq, firstEvent } = this;
    if (chunk.seq !== seq || chunk.firstEvent !== firstEvent) {
      fail(`chunk ${chunk.seq} from event ${chunk.firstEvent}`, `chunk ${seq} from event ${firstEvent}`);
    }
    this.seq++;
    this.firstEvent += chunk.count;
    return chunk;
  }

  private checkedIndex(index: IndexRecord): IndexRecord {
    const { seq, firstEvent } = this;
    const chunks = index.chunks.offset.length;
    if (chunks !== seq || index.totals.events !== firstEvent) {
      fail(
        `an index of ${chunks} chunks, ${index.totals.events} events`,
        `${seq} chunks, ${firstEvent} events`,
      );
    }
    return index;
  }

  private acceptTrailer(bytes: Uint8Array, { record, length }: { record: IndexRecord; length: number }) {
    if (unpackTrailer(bytes) !== length)
      fail('a damaged end of the trace', `the length ${length} of the index`);
    this.closed = true;
    return record;
  }
}

function fail(found: string, expected: string): never {
  throw new Fault(found, expected);
}
