import type { EventHeader, MemoryEvent } from '../../core/event/kinds.ts';
import type { StatusName } from '../../core/outcome.ts';
import type { Workload } from '../workload.ts';
/** An event on cpu 0, with no time before it. */
export type Fact = MemoryEvent extends infer E ? E extends MemoryEvent ? Omit<E, keyof EventHeader> : never : never;
export interface Scene {
    /** What happens, and what to look at. */
    readonly says: string;
    readonly events: readonly MemoryEvent[];
    /** What each of its events comes to on the machine that the example is meant for. */
    readonly becomes: StatusName;
}
export interface Example extends Workload {
    /** The texts that it is taken from. */
    readonly source: string;
    /** The machine that it is meant for. */
    readonly layout: string;
    readonly ramBytes: number;
    readonly scenes: readonly Scene[];
}
export interface ExampleSpec {
    readonly name: string;
    readonly title: string;
    /** What the text says, which the example shows. */
    readonly doc: string;
    readonly source: string;
    readonly layout: string;
    readonly ramBytes: number;
    readonly scenes: readonly Scene[];
}
export declare function defineExample(spec: ExampleSpec): Example;
/** Events that succeed. */
export declare function scene(says: string, ...facts: readonly Fact[]): Scene;
/** Events that fail, for this reason. */
export declare function failing(becomes: StatusName, says: string, ...facts: readonly Fact[]): Scene;
