/**
 * Everything that FORMAT.md says of a trace, looked at from the first byte to the last: what `vmsplit check` does. Holds
 * one chunk, and three numbers for each, which the index must repeat.
 */
import type { Batch } from '../../core/event/batch.ts';
import { Fault, locateFaults, TraceError } from '../base/errors.ts';
import { ChunkDecoder } from './chunk.ts';
import type { ReadOptions } from './contents.ts';
import type { ChunkRecord, ChunkTable, IndexRecord, TraceHeader, TraceTotals } from './format.ts';
import { openRecords } from './stream-reader.ts';
import { differingCount, TotalsCounter } from './totals.ts';
import { TraceVocabulary } from './trace-vocabulary.ts';
import { firstChunkAt, walk } from './walk.ts';

/** What a check has found. */
export interface TraceCheck {
  readonly file: string;
  /** Of the trace up to the first fault. */
  readonly bytes: number;
  readonly chunks: number;
  readonly events: number;
  /** Whether the recording came to its end; false when there is a fault. */
  readonly complete: boolean;
  readonly fault?: Pick<TraceError, 'offset' | 'found' | 'expected'>;
}

/** Reads to the end, or to the first fault, which is a result and no error. */
export async function checkTrace(
  blocks: AsyncIterable<Uint8Array>,
  file: string,
  options: ReadOptions = {},
): Promise<TraceCheck> {
  const checker = new Checker(file, options);
  try {
    await checker.read(blocks);
  } catch (error) {
    if (!(error instanceof TraceError)) throw error;
    const { offset, found, expected } = error;
    return { ...checker.soFar, complete: false, fault: { offset, found, expected } };
  }
  return checker.soFar;
}

class Checker {
  soFar: TraceCheck;
  private readonly file: string;
  private readonly options: ReadOptions;
  private readonly chunks = { offset: [] as number[], firstEvent: [] as number[], count: [] as number[] };
  private readonly counter = new TotalsCounter();

  constructor(file: string, options: ReadOptions) {
    this.file = file;
    this.options = options;
    this.soFar = { file, bytes: 0, chunks: 0, events: 0, complete: false };
  }

  async read(blocks: AsyncIterable<Uint8Array>): Promise<void> {
    const { file } = this;
    const { head, records } = await openRecords(blocks, file);
    const { header, length, upgrade } = head;
    this.soFar = { ...this.soFar, bytes: length };
    const checkChunk = this.chunkCheck(header);
    for await (const { offset, end, record } of walk(records, file, firstChunkAt(length), upgrade)) {
      locateFaults(file, offset, () =>
        record.record === 'index' ? this.checkIndex(record, header) : checkChunk(offset, record),
      );
      this.soFar = {
        ...this.soFar,
        bytes: end,
        chunks: this.chunks.offset.length,
        events: this.counter.events,
        complete: record.record === 'index' && record.complete,
      };
      this.options.onProgress?.(end, undefined);
    }
  }

  private chunkCheck({ kinds }: TraceHeader): (offset: number, chunk: ChunkRecord) => void {
    const vocabulary = new TraceVocabulary(kinds, { unknownKinds: true });
    const decoder = new ChunkDecoder(vocabulary);
    const columns = new UnnamedColumns(kinds);
    return (offset, chunk) => {
      const batch = decoder.decodeAsWritten(chunk);
      columns.check(batch, chunk.firstEvent);
      this.counter.add(batch);
      this.chunks.offset.push(offset);
      this.chunks.firstEvent.push(chunk.firstEvent);
      this.chunks.count.push(chunk.count);
    };
  }

  private checkIndex(index: IndexRecord, { kinds }: TraceHeader): void {
    const { chunks } = this;
    for (const column of ['offset', 'firstEvent', 'count'] as const)
      checkColumn(column, index.chunks[column], chunks[column]);
    checkTotals(index.totals, this.counter.totals(kinds));
  }
}

function checkColumn(name: keyof ChunkTable, found: readonly number[], expected: readonly number[]): void {
  const wrong = found.findIndex((value, i) => value !== expected[i]);
  if (wrong >= 0)
    throw new Fault(
      `an index with ${name} ${found[wrong]} for chunk ${wrong}`,
      `${expected[wrong]}, as in the file`,
    );
}

function checkTotals(found: TraceTotals, counted: TraceTotals): void {
  checkCounts(found.kinds, counted.kinds);
  checkCounts({ ...found.references }, { ...counted.references });
}

function checkCounts(
  found: Readonly<Record<string, number>>,
  counted: Readonly<Record<string, number>>,
): void {
  const name = differingCount(found, counted);
  if (name !== undefined)
    throw new Fault(
      `an index that counts ${found[name] ?? 'no'} ${name}`,
      `${counted[name] ?? 'none'}, as in the chunks`,
    );
}

/** Columns that no field of an event's kind names hold 0, and the header names the kind. */
class UnnamedColumns {
  private readonly kinds: TraceHeader['kinds'];
  /** By code: a mask of all ones for each column that is not named. */
  private readonly unnamed = {
    object: new Int32Array(256),
    a: new Int32Array(256),
    b: new Int32Array(256),
    c: new Int32Array(256),
  };
  private readonly strange = new Uint8Array(256).fill(1);

  constructor(kinds: TraceHeader['kinds']) {
    this.kinds = kinds;
    for (const [code, { fields }] of Object.entries(kinds)) {
      const named = Object.values(fields);
      this.strange[Number(code)] = 0;
      for (const column of ['object', 'a', 'b', 'c'] as const)
        this.unnamed[column][Number(code)] = named.includes(column) ? 0 : -1;
    }
  }

  check(batch: Batch, firstEvent: number): void {
    const { count, kind, object, a, b, c } = batch;
    const { strange, unnamed } = this;
    let stray = 0;
    for (let i = 0; i < count; i++) {
      const code = kind[i]!;
      stray |= strange[code]!;
      stray |= object[i]! & unnamed.object[code]!;
      stray |= a[i]! & unnamed.a[code]!;
      stray |= b[i]! & unnamed.b[code]!;
      stray |= c[i]! & unnamed.c[code]!;
    }
    if (stray !== 0) this.findStray(batch, firstEvent);
  }

  private findStray(batch: Batch, firstEvent: number): void {
    for (let i = 0; i < batch.count; i++) {
      const code = batch.kind[i]!;
      if (this.strange[code] === 1)
        throw new Fault(`event ${firstEvent + i} of kind ${code}`, 'a kind that the header names');
      for (const column of ['object', 'a', 'b', 'c'] as const)
        if ((batch[column][i]! & this.unnamed[column][code]!) !== 0)
          throw new Fault(
            `${batch[column][i]} in column ${column} of event ${firstEvent + i}, ${this.kinds[code]!.name}`,
            '0 in a column that no field of the kind names',
          );
    }
  }
}
