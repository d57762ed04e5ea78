/** The events that a command works on: a trace (FILE or -), or a workload made up on the way (workload:NAME). */
import { type Batch } from '../../core/index.ts';
import { type InitialState, type Lost } from '../../traces/index.ts';
import type { BatchSource } from '../index.ts';
import type { Terminal } from './terminal.ts';
import { type WorkloadArguments } from './workload-options.ts';
export interface Events {
    readonly name: string;
    readonly batches: BatchSource;
    /** Undefined when it comes from a pipe. */
    readonly total: number | undefined;
    /** What the trace notes of the kernel that it was recorded on. */
    readonly snapshot?: InitialState | undefined;
    /** Cpus that the workload was made for. */
    readonly cpus: number;
    /** The arguments that name the same events again. */
    readonly arguments: readonly string[];
    /** What a trace lacks; known when the batches have ended. */
    lost(): Lost | undefined;
    close(): Promise<void> | void;
}
export declare const EVENTS_ARGUMENT = "a trace; - is standard input, workload:NAME a workload recorded on the way";
export declare function openEvents(what: string, given: WorkloadArguments, terminal: Terminal): Promise<Events>;
/** The first `count` events. */
export declare function firstEvents(source: BatchSource, count: number): AsyncGenerator<Batch>;
