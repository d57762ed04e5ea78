export interface Source {
    /** How messages call it. */
    readonly name: string;
    readonly byteLength: number;
    /** The bytes [offset, offset + length), fewer only at the end. */
    read(offset: number, length: number): Promise<Uint8Array> | Uint8Array;
    close(): Promise<void> | void;
}
export type OnProgress = (bytesDone: number, bytesTotal: number | undefined) => void;
/** Big enough that waiting for the disk costs nothing per event; small enough to stay in the cache. */
export declare const BLOCK_BYTES = 1048576;
export declare function memorySource(bytes: Uint8Array, name?: string): Source;
export declare function fileSource(path: string): Promise<Source>;
/** The bytes [start, end) in blocks; the next block is being read while one is worked on. */
export declare function blocksOf(source: Source, start: number, end: number): AsyncGenerator<Uint8Array>;
/** A file of any kind, pipes included, as a stream of blocks; `-` is standard input. */
export declare function openInput(path: string): Promise<{
    name: string;
    byteLength: number | undefined;
    blocks: AsyncIterable<Uint8Array>;
}>;
