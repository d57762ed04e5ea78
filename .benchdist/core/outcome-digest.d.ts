/**
 * The outcome digest: a fingerprint of what a machine made of a trace. It covers every outcome that has a status or
 * flags (all failures, faults, TLB misses and placements), with the number of its event, so it does not depend on how
 * the events were batched. What only took time shows in the clocks.
 */
import type { Outcomes } from './outcome.ts';
export declare class OutcomeDigest {
    private readonly digest;
    private events;
    /** Takes in the outcomes of the next batch. */
    add(outcomes: Outcomes): void;
    private addOne;
    toString(): string;
}
