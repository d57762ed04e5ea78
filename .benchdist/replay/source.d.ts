import { type Batch } from '../core/event/batch.ts';
/** A generator of a workload, the batches of a trace, an array. */
export type BatchSource = Iterable<Batch> | AsyncIterable<Batch>;
/** A source that can start at any event: an open trace, for example. */
export interface SeekableSource {
    batches(fromEvent: number): BatchSource;
}
/** A workload or an array as a seekable source; it starts over for each seek. */
export declare function seekable(batches: Iterable<Batch>): SeekableSource;
/** The same events in batches of `size`. */
export declare function recut(source: BatchSource, size: number): AsyncGenerator<Batch>;
/** Asks for the next batch only when the one before is done with, and lets the rest of the process breathe. */
export declare function paced(source: BatchSource, isDone: () => Promise<unknown>): AsyncGenerator<Batch>;
