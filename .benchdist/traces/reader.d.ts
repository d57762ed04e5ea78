import { type Batch } from '../core/event/batch.ts';
import { type Lost, type ReadOptions } from './contents.ts';
import { type ChunkTable, type Notes, type TraceHeader, type TraceTotals } from './format.ts';
import { type Source } from './source.ts';
export interface OpenOptions extends ReadOptions {
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
export declare function openTrace(source: Source, options?: OpenOptions): Promise<Trace>;
