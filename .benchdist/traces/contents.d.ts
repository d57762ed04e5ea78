import { type ChunkTable, type IndexRecord, type Notes, type TraceHeader, type TraceTotals } from './format.ts';
import { type OnProgress, type Source } from './source.ts';
/** What is missing from a trace. */
export interface Lost {
    /** Byte from which on nothing can be used. */
    readonly offset: number;
    /** Number of events before it, all readable. */
    readonly eventsKept: number;
    readonly message: string;
}
export interface ReadOptions {
    readonly onProgress?: OnProgress | undefined;
}
/** Whether a file that begins like this is a trace. */
export declare function looksLikeTrace(firstBytes: Uint8Array): boolean;
export declare function readHeader(bytes: Uint8Array, file: string): {
    header: TraceHeader;
    length: number;
};
/** The index at the end of a file; undefined when there is none that is whole. */
export declare function readIndex(source: Source, headerBytes: number): Promise<IndexRecord | undefined>;
/** What a look at the index, or at all chunks, has found. */
export interface Contents {
    readonly chunks: ChunkTable;
    readonly totals: TraceTotals | undefined;
    readonly notes: Notes | undefined;
    readonly lost: Lost | undefined;
}
/** Walks over all chunks, checking but not decoding them, up to the end or the first fault. */
export declare function scan(source: Source, headerBytes: number, { onProgress }: ReadOptions): Promise<Contents>;
/** A fault in the file becomes a loss; anything else is not ours. */
export declare function lossFrom(error: unknown, eventsKept: number): Lost;
export declare function brokenOff(offset: number, { events }: TraceTotals): Lost;
