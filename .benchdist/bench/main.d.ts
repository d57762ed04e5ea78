/** `main(arguments, streams)` runs the benchmarks that a command line asks for and returns its exit code. */
import type { Writable } from 'node:stream';
export interface Streams {
    readonly stdout: Writable;
    readonly stderr: Writable & {
        readonly isTTY?: boolean;
    };
    readonly env: Readonly<Record<string, string | undefined>>;
}
export declare function main(args: readonly string[], streams: Streams): Promise<number>;
