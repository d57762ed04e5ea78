/** Where a command reads and writes. Only this file, and the progress bar it starts, write to the streams. */
import type { Readable, Writable } from 'node:stream';
import colors from 'picocolors';
import { type Progress } from './progress.ts';
/** A stream that may be a terminal. */
export interface Output extends Writable {
    readonly isTTY?: boolean;
}
export interface Input extends Readable {
    readonly isTTY?: boolean;
}
/** What a process has; tests bring their own. */
export interface Streams {
    readonly stdin: Input;
    readonly stdout: Output;
    readonly stderr: Output;
    readonly env: Readonly<Record<string, string | undefined>>;
    /** Aborted by Ctrl-C; its reason is an Interrupted. */
    readonly signal: AbortSignal;
}
export declare class Terminal {
    readonly signal: AbortSignal;
    /** Colours for stdout: none unless it is a terminal, and none if NO_COLOR is set (no-color.org). */
    readonly colors: ReturnType<typeof colors.createColors>;
    exitCode: number;
    private readonly streams;
    private stdinTaken;
    private stdoutTaken;
    private writeFailure;
    constructor(streams: Streams);
    /** Standard input, for the file name `-`. */
    takeStdin(expected: string): Input;
    /** Standard output for data, for the file name `-`; from now on results go to stderr. */
    takeStdout(what: string): Output;
    /** A result. */
    print(text: string): void;
    printJson(value: unknown): void;
    /** Something beside the result. */
    note(text: string): void;
    write(text: string): void;
    writeError(text: string): void;
    /** A bar on stderr if that is a terminal, nothing if not. */
    progress(label: string, unit: string, total: number | undefined): Progress;
    /** Lets go of standard input, which nobody will read any more, and waits until all is written or has failed. */
    close(): Promise<void>;
    /** A reader that went away (`| head`) is no failure; whoever writes data to stdout notices by itself. */
    private readonly onWriteError;
}
