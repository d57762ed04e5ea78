/** Reads a trace as it comes, from a pipe: without its end, and so without its index. */
import type { Batch } from '../core/event/batch.ts';
import { type Lost, type ReadOptions } from './contents.ts';
import type { Notes, TraceHeader, TraceTotals } from './format.ts';
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
export declare function openTraceStream(blocks: AsyncIterable<Uint8Array>, file: string): Promise<TraceStream>;
