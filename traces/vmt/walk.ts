/**
 * Walks a trace from front to back: blocks of bytes -> records -> chunks, each checked before the next is
 * looked at. All ways to read a trace are this walk, from the beginning or from a chunk that the index names.
 */
import { Fault, locateFaults } from '../base/errors.ts';
import { concat } from '../host/index.ts';
import { type ChunkRecord, type IndexRecord, limitsAfter, MAX_CHUNK_BYTES } from './format.ts';
import { looksLikeTrace } from './magic.ts';
import { ValueMeasure } from './measure.ts';
import { isIndex, mapOf, parseChunk, parseIndex } from './parse.ts';
import { unpackRecord, unpackTrailer, verifyChecksum } from './record.ts';
import type { Upgrade } from './upgrade.ts';

export interface RecordBytes {
  /** Where the record begins in the file. */
  readonly offset: number;
  readonly bytes: Uint8Array;
}

interface WalkedRecord {
  readonly offset: number;
  /** Where it ends; of the index, where the trailer does. */
  readonly end: number;
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
  let records = 0;
  let measure = new ValueMeasure(limitsAfter(records));
  let pending: Uint8Array[] = [];
  let pendingBytes = 0;
  for await (const block of blocks) {
    let at = 0;
    while (at < block.length) {
      const end = locateFaults(file, offset, () => measure.take(block, at));
      const piece = block.subarray(at, end);
      pendingBytes += piece.length;
      locateFaults(file, offset, () => checkSize(pendingBytes, records));
      pending.push(piece);
      if (end === undefined) break;
      yield { offset, bytes: pending.length === 1 ? piece : concat(pending) };
      offset += pendingBytes;
      at = end;
      records++;
      measure = new ValueMeasure(limitsAfter(records));
      pending = [];
      pendingBytes = 0;
    }
  }
  if (pendingBytes > 0) {
    locateFaults(file, offset, () => fail('the end of the file within a record', 'the whole record'));
  }
}

function checkSize(bytes: number, recordsBefore: number): void {
  const limit = MAX_CHUNK_BYTES + INDEX_BYTES_PER_RECORD * recordsBefore;
  if (bytes > limit) fail(`a record of more than ${limit} bytes`, 'a chunk or an index');
}

/** Yields the chunks and, once the trailer behind it has been seen, the index. */
export async function* walk(
  records: AsyncIterable<RecordBytes>,
  file: string,
  start: WalkStart,
  upgrade: Upgrade,
): AsyncGenerator<WalkedRecord> {
  const sequence = new RecordSequence(start, upgrade);
  let endOffset = start.offset;
  for await (const { offset, bytes } of records) {
    const record = locateFaults(file, offset, () => sequence.accept(bytes));
    const beginsAt = record?.record === 'index' ? endOffset - sequence.indexBytes : offset;
    endOffset = offset + bytes.length;
    if (record !== undefined) yield { offset: beginsAt, end: endOffset, record };
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

  private readonly upgrade: Upgrade;

  constructor({ seq, firstEvent }: WalkStart, upgrade: Upgrade) {
    this.upgrade = upgrade;
    this.seq = seq;
    this.firstEvent = firstEvent;
  }

  get indexBytes(): number {
    return this.index?.length ?? 0;
  }

  /** The chunk, or the index when its trailer has come. */
  accept(bytes: Uint8Array): ChunkRecord | IndexRecord | undefined {
    if (this.closed) {
      const found = looksLikeTrace(bytes) ? 'another trace' : 'bytes';
      fail(`${found} after the end of the trace`, 'the end of the file');
    }
    if (this.index !== undefined) return this.acceptTrailer(bytes, this.index);
    verifyChecksum(bytes);
    const fields = mapOf(unpackRecord(bytes), 'a record');
    if (!isIndex(fields)) return this.acceptChunk(parseChunk(this.upgrade.chunk(fields)));
    const index = this.checkedIndex(parseIndex(this.upgrade.index(fields)));
    this.index = { record: index, length: bytes.length };
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
