/** A workload: a named description, with options, of who does what to memory; it turns into batches of events. */
import { type Batch } from '../core/event/batch.ts';
import { Engine } from './engine.ts';
import { type OptionRow, type OptionTable, type OptionValues } from './options.ts';
export interface Workload {
    readonly name: string;
    /** A line for people. */
    readonly title: string;
    /** What it models, and what it is good for seeing. */
    readonly doc: string;
    readonly options: readonly OptionRow[];
    /** Events of a default recording: enough to see what the workload is about. */
    readonly defaultEvents: number;
    /** `--set` arguments (`name=value`, sizes with K, M or G) to option values; UsageError for what is wrong. */
    parse(settings: readonly string[]): Readonly<Record<string, number>>;
    /**
     * The first `events` events of the workload, lazily (fewer if it comes to an end before). The same arguments give the same events each time, and the
     * batch size changes only where they are cut. With the option `drain` the burst that reaches `events` is
     * finished, and then everything still alive is freed.
     */
    generate(seed: number, options: Readonly<Record<string, number>>, events: number, batchSize?: number): Iterable<Batch>;
}
export interface WorkloadSpec<T extends OptionTable> {
    readonly name: string;
    readonly title: string;
    readonly doc: string;
    readonly options: T;
    readonly defaultEvents: number;
    /** Declares files and starts the first tasks. */
    readonly start: (engine: Engine, options: OptionValues<T>) => void;
}
export declare function defineWorkload<T extends OptionTable>(spec: WorkloadSpec<T>): Workload;
