import type { BatchSink } from '../writer.ts';
/** Cpus that the column of an event can name. */
export declare const MAX_CPUS = 256;
export declare class EventStream {
    /** Events that a line says. */
    said: number;
    /** Events that no line says, by the rule that concludes them. */
    readonly implied: Record<string, number>;
    /** Time that did not fit in an event. */
    lostNs: number;
    private readonly builder;
    private full;
    private cpu;
    private timeNs;
    private startNs;
    /** By cpu: when its last event was. */
    private readonly lastNs;
    /** Events from here on happen on this cpu at this time. */
    at(cpu: number, timeNs: number): void;
    /** The event that the line says. */
    say(kind: number, object: number, a?: number, b?: number, c?: number): void;
    /** An event that follows from a rule. */
    imply(rule: string, kind: number, object: number, a?: number, b?: number, c?: number): void;
    get count(): number;
    /** Cpus that had events: the highest number and 1. */
    get cpus(): number;
    /** Writes the batches that are full. */
    writeFull(output: BatchSink): Promise<void>;
    /** Writes all that is left. */
    end(output: BatchSink): Promise<void>;
    private push;
    /** Since the last event of this cpu, or the start of the trace. Stamps that go back, as merged traces have, give 0. */
    private thinkNs;
}
