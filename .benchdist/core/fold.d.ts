/**
 * The fold: fold(machine, batch) -> the next machine, and what became of each event.
 *
 * Pure: the machine given is never changed, and the same inputs give the same bits. How the events are cut into
 * batches changes nothing but speed.
 */
import type { Patch } from 'immer';
import type { Batch } from './event/batch.ts';
import { type Outcomes } from './outcome.ts';
import type { Machine } from './state/machine.ts';
export interface FoldOptions {
    /** Tell what changed in the records, as immer patches. */
    readonly patches?: boolean;
}
export interface Folded {
    readonly machine: Machine;
    readonly outcomes: Outcomes;
    readonly patches: readonly Patch[];
}
export declare function fold(machine: Machine, batch: Batch, options?: FoldOptions): Folded;
