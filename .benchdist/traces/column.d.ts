export type Column = Uint8Array | Uint32Array;
export declare function encodeColumn(values: Column, count: number): Uint8Array;
/** Fills `out[0, count)`. */
export declare function decodeColumn(bytes: Uint8Array, count: number, out: Uint32Array): void;
/** The value of a constant column; undefined for any other. Lets a reader share one filled array. */
export declare function constantOf(bytes: Uint8Array): number | undefined;
