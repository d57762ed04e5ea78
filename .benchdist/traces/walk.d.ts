import { type ChunkRecord, type IndexRecord } from './format.ts';
export interface RecordBytes {
    /** Where the record begins in the file. */
    readonly offset: number;
    readonly bytes: Uint8Array;
}
export interface WalkedRecord {
    readonly offset: number;
    readonly record: ChunkRecord | IndexRecord;
}
/** Where a walk begins, and what it should find there. */
export interface WalkStart {
    readonly offset: number;
    readonly seq: number;
    readonly firstEvent: number;
}
export declare function firstChunkAt(headerBytes: number): WalkStart;
/**
 * Cuts blocks into MessagePack records. Holds one record and one block at most; a record that is cut by the
 * end of the file, longer than the format allows, or no MessagePack is a TraceError.
 */
export declare function recordsOf(blocks: AsyncIterable<Uint8Array>, file: string, startOffset: number): AsyncGenerator<RecordBytes>;
/** Yields the chunks and, once the trailer behind it has been seen, the index. */
export declare function walk(records: AsyncIterable<RecordBytes>, file: string, start: WalkStart): AsyncGenerator<WalkedRecord>;
