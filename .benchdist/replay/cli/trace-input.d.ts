import { type Trace, type TraceStream } from '../../traces/index.ts';
import type { Terminal } from './terminal.ts';
export declare const STDIN = "-";
export interface NamedInput {
    readonly name: string;
    readonly byteLength: number | undefined;
    readonly blocks: AsyncIterable<Uint8Array>;
}
/** The bytes of a file or of standard input; Ctrl-C ends them. */
export declare function openBytes(path: string, expected: string, terminal: Terminal): Promise<NamedInput>;
export type TraceInput = {
    readonly seekable: true;
    readonly trace: Trace;
} | {
    readonly seekable: false;
    readonly trace: TraceStream;
};
/** Opens FILE or `-`. Who opens a file closes it. */
export declare function openTraceInput(path: string, terminal: Terminal): Promise<TraceInput>;
/** A missing file counts as a file: opening it tells what is wrong. Pipes such as /dev/fd/63 do not. */
export declare function isSeekable(path: string): Promise<boolean>;
