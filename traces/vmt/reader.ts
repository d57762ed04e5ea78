/** Reads a trace from any event on. */
import { UsageError } from '../../core/base/errors.ts';
import { type Batch, sliceBatch } from '../../core/event/batch.ts';
import { locateFaults } from '../base/errors.ts';
import { blocksOf, type Source } from '../io/source.ts';
import { ChunkDecoder } from './chunk.ts';
import { NEW_COLUMNS, SameColumns } from './column-room.ts';
import {
  brokenOff,
  type Contents,
  type Lost,
  type ReadHeader,
  type ReadOptions,
  readHeader,
  readIndex,
  scan,
} from './contents.ts';
import {
  type ChunkTable,
  MAX_HEADER_BYTES,
  type Notes,
  type TraceHeader,
  type TraceTotals,
} from './format.ts';
import { TraceVocabulary, type VocabularyOptions } from './trace-vocabulary.ts';
import type { Upgrade } from './upgrade.ts';
import { recordsOf, walk } from './walk.ts';

export interface OpenOptions extends ReadOptions, VocabularyOptions {
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
  /** What the recorder noted at the end; empty when there is no index. */
  readonly notes: Notes;
  readonly complete: boolean;
  readonly lost: Lost | undefined;
  batches(fromEvent?: number, options?: ReadOptions): AsyncGenerator<Batch>;
  close(): Promise<void> | void;
}

/** Opens a trace that can be read at any offset. */
export async function openTrace(source: Source, options: OpenOptions = {}): Promise<Trace> {
  const file = source.name;
  const start = await source.read(0, MAX_HEADER_BYTES);
  const head = readHeader(start, file);
  const { header } = head;
  const index = options.scan ? undefined : await readIndex(source, head);
  const vocabulary = new TraceVocabulary(header.kinds, options);
  if (index === undefined)
    return new SeekableTrace(source, head, vocabulary, await scan(source, head, options));
  const { chunks, totals, notes, complete } = index;
  return new SeekableTrace(source, head, vocabulary, {
    chunks,
    totals,
    notes,
    lost: complete ? undefined : brokenOff(source.byteLength, totals),
  });
}

class SeekableTrace implements Trace {
  readonly file: string;
  readonly byteLength: number;
  readonly header: TraceHeader;
  readonly events: number;
  readonly chunks: ChunkTable;
  readonly totals: TraceTotals | undefined;
  readonly notes: Notes;
  readonly complete: boolean;
  readonly lost: Lost | undefined;
  private readonly source: Source;
  private readonly vocabulary: TraceVocabulary;
  private readonly upgrade: Upgrade;

  constructor(
    source: Source,
    { header, upgrade }: ReadHeader,
    vocabulary: TraceVocabulary,
    { chunks, totals, notes, lost }: Contents,
  ) {
    this.source = source;
    this.vocabulary = vocabulary;
    this.upgrade = upgrade;
    this.file = source.name;
    this.byteLength = source.byteLength;
    this.header = header;
    this.chunks = chunks;
    this.totals = totals;
    this.notes = notes ?? {};
    this.events = chunks.offset.length === 0 ? 0 : chunks.firstEvent.at(-1)! + chunks.count.at(-1)!;
    this.lost = lost;
    this.complete = lost === undefined;
  }

  async *batches(fromEvent = 0, { onProgress, reuseColumns }: ReadOptions = {}): AsyncGenerator<Batch> {
    const { source, chunks, events, file, byteLength } = this;
    if (!Number.isInteger(fromEvent) || fromEvent < 0 || fromEvent > events) {
      throw new UsageError(`${file}: found event number ${fromEvent}, expected one from 0 to ${events}`);
    }
    if (fromEvent === events) return;
    const decoder = new ChunkDecoder(this.vocabulary, reuseColumns ? new SameColumns() : NEW_COLUMNS);
    const seq = chunkOf(chunks, fromEvent);
    const start = { offset: chunks.offset[seq]!, seq, firstEvent: chunks.firstEvent[seq]! };
    const records = recordsOf(blocksOf(source, start.offset, byteLength), file, start.offset);
    for await (const { offset, record } of walk(records, file, start, this.upgrade)) {
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
