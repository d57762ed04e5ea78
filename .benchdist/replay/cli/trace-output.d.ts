import { type TraceOrigin, TraceWriter } from '../../traces/index.ts';
import type { Terminal } from './terminal.ts';
export declare const STDOUT = "-";
export interface Written {
    readonly file: string;
    readonly events: number;
    readonly bytes: number;
    /** False when it was interrupted, or is a part of something. */
    readonly complete: boolean;
}
/** Writes the events; false when they are a part only. */
type Fill = (writer: TraceWriter) => Promise<boolean>;
/**
 * Creates the trace at `path`, lets `fill` write it and finishes it. An interruption ends it early, whole and marked
 * incomplete. Bad input leaves nothing behind, a full disk what was written so far as `path`.partial; after either,
 * whatever was at `path` before is as it was.
 */
export declare function writeTrace(path: string, origin: TraceOrigin, terminal: Terminal, fill: Fill): Promise<Written>;
/** Gives signals and the progress bar a turn; throws when the command was interrupted. */
export declare function breathe(terminal: Terminal): Promise<void>;
/** Refuses to write a trace over what it is read from. */
export declare function refuseSameFile(input: string, output: string): Promise<void>;
export {};
