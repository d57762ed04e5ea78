export interface Stream {
    readonly name: string;
    pages(): Uint32Array;
    /** Pages that are there before the stream begins; the others are faulted in on the way, in each call anew. */
    resident(): Uint32Array;
}
export declare const STREAMS: readonly Stream[];
