/** What can be wrong with a file. Every message says where, what was found, what was expected and how to mend it. */
import { UsageError } from '../core/errors.ts';
export interface TraceFault {
    /** Path, or `<stdin>`. */
    readonly file: string;
    /** Byte at which the faulty record begins. */
    readonly offset: number;
    readonly found: string;
    readonly expected: string;
    readonly remedy: string;
}
/** A `.vmt` file that is not what it should be. */
export declare class TraceError extends UsageError implements TraceFault {
    readonly name: string;
    readonly file: string;
    readonly offset: number;
    readonly found: string;
    readonly expected: string;
    readonly remedy: string;
    constructor({ file, offset, found, expected, remedy }: TraceFault);
}
/** A trace written by a later vmsplit, in a format this one cannot know. */
export declare class NewerTraceError extends TraceError {
    readonly name: string;
}
/**
 * What the decoding layers throw: they know what is wrong but not of which file. The reader, which knows
 * file and offset, turns it into a TraceError; it never leaves this folder.
 */
export declare class Fault extends Error {
    readonly name: string;
    readonly found: string;
    readonly expected: string;
    constructor(found: string, expected: string);
}
/** Runs one step of reading; a fault in it becomes an error that names the file and the record's place. */
export declare function locateFaults<T>(file: string, offset: number, read: () => T): T;
export interface ImportFault {
    readonly file: string;
    /** Line of the text, from 1; absent when the fault is of the file as a whole. */
    readonly line?: number;
    readonly found: string;
    readonly expected: string;
    readonly remedy: string;
}
/** A foreign trace that cannot be imported. */
export declare class ImportError extends UsageError implements ImportFault {
    readonly name: string;
    readonly file: string;
    readonly line?: number;
    readonly found: string;
    readonly expected: string;
    readonly remedy: string;
    constructor({ file, line, found, expected, remedy }: ImportFault);
}
