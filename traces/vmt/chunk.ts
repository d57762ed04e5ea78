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
import { StepDecoder } from './step-decoder.ts';
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

/** Megabytes of scratch, which hold nothing between two chunks: all decoders have the same, once one needs it. */
let sharedStepDecoder: StepDecoder | undefined;
let scratch: Uint32Array | undefined;

function stepDecoder(): StepDecoder {
  sharedStepDecoder ??= new StepDecoder();
  return sharedStepDecoder;
}

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
    const decoded = stepDecoder().decode({ sizes, columns: columns as StepColumns }, count, this.room);
    const { kind, cpu } = decoded;
    this.sawOdd = stepDecoder().hasKind(this.vocabulary.odd, sizes.shapes);
    return newBatch(count, {
      ...decoded,
      kind: typeof kind === 'number' ? this.filledBytes('kind', kind, count) : kind,
      cpu: typeof cpu === 'number' ? this.filledBytes('cpu', cpu, count) : cpu,
      thinkNs: this.words('thinkNs', columns, count),
    });
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
    const out = this.room.words(name, count);
    decodeColumn(bytes, count, out);
    return out;
  }

  private bytes(name: ByteColumn, columns: ChunkColumns, count: number): Uint8Array {
    scratch ??= new Uint32Array(MAX_CHUNK_EVENTS);
    decodeColumn(columnOf(columns, name), count, scratch);
    const out = this.room.bytes(name, count);
    for (let i = 0; i < count; i++) {
      if (scratch[i]! > 0xff) throw new Fault(`${name} ${scratch[i]}`, 'one below 256');
      out[i] = scratch[i]!;
    }
    return out;
  }

  private kinds(columns: ChunkColumns, count: number): Uint8Array {
    const { odd } = this.vocabulary;
    const kinds = this.bytes('kind', columns, count);
    let found = 0;
    for (let i = 0; i < count; i++) found |= odd[kinds[i]!]!;
    this.sawOdd = found !== 0;
    return kinds;
  }

  private filledBytes(name: ByteColumn, value: number, count: number): Uint8Array {
    return filled(this.constantBytes, Uint8Array, name, value, count);
  }
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
