import type { Command } from 'commander';
import { type MachineOptions } from '../../core/index.ts';
import { type InitialState } from '../../traces/index.ts';
import type { Events } from './events.ts';
export interface SnapshotArguments {
    readonly fromSnapshot?: true;
}
export declare function addSnapshotOption(command: Command): Command;
/** How the machines are to begin, if anything is asked for. */
export declare function memoryOf({ name, snapshot }: Pick<Events, 'name' | 'snapshot'>, { fromSnapshot }: SnapshotArguments): MachineOptions;
/** The state that the reports tell; what is no snapshot is a UsageError. */
export declare function readSnapshot(path: string): Promise<InitialState>;
/** A text, gzipped or not. */
export declare function textOf(path: string): Promise<string>;
