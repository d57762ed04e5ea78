/**
 * A chunk: a batch as bytes. Think times are always a column of their own; the other columns are told in
 * steps (steps.ts) when events resemble each other, as accesses do, and column by column (column.ts) when
 * they do not, as a stream of allocations with ever new object ids.
 */
import { type Batch, newBatch } from '../../core/event/batch.ts';
import { Fault } from '../base/errors.ts';
import { type Column, constantOf, decodeColumn, encodeColumn } from './column.ts';
import { type ColumnRoom, NEW_COLUMNS, wholeWords } from './column-room.ts';
import { type ChunkRecord, MAX_CHUNK_EVENTS, PLAIN_COLUMNS } from './format.ts';
import { StepBatch } from './step-batch.ts';
import { decodeSteps } from './step-decoder.ts';
import { StepEncoder } from './step-encoder.ts';
import { STEP_COLUMNS, type StepColumns, type StepSizes } from './steps.ts';
import type { TraceVocabulary } from './trace-vocabulary.ts';

type ByteColumn = 'kind' | 'cpu';
type WordColumn = Exclude<(typeof PLAIN_COLUMNS)[number], ByteColumn>;

type ChunkColumns = ChunkRecord['columns'];
type ChunkBody = Pick<ChunkRecord, 'columns' | 'steps'>;

export class ChunkEncoder {
  private readonly stepEncoder = new StepEncoder();

  encode(batch: Batch): ChunkBody {
    const { count } = batch;
    const inSteps = this.stepEncoder.encode(batch);
    if (inSteps !== undefined) {
      const columns = { thinkNs: encodeColumn(batch.thinkNs, count), ...inSteps.columns };
      return { steps: inSteps.sizes, columns };
    }
    return {
      columns: Object.fromEntries(PLAIN_COLUMNS.map((name) => [name, encodeColumn(batch[name], count)])),
    };
  }
}

/** Holds nothing between two chunks: all decoders have the same, once one needs it. */
let scratch: Uint32Array | undefined;

/** Decodes the chunks of a trace into batches. Faults are thrown as `Fault`. */
export class ChunkDecoder {
  private readonly vocabulary: TraceVocabulary;
  private readonly room: ColumnRoom;
  private sawOdd = false;
  /** The last constant column of each name, which batches share: a batch is never written. */
  private readonly constantBytes = new Map<string, Uint8Array>();
  private readonly constantWords = new Map<string, Uint32Array>();

  constructor(vocabulary: TraceVocabulary, room: ColumnRoom = NEW_COLUMNS) {
    this.vocabulary = vocabulary;
    this.room = room;
  }

  /** The events as this vmsplit has them, whatever the trace's own vocabulary. */
  decode(chunk: Pick<ChunkRecord, 'count' | 'steps' | 'columns'>): Batch {
    const batch = this.decodeAsWritten(chunk);
    return this.sawOdd ? this.vocabulary.translate(batch) : batch;
  }

  decodeAsWritten({ count, steps, columns }: Pick<ChunkRecord, 'count' | 'steps' | 'columns'>): Batch {
    this.sawOdd = false;
    return steps === undefined ? this.decodeColumns(columns, count) : this.decodeSteps(steps, columns, count);
  }

  private decodeSteps(sizes: StepSizes, columns: ChunkColumns, count: number): Batch {
    for (const name of STEP_COLUMNS) columnOf(columns, name);
    const thinkNs = this.words('thinkNs', columns, count);
    const encoded = { sizes, columns: columns as StepColumns };
    const steps = decodeSteps(encoded, count, constantOf(columnOf(columns, 'thinkNs')), this.room);
    const { kind, cpu, shapes, table } = steps;
    this.sawOdd = hasOdd(this.vocabulary.odd, table.kind, shapes);
    const given = {
      kind: kind === undefined ? undefined : this.filledBytes('kind', kind, count),
      cpu: cpu === undefined ? undefined : this.filledBytes('cpu', cpu, count),
      thinkNs,
    };
    return new StepBatch(count, steps, given, this.room);
  }

  private decodeColumns(columns: ChunkColumns, count: number): Batch {
    return newBatch(count, {
      kind: this.kinds(columns, count),
      cpu: this.bytes('cpu', columns, count),
      thinkNs: this.words('thinkNs', columns, count),
      object: this.words('object', columns, count),
      a: this.words('a', columns, count),
      b: this.words('b', columns, count),
      c: this.words('c', columns, count),
    });
  }

  private words(name: WordColumn, columns: ChunkColumns, count: number): Uint32Array {
    const bytes = columnOf(columns, name);
    const constant = constantOf(bytes);
    if (constant !== undefined) return filled(this.constantWords, Uint32Array, name, constant, count);
    const out = this.room.of(Uint32Array, name, count);
    decodeColumn(bytes, count, out);
    return out;
  }

  private bytes(name: ByteColumn, columns: ChunkColumns, count: number): Uint8Array {
    scratch ??= new Uint32Array(MAX_CHUNK_EVENTS);
    decodeColumn(columnOf(columns, name), count, scratch);
    const out = this.room.of(Uint8Array, name, count);
    for (let i = 0; i < count; i++) {
      if (scratch[i]! > 0xff) throw new Fault(`${name} ${scratch[i]}`, 'one below 256');
      out[i] = scratch[i]!;
    }
    return out;
  }

  private kinds(columns: ChunkColumns, count: number): Uint8Array {
    const kinds = this.bytes('kind', columns, count);
    this.sawOdd = hasOdd(this.vocabulary.odd, kinds, count);
    return kinds;
  }

  private filledBytes(name: ByteColumn, value: number, count: number): Uint8Array {
    return filled(this.constantBytes, Uint8Array, name, value, count);
  }
}

/** Whether one of these kinds is marked. */
function hasOdd(odd: Uint8Array, kinds: Uint8Array, count: number): boolean {
  let found = 0;
  for (let i = 0; i < count; i++) found |= odd[kinds[i]!]!;
  return found !== 0;
}

function filled<T extends Column>(
  cache: Map<string, T>,
  make: new (length: number) => T,
  name: string,
  value: number,
  count: number,
): T {
  const cached = cache.get(name);
  if (cached !== undefined && cached.length >= count && cached[0] === value) return cached;
  const column = new make(wholeWords(count));
  column.fill(value);
  cache.set(name, column);
  return column;
}

function columnOf(columns: ChunkColumns, name: string): Uint8Array {
  const bytes = columns[name];
  if (bytes === undefined) throw new Fault(`a chunk without column ${name}`, 'all its columns');
  return bytes;
}
