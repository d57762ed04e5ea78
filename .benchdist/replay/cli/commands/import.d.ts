import { Command } from 'commander';
import { type ImportResult } from '../../../traces/index.ts';
import type { Terminal } from '../terminal.ts';
import { type Written } from '../trace-output.ts';
interface ImportArguments {
    readonly output?: string;
    readonly format?: string;
    readonly snapshot?: string;
    readonly list?: true;
    readonly json?: true;
}
export declare function importCommand(terminal: Terminal): Command;
export interface Imported {
    readonly written: Written;
    /** Undefined when it was interrupted. */
    readonly result: ImportResult | undefined;
}
export declare function importTo(terminal: Terminal, file: string, output: string, { format, snapshot }?: Pick<ImportArguments, 'format' | 'snapshot'>): Promise<Imported>;
export {};
