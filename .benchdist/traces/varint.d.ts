export declare const MAX_VARINT_BYTES = 5;
export declare function zigzag(difference: number): number;
export declare function unzigzag(code: number): number;
export declare function varintBytes(value: number): number;
/** Writes `value` at `at` and returns the place after it; the caller has made room. */
export declare function writeVarint(bytes: Uint8Array, at: number, value: number): number;
/**
 * Reads the varints in bytes[start, end) into `out` and returns their number. Exactly the whole range must
 * be used, and `out` must have room for all: what comes from a file is not trusted to be well formed.
 */
export declare function readVarints(bytes: Uint8Array, start: number, end: number, out: Uint32Array): number;
