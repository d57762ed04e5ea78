/** Options of a workload: a table of numbers with their meaning, and what people may type for them. */
import { UsageError } from '../core/errors.ts';
export interface OptionSpec {
    readonly default: number;
    /** `bytes` accepts suffixes; an option without a unit (a ratio) may be a fraction, all others are whole. */
    readonly unit: string;
    readonly min: number;
    readonly max: number;
    /** What it means, its distribution, and where that comes from. */
    readonly doc: string;
}
export type OptionTable = Readonly<Record<string, OptionSpec>>;
export type OptionValues<T extends OptionTable = OptionTable> = {
    readonly [K in keyof T]: number;
};
export interface OptionRow extends OptionSpec {
    readonly name: string;
}
/** `key=value` settings to numbers, checked against the table. */
export declare function parseOptions(table: OptionTable, settings: readonly string[]): Record<string, number>;
/** The values of all options: those given, checked, and the defaults of the rest. */
export declare function completeOptions<T extends OptionTable>(table: T, given: Readonly<Record<string, number>>): OptionValues<T>;
export declare function optionRows(table: OptionTable): OptionRow[];
/** The error for a name that is not in a table, with the nearest one that is. */
export declare function unknownName(what: string, name: string, known: readonly string[]): UsageError;
