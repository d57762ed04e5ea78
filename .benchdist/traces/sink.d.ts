import type { Writable } from 'node:stream';
export interface Sink {
    /** Resolves when more may be written. */
    write(bytes: Uint8Array): Promise<void> | void;
    /** All is written: the result takes its final name. */
    close(): Promise<void> | void;
    /** The result is not wanted. */
    discard(): Promise<void> | void;
}
/** Keeps everything; for tests and small traces. */
export declare class MemorySink implements Sink {
    private readonly parts;
    write(bytes: Uint8Array): void;
    close(): void;
    discard(): void;
    bytes(): Uint8Array;
}
/** A stream, such as standard output; waits when the other side is slow. */
export declare function streamSink(stream: Writable, name: string): Sink;
/**
 * A file. It is written as `<path>.partial` and takes its name when it is closed, so that a failed run harms
 * no earlier file. What exists and is no regular file (a pipe, /dev/null) is written directly.
 */
export declare function fileSink(path: string): Promise<Sink>;
