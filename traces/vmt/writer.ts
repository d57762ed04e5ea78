/**
 * Writes a trace to a sink, chunk by chunk. What it keeps in memory is one chunk, and three numbers for each
 * chunk written, which become the index.
 */
import { assert, UsageError } from '../../core/base/errors.ts';
import { type Batch, BatchBuilder, DEFAULT_BATCH_SIZE, sliceBatch } from '../../core/event/batch.ts';
import { Fault } from '../base/errors.ts';
import type { Sink } from '../io/sink.ts';
import { ChunkEncoder } from './chunk.ts';
import {
  type ChunkRecord,
  currentKinds,
  FORMAT,
  type IndexRecord,
  limitsAfter,
  MAX_CHUNK_EVENTS,
  MAX_HEADER_BYTES,
  type Notes,
  type TraceHeader,
  VERSION,
} from './format.ts';
import { valueEnd } from './measure.ts';
import { packRecord, packTrailer } from './record.ts';
import { TotalsCounter } from './totals.ts';

/** What the recorder says about the trace; the rest of the header follows from this vmsplit. */
export type TraceOrigin = Pick<TraceHeader, 'tool' | 'toolVersion' | 'seed' | 'parameters'>;

/** Anything that takes batches: a trace writer, a fold, a test. */
export interface BatchSink {
  write(batch: Batch): Promise<void> | void;
}

export interface WriterOptions {
  /** Greatest number of events of a chunk: what is lost at most when the recorder is killed. */
  readonly chunkEvents?: number;
}

/** Batches go in with `write`; without a `finish` at the end the trace has no index, and is still readable. */
export class TraceWriter implements BatchSink {
  private readonly sink: Sink;
  private readonly encoder = new ChunkEncoder();
  private readonly counter = new TotalsCounter();
  private readonly gathered: BatchBuilder;
  private readonly kinds = currentKinds();
  private readonly chunks = { offset: [] as number[], firstEvent: [] as number[], count: [] as number[] };
  private notes: Notes = {};
  private bytes = 0;
  private events = 0;
  private finished = false;

  private constructor(sink: Sink, chunkEvents: number) {
    this.sink = sink;
    this.gathered = new BatchBuilder(chunkEvents);
  }

  /** Writes the header at once, so that a sink that cannot be written is known before any work is done. */
  static async create(
    sink: Sink,
    origin: TraceOrigin,
    { chunkEvents = DEFAULT_BATCH_SIZE }: WriterOptions = {},
  ): Promise<TraceWriter> {
    assert(chunkEvents >= 1 && chunkEvents <= MAX_CHUNK_EVENTS, `chunks of ${chunkEvents} events`);
    const writer = new TraceWriter(sink, chunkEvents);
    const { tool, toolVersion, seed, parameters } = origin;
    const header: TraceHeader = {
      format: FORMAT,
      version: VERSION,
      tool,
      toolVersion,
      seed,
      parameters,
      tickUnit: 'ns',
      kinds: writer.kinds,
    };
    const packed = packRecord(header);
    if (packed.length > MAX_HEADER_BYTES) {
      throw new UsageError(
        `found ${packed.length} bytes of parameters, expected less than ${MAX_HEADER_BYTES}. Pass fewer or shorter ones`,
      );
    }
    checkReadable(packed, 0, 'parameters');
    await writer.append(packed);
    return writer;
  }

  /** Events written so far, those not yet in a chunk included. */
  get eventCount(): number {
    return this.events + this.gathered.length;
  }

  /**
   * Adds events; await it before the next one. A batch of half a chunk or more becomes chunks of its own,
   * smaller ones are gathered.
   */
  async write(batch: Batch): Promise<void> {
    assert(!this.finished, 'a batch for a trace that is finished');
    if (2 * batch.count >= this.gathered.capacity) {
      await this.flush();
      await this.writeChunks(batch);
    } else {
      await this.gather(batch);
    }
  }

  /** What the trace should say of itself beside its events, when it is finished. */
  note(notes: Notes): void {
    this.notes = { ...this.notes, ...notes };
  }

  /** Writes what is left, and the index. A recording that was broken off is readable but says so. */
  async finish({ complete = true } = {}): Promise<void> {
    assert(!this.finished, 'a trace finished twice');
    await this.flush();
    this.finished = true;
    const index: IndexRecord = {
      record: 'index',
      complete,
      totals: this.counter.totals(this.kinds),
      ...(Object.keys(this.notes).length > 0 && { notes: this.notes }),
      chunks: this.chunks,
    };
    const packed = packRecord(index);
    checkReadable(packed, this.chunks.offset.length, 'notes');
    await this.append(packed);
    await this.append(packTrailer(packed.length));
    await this.sink.close();
  }

  /** The trace is not wanted, because what should go into it is bad. */
  async discard(): Promise<void> {
    this.finished = true;
    await this.sink.discard();
  }

  private async gather(batch: Batch): Promise<void> {
    const { gathered } = this;
    const { count, kind, cpu, thinkNs, object, a, b, c } = batch;
    for (let i = 0; i < count; i++) {
      gathered.push(kind[i]!, cpu[i]!, thinkNs[i]!, object[i]!, a[i]!, b[i]!, c[i]!);
      if (gathered.full) await this.flush();
    }
  }

  private async flush(): Promise<void> {
    if (this.gathered.length > 0) await this.writeChunks(this.gathered.take());
  }

  private async writeChunks(batch: Batch): Promise<void> {
    const { capacity } = this.gathered;
    for (let start = 0; start < batch.count; start += capacity) {
      await this.writeChunk(sliceBatch(batch, start, Math.min(start + capacity, batch.count)));
    }
  }

  private async writeChunk(batch: Batch): Promise<void> {
    const { chunks, events, bytes } = this;
    const { count } = batch;
    const head = { record: 'chunk' as const, seq: chunks.offset.length, firstEvent: events, count };
    const chunk: ChunkRecord = { ...head, ...this.encoder.encode(batch) };
    chunks.offset.push(bytes);
    chunks.firstEvent.push(events);
    chunks.count.push(count);
    this.counter.add(batch);
    this.checkKinds();
    this.events += count;
    await this.append(packRecord(chunk));
  }

  /** The header must name the kinds of all events: no reader takes others. */
  private checkKinds(): void {
    const code = this.counter.strangeCode(this.kinds);
    if (code !== undefined)
      throw new UsageError(
        `found an event of kind ${code}, expected kinds of the vocabulary. Add it before the trace is begun (defineKind)`,
      );
  }

  private async append(bytes: Uint8Array): Promise<void> {
    this.bytes += bytes.length;
    await this.sink.write(bytes);
  }
}

/** Values of the caller's own may be of sorts that readers refuse: undefined, dates. */
function checkReadable(packed: Uint8Array, chunksBefore: number, what: string): void {
  try {
    valueEnd(packed, 0, limitsAfter(chunksBefore));
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    throw new UsageError(
      `found ${what} with ${error.found}, expected nil, booleans, numbers, text, binaries, lists and maps only`,
    );
  }
}
