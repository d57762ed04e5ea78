import { type LineCursor } from './cursor.ts';
import type { RecordSlot } from './record.ts';
export interface Dialect {
    readonly name: 'ftrace' | 'perf-script' | 'trace-cmd';
    /** A line for people. */
    readonly describe: string;
    /** A whole line of it, for people. */
    readonly example: string;
    /** A line that no other dialect has. */
    readonly sniff: RegExp;
    /** What stands between the name of the task and the number. */
    readonly separator: number;
    /** Up to the end of the task's name, for lines with other columns. */
    readonly task: RegExp;
}
export declare const DIALECTS: readonly Dialect[];
/** Reads what stands before the tracepoint's name. */
export declare class LineHead {
    readonly dialect: Dialect;
    /** trace-cmd begins the lines of a named buffer with `NAME: `; seen in the last line that was out of columns. */
    private prefix;
    constructor(dialect: Dialect);
    /** Moves the cursor to the name of the tracepoint; false if the line has other columns or is none. */
    readColumns(cursor: LineCursor, record: RecordSlot): boolean;
    /** The same for a line in whatever columns. */
    readAnyhow(cursor: LineCursor, record: RecordSlot): boolean;
    /** From the end of the task's name on. */
    private readTask;
}
