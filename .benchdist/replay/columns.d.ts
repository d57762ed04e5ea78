/** Four accesses in a row, as they stand in a kind column. */
export declare const FOUR_ACCESSES: number;
/** The first `count` bytes as words. What the last word holds beyond `count` has no meaning. */
export declare function wordsOf(column: Uint8Array, count: number): Int32Array;
