export declare const TRAILER_BYTES: number;
/** The record with its checksum as last field. */
export declare function packRecord(record: object): Uint8Array;
/** Decodes exactly one record whose end `recordEnd` has found. */
export declare function unpackRecord(bytes: Uint8Array): unknown;
export declare function verifyChecksum(bytes: Uint8Array): void;
export declare function packTrailer(indexBytes: number): Uint8Array;
/** The length of the index record before the trailer; undefined when this is no trailer. */
export declare function unpackTrailer(bytes: Uint8Array): number | undefined;
/**
 * Where the MessagePack value at `start` ends; undefined when the bytes end before it does. Only what a trace
 * needs may occur (nil, booleans, numbers, text, binaries, lists, maps): no extension types.
 */
export declare function recordEnd(bytes: Uint8Array, start: number): number | undefined;
