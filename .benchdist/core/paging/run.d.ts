import type { Batch } from '../event/batch.ts';
import type { Draft } from '../state/draft.ts';
import { type Bindings } from './bindings.ts';
/** `refs` of a run: index of the event in its batch, shifted, and what the reference needs. */
export declare const REF_SHIFT = 4;
export declare const REF_EXECUTE = 1;
/** Stores to a page whose dirty bit is kept (user pages). */
export declare const REF_STORE = 2;
/** Set between the stages of translation: hit in a TLB, but the dirty bit may have to be set. */
export declare const REF_CHECK_DIRTY = 4;
/** Page references waiting for translation. Reused from run to run. */
export declare class Run {
    keys: Float64Array;
    refs: Int32Array;
    count: number;
    /** What the references left out amount to: repeats of the page before, second halves, time between them. */
    repeats: number;
    continued: number;
    thinkNs: number;
    constructor(capacity: number);
    reserve(capacity: number): void;
    push(key: number, ref: number): void;
}
/** Counts a reference to kernel memory by its type of address. */
export declare function countSpace(draft: Draft, space: number): void;
/** A reference of event `at`; `tracksDirty` for pages whose dirty bit matters (user pages). */
export declare function refOf(at: number, operation: number, tracksDirty: boolean): number;
/**
 * Fills the run with the accesses in [start, limit) up to the first that cannot be bound, leaving out those that
 * repeat the page before (same TLB, nothing new to find out). Returns where it stopped.
 */
export declare function collect(draft: Draft, bindings: Bindings, run: Run, batch: Batch, cpu: number, start: number, limit: number): number;
