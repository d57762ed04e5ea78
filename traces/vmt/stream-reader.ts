/** Reads a trace as it comes, from a pipe: without its end, and so without its index. */
import type { Batch } from '../../core/event/batch.ts';
import { locateFaults } from '../base/errors.ts';
import { packedData } from '../base/packed.ts';
import { peek } from '../io/blocks.ts';
import { MAGIC_BYTES } from '../io/unpack.ts';
import { ChunkDecoder } from './chunk.ts';
import { NEW_COLUMNS, SameColumns } from './column-room.ts';
import { brokenOff, type Lost, lossFrom, type ReadHeader, type ReadOptions, readHeader } from './contents.ts';
import type { Notes, TraceHeader, TraceTotals } from './format.ts';
import { TraceVocabulary, type VocabularyOptions } from './trace-vocabulary.ts';
import { firstChunkAt, type RecordBytes, recordsOf, walk } from './walk.ts';

/** A trace that is read once, in order. `totals`, `notes`, `complete` and `lost` are known when the batches have ended. */
export interface TraceStream {
  readonly file: string;
  readonly header: TraceHeader;
  readonly totals: TraceTotals | undefined;
  readonly notes: Notes;
  readonly complete: boolean;
  readonly lost: Lost | undefined;
  batches(options?: ReadOptions): AsyncGenerator<Batch>;
}

/**
 * Reads the header; batches follow as they arrive. Throws TraceError when it is no trace. `file`: its name for people.
 */
export async function openTraceStream(
  blocks: AsyncIterable<Uint8Array>,
  file: string,
  options: VocabularyOptions = {},
): Promise<TraceStream> {
  const { head, records } = await openRecords(blocks, file);
  const vocabulary = new TraceVocabulary(head.header.kinds, options);
  return new StreamedTrace({ file, head, vocabulary, records });
}

/** The header of a stream, and the records behind it; throws TraceError when it is no trace. */
export async function openRecords(blocks: AsyncIterable<Uint8Array>, file: string): Promise<OpenRecords> {
  const { first, blocks: all } = await peek(blocks, MAGIC_BYTES);
  // As records it would be nonsense from its first byte on.
  if (packedData(first) !== undefined) readHeader(first, file);
  const records = recordsOf(all, file, 0);
  const header = await records.next();
  return { head: readHeader(header.done ? new Uint8Array(0) : header.value.bytes, file), records };
}

interface OpenRecords {
  readonly head: ReadHeader;
  readonly records: AsyncGenerator<RecordBytes>;
}

/** A stream of which the header has been read. */
interface StreamStart {
  readonly file: string;
  readonly head: ReadHeader;
  readonly vocabulary: TraceVocabulary;
  readonly records: AsyncGenerator<RecordBytes>;
}

class StreamedTrace implements TraceStream {
  readonly file: string;
  readonly header: TraceHeader;
  totals: TraceTotals | undefined;
  notes: Notes = {};
  complete = false;
  lost: Lost | undefined;
  private readonly start: StreamStart;

  constructor(start: StreamStart) {
    this.file = start.file;
    this.header = start.head.header;
    this.start = start;
  }

  async *batches({ onProgress, reuseColumns }: ReadOptions = {}): AsyncGenerator<Batch> {
    const { file, records, head, vocabulary } = this.start;
    const decoder = new ChunkDecoder(vocabulary, reuseColumns ? new SameColumns() : NEW_COLUMNS);
    let events = 0;
    try {
      for await (const { offset, record } of walk(records, file, firstChunkAt(head.length), head.upgrade)) {
        if (record.record === 'index') {
          this.totals = record.totals;
          this.notes = record.notes ?? {};
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
      this.complete = false;
    }
  }
}
