import { type Command } from 'commander';
import { type Layout } from '../../core/index.ts';
export interface MachineArguments {
    readonly ram: bigint;
    readonly cpus?: number;
    readonly nrCpus?: number;
    readonly vmalloc?: bigint;
    readonly highmem?: bigint;
    readonly memoryMap?: string;
}
export declare function addMachineOptions(command: Command): Command;
/** The layouts of these names for one machine; unknown names and impossible machines are UsageErrors. */
export declare function layoutsOf(names: readonly string[], machine: MachineArguments, defaultCpus?: number): Promise<Layout[]>;
/** The same machine as arguments, for the line that reproduces a run. */
export declare function machineArguments(machine: MachineArguments): string[];
/** As people would type it: `1G`, `1536M`, or bytes. */
export declare function sizeText(bytes: bigint): string;
