import { type OnProgress } from '../source.ts';
type Blocks = AsyncIterable<Uint8Array>;
export declare function withProgress(blocks: Blocks, total: number | undefined, onProgress: OnProgress): Blocks;
export interface Peeked {
    readonly first: Uint8Array;
    /** The whole stream, the first bytes included. */
    readonly blocks: Blocks;
    /** Ends the stream when it is not wanted. */
    close(): Promise<void>;
}
/** At least `length` first bytes, fewer when there are no more. */
export declare function peek(blocks: Blocks, length: number): Promise<Peeked>;
/** The text of a gzip file; anything else as it is. */
export declare function gunzipped(blocks: Blocks, file: string): Promise<Blocks>;
export {};
