/**
 * A batch: up to some thousands of events in columns. The unit of everything: of a trace chunk, of a fold,
 * of an emission in the replay pipeline, of a checksum.
 */
import { type MemoryEvent } from './kinds.ts';
/** The number of events that generators, importers and readers put in a batch unless told otherwise. */
export declare const DEFAULT_BATCH_SIZE = 16384;
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
}
/** A batch of the given columns. All batches are made here, so that they are of one shape to V8's inline caches. */
export declare function newBatch(count: number, { kind, cpu, thinkNs, object, a, b, c }: Omit<Batch, 'count'>): Batch;
/** Collects events into batches. `push` is for hot loops, `add` for everything else. */
export declare class BatchBuilder {
    readonly capacity: number;
    private count;
    private columns;
    constructor(capacity?: number);
    get length(): number;
    get full(): boolean;
    /** Appends one event by column values; the caller looks at `full` first. */
    push(kind: number, cpu: number, thinkNs: number, object: number, a: number, b: number, c: number): void;
    add(event: MemoryEvent): void;
    /** The batch so far; the builder starts afresh with new columns. */
    take(): Batch;
}
/** A batch of the given events. */
export declare function batchOf(events: readonly MemoryEvent[]): Batch;
/** The event at index `at`, or undefined when its kind is unknown. */
export declare function eventAt(batch: Batch, at: number): MemoryEvent | undefined;
/** The events of a batch as objects, in order. */
export declare function eventsOf(batch: Batch): Generator<MemoryEvent>;
/** A part of a batch, sharing its columns. */
export declare function sliceBatch(batch: Batch, start: number, end: number): Batch;
/** The same events cut into batches of `size`, whatever the size of those that come in. */
export declare function rebatch(batches: Iterable<Batch>, size: number): Generator<Batch>;
