/**
 * A batch: up to some thousands of events in columns. The unit of everything: of a trace chunk, of a fold,
 * of an emission in the replay pipeline, of a checksum.
 */
import { checkedKind } from './check.ts';
import type { FieldColumn } from './kind-row.ts';
import type { KindName, MemoryEvent } from './kinds.ts';
import type { Steps } from './steps.ts';
import { kindOf } from './vocabulary.ts';

/** The number of events that generators, importers and readers put in a batch unless told otherwise. */
export const DEFAULT_BATCH_SIZE = 16384;

/** Columns are at least `count` long; what lies beyond `count` has no meaning. Never written once handed out. */
export interface Batch {
  readonly count: number;
  /** Kind codes. */
  readonly kind: Uint8Array;
  readonly cpu: Uint8Array;
  readonly thinkNs: Uint32Array;
  readonly object: Uint32Array;
  readonly a: Uint32Array;
  readonly b: Uint32Array;
  readonly c: Uint32Array;
  /** The same events as what repeats in them, where they were told so: the columns are made when they are asked for. */
  readonly steps?: Steps | undefined;
}

/** A batch of the given columns. All batches are made here, so that they are of one shape to V8's inline caches. */
export function newBatch(
  count: number,
  { kind, cpu, thinkNs, object, a, b, c }: Omit<Batch, 'count' | 'steps'>,
): Batch {
  return { count, kind, cpu, thinkNs, object, a, b, c, steps: undefined };
}

/** Collects events into batches. `push` is for hot loops and checks nothing; `add` is for everything else. */
export class BatchBuilder {
  readonly capacity: number;
  private count = 0;
  /** Events of the batches before. */
  private taken = 0;
  private columns: Batch;

  constructor(capacity: number = DEFAULT_BATCH_SIZE) {
    this.capacity = capacity;
    this.columns = emptyColumns(capacity);
  }

  get length(): number {
    return this.count;
  }

  get full(): boolean {
    return this.count === this.capacity;
  }

  /** Appends one event by column values; the caller looks at `full` first. */
  push(kind: number, cpu: number, thinkNs: number, object: number, a: number, b: number, c: number): void {
    const at = this.count++;
    const to = this.columns;
    to.kind[at] = kind;
    to.cpu[at] = cpu;
    to.thinkNs[at] = thinkNs;
    to.object[at] = object;
    to.a[at] = a;
    to.b[at] = b;
    to.c[at] = c;
  }

  /** Appends one event. UsageError when it is none of the vocabulary, or its columns cannot hold it. */
  add(event: MemoryEvent): void {
    // By name: which fields there are the kind says, beyond what the type of all kinds can.
    const values = event as unknown as Readonly<Record<string, number>>;
    const { row, fields } = checkedKind(values, this.taken + this.count);
    const columns: Record<FieldColumn, number> = { object: 0, a: 0, b: 0, c: 0 };
    for (const { name, column } of fields) columns[column] = values[name]!;
    this.push(row.code, event.cpu, event.thinkNs, columns.object, columns.a, columns.b, columns.c);
  }

  /** The batch so far; the builder starts afresh with new columns. */
  take(): Batch {
    const batch = newBatch(this.count, this.columns);
    this.columns = emptyColumns(this.capacity);
    this.taken += this.count;
    this.count = 0;
    return batch;
  }
}

/** A batch of the given events. UsageError tells the first that is none of the vocabulary, and what is wrong with it. */
export function batchOf(events: readonly MemoryEvent[]): Batch {
  const builder = new BatchBuilder(events.length);
  for (const event of events) builder.add(event);
  return builder.take();
}

/** The event at index `at`, or undefined when its kind is unknown. */
export function eventAt(batch: Batch, at: number): MemoryEvent | undefined {
  const kind = kindOf(batch.kind[at]!);
  if (kind === undefined) return undefined;
  const event: Record<string, number | KindName> = {
    kind: kind.name,
    cpu: batch.cpu[at]!,
    thinkNs: batch.thinkNs[at]!,
  };
  for (const { name, column } of kind.fields) event[name] = batch[column][at]!;
  return event as unknown as MemoryEvent;
}

/** The events of a batch as objects, in order. */
export function* eventsOf(batch: Batch): Generator<MemoryEvent> {
  for (let at = 0; at < batch.count; at++) {
    const event = eventAt(batch, at);
    if (event !== undefined) yield event;
  }
}

/** A part of a batch, sharing its columns. */
export function sliceBatch(batch: Batch, start: number, end: number): Batch {
  return newBatch(end - start, {
    kind: batch.kind.subarray(start, end),
    cpu: batch.cpu.subarray(start, end),
    thinkNs: batch.thinkNs.subarray(start, end),
    object: batch.object.subarray(start, end),
    a: batch.a.subarray(start, end),
    b: batch.b.subarray(start, end),
    c: batch.c.subarray(start, end),
  });
}

/** The same events cut into batches of `size`, whatever the size of those that come in. */
export function* rebatch(batches: Iterable<Batch>, size: number): Generator<Batch> {
  const builder = new BatchBuilder(size);
  for (const batch of batches) yield* fullBatches(builder, batch);
  if (builder.length > 0) yield builder.take();
}

/** Adds the events of a batch to a builder; gives the batches that become full. One that fits as it is is not copied. */
export function* fullBatches(builder: BatchBuilder, batch: Batch): Generator<Batch> {
  if (builder.length === 0 && batch.count === builder.capacity) {
    yield batch;
    return;
  }
  for (let at = 0; at < batch.count; at++) {
    const { kind, cpu, thinkNs, object, a, b, c } = batch;
    builder.push(kind[at]!, cpu[at]!, thinkNs[at]!, object[at]!, a[at]!, b[at]!, c[at]!);
    if (builder.full) yield builder.take();
  }
}

function emptyColumns(capacity: number): Batch {
  return newBatch(0, {
    kind: new Uint8Array(capacity),
    cpu: new Uint8Array(capacity),
    thinkNs: new Uint32Array(capacity),
    object: new Uint32Array(capacity),
    a: new Uint32Array(capacity),
    b: new Uint32Array(capacity),
    c: new Uint32Array(capacity),
  });
}
