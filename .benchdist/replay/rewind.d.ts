/**
 * The machine in the middle of a batch. The fold is pure, so a batch can be folded again, up to where something
 * needs explaining; asking for one event after the other folds it again once in all.
 */
import { type Batch } from '../core/event/batch.ts';
import type { Machine } from '../core/state/machine.ts';
export declare class Rewind {
    private readonly batch;
    private machine;
    private at;
    /** `before` is the machine that the batch was folded into. */
    constructor(before: Machine, batch: Batch);
    /** The machine that event `at` of the batch met; `at` never goes back. */
    to(at: number): Machine;
}
