import { type Batch } from '../core/event/batch.ts';
import { type Notes, type TraceHeader } from './format.ts';
import type { Sink } from './sink.ts';
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
export declare class TraceWriter implements BatchSink {
    private readonly sink;
    private readonly encoder;
    private readonly counter;
    private readonly gathered;
    private readonly kinds;
    private readonly chunks;
    private notes;
    private bytes;
    private events;
    private finished;
    private constructor();
    /** Writes the header at once, so that a sink that cannot be written is known before any work is done. */
    static create(sink: Sink, origin: TraceOrigin, { chunkEvents }?: WriterOptions): Promise<TraceWriter>;
    /** Events written so far, those not yet in a chunk included. */
    get eventCount(): number;
    /**
     * Adds events; await it before the next one. A batch of half a chunk or more becomes chunks of its own,
     * smaller ones are gathered.
     */
    write(batch: Batch): Promise<void>;
    /** What the trace should say of itself beside its events, when it is finished. */
    note(notes: Notes): void;
    /** Writes what is left, and the index. A recording that was broken off is readable but says so. */
    finish({ complete }?: {
        complete?: boolean | undefined;
    }): Promise<void>;
    /** The trace is not wanted, because what should go into it is bad. */
    discard(): Promise<void>;
    private gather;
    private flush;
    private writeChunks;
    private writeChunk;
    private append;
}
