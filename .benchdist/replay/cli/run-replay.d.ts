/** Events through one layout or several, with progress: what the commands that replay have in common. */
import { Lane, type ReplayResult } from '../index.ts';
import { type Events } from './events.ts';
import { type MachineArguments } from './machine-options.ts';
import { type SnapshotArguments } from './snapshot-input.ts';
import type { Terminal } from './terminal.ts';
import type { WorkloadArguments } from './workload-options.ts';
/** Events in a batch at most: all columns and outcomes of one are in memory at once. */
export declare const MOST_FOLDED: number;
export interface ReplayRequest {
    /** FILE, - or workload:NAME. */
    readonly what: string;
    readonly given: MachineArguments & WorkloadArguments & SnapshotArguments;
    readonly layouts: readonly string[];
    readonly batchSize?: number | undefined;
    readonly firstDifferences?: number | undefined;
    /** Stop before this event. */
    readonly untilEvent?: number | undefined;
}
export interface Replayed {
    readonly events: Events;
    readonly lanes: readonly Lane[];
    readonly result: ReplayResult;
}
/** Boots the machines and replays the events. Broken off by Ctrl-C, the result tells how far it came. */
export declare function replayUnder(terminal: Terminal, request: ReplayRequest): Promise<Replayed>;
/** Prints a result and the line that reproduces it; a trace that is cut makes the exit code 1. */
export declare function reportReplay(terminal: Terminal, { events, result }: Replayed, reproduce: string, json: boolean): void;
/** The command line that repeats a replay. */
export declare function replayLine(command: string, { arguments: eventArguments }: Events, layoutArguments: readonly string[], { given, batchSize, firstDifferences }: ReplayRequest): string;
