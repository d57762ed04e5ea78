import type { Terminal } from './terminal.ts';
/** Somebody pressed Ctrl-C. */
export declare class Interrupted extends Error {
    readonly name = "Interrupted";
    readonly exitCode: number;
    constructor(exitCode: number);
}
export declare function exitCodeOf(error: unknown): number;
/** Prints the message, if it is for this file to print. */
export declare function report(error: unknown, terminal: Terminal): void;
/** The Interrupted behind an error: itself, or the reason of the AbortError of a stream that it ended. */
export declare function interruptionOf(error: unknown): Interrupted | undefined;
