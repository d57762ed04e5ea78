export declare const FORMAT = "vmsplit-trace";
export declare const VERSION = 1;
/** Limits of what a reader accepts, and so of what a writer writes: they bound every allocation. */
export declare const MAX_CHUNK_EVENTS = 65536;
export declare const MAX_HEADER_BYTES = 65536;
/** Above the greatest chunk: seven columns of 65,536 events, at most 5 bytes each in the worst encoding. */
export declare const MAX_CHUNK_BYTES = 4194304;
/** About ten million chunks. */
export declare const MAX_INDEX_BYTES = 268435456;
/** A kind of event as the trace's own vocabulary has it: field name to column. */
export interface KindEntry {
    readonly name: string;
    readonly fields: Readonly<Record<string, string>>;
}
export interface TraceHeader {
    readonly format: typeof FORMAT;
    readonly version: number;
    readonly tool: string;
    readonly toolVersion: string;
    /** Null when no random number went into the trace. */
    readonly seed: number | null;
    /** How the trace was made: workload and options, or importer and file. */
    readonly parameters: Readonly<Record<string, unknown>>;
    readonly tickUnit: 'ns';
    /** By code, so that an old trace stays readable when the vocabulary has grown. */
    readonly kinds: Readonly<Record<string, KindEntry>>;
}
export interface ChunkRecord {
    readonly record: 'chunk';
    /** 0, 1, 2, ... */
    readonly seq: number;
    /** Index in the trace of the chunk's first event. */
    readonly firstEvent: number;
    readonly count: number;
    /** The dictionaries' sizes, when the chunk is coded in steps (steps.ts). */
    readonly steps?: {
        readonly lanes: number;
        readonly shapes: number;
        readonly steps: number;
    };
    readonly columns: Readonly<Record<string, Uint8Array>>;
}
/** Access events by operation; those that continue another (CONTINUED) are not counted again. */
export interface ReferenceCounts {
    readonly read: number;
    readonly write: number;
    readonly modify: number;
    readonly execute: number;
}
export interface TraceTotals {
    readonly events: number;
    /** Number of events by the name of their kind; kinds that do not occur are left out. */
    readonly kinds: Readonly<Record<string, number>>;
    readonly references: ReferenceCounts;
}
/** Where the chunks are; three columns of equal length. */
export interface ChunkTable {
    readonly offset: readonly number[];
    readonly firstEvent: readonly number[];
    readonly count: readonly number[];
}
export interface IndexRecord {
    readonly record: 'index';
    /** False when the recording was broken off. */
    readonly complete: boolean;
    readonly totals: TraceTotals;
    /** What the recorder knew only at the end, such as names of things that events call by number. */
    readonly notes?: Notes;
    readonly chunks: ChunkTable;
}
export type Notes = Readonly<Record<string, unknown>>;
/** This vmsplit's vocabulary, as a header carries it. */
export declare function currentKinds(): Record<string, KindEntry>;
/** Looks at the format and version only: everything else may differ in a later version. */
export declare function versionOf(record: unknown): number;
export declare function parseHeader(record: unknown): TraceHeader;
export declare function isIndex(record: unknown): boolean;
export declare function parseChunk(record: unknown): ChunkRecord;
export declare function parseIndex(record: unknown): IndexRecord;
