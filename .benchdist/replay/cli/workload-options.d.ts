/** Options that say which events of a synthetic workload: for `record`, and for `workload:NAME` as a trace. */
import type { Command } from 'commander';
import { type Batch } from '../../core/index.ts';
/** The most events that a chunk of a trace holds. */
export declare const MOST_BATCH = 65536;
export interface WorkloadArguments {
    readonly seed?: number;
    readonly events?: number;
    readonly set?: readonly string[];
}
export declare function addSeedOption(command: Command): Command;
export declare function addWorkloadOptions(command: Command): Command;
/** A workload with everything chosen: the same choice gives the same events each time. */
export interface ChosenWorkload {
    readonly name: string;
    readonly seed: number;
    readonly events: number;
    /** Every option with its value, the defaults too. */
    readonly options: Readonly<Record<string, number>>;
    /** The arguments that make this choice. */
    readonly arguments: readonly string[];
    generate(batchSize?: number): Iterable<Batch>;
}
export declare function chooseWorkload(name: string, given: WorkloadArguments): ChosenWorkload;
