/**
 * The same events under several layouts, compared event by event.
 *
 * An event differs when its status, the type of address it gave, or the fault it took is not the same in all
 * lanes. One that differs only because an earlier one did (it uses an object that some lane could not allocate)
 * is a consequence: counted, but not shown. Where an address was found (TLB level) differs nearly always, and
 * has a counter of its own; times are compared by the clocks at the end only.
 *
 * Whole columns are compared at once, then a word, that is four events, at a time; only words that differ are
 * looked into.
 */
import type { Batch } from '../core/event/batch.ts';
import { type KindName } from '../core/event/kinds.ts';
import { type Category, type Difference } from './difference.ts';
import type { Step } from './engine.ts';
export type { Difference } from './difference.ts';
export interface DifferencesResult {
    /** Differing events, consequences apart. */
    readonly total: number;
    readonly byCategory: Readonly<Record<Category, number>>;
    readonly byKind: {
        readonly [K in KindName]?: number;
    };
    /** Events that differ only because an object was there in some lanes and not in others. */
    readonly consequences: number;
    /** Accesses that were translated by different levels of the TLBs. */
    readonly tlbLevel: number;
    /** The first of each sort, in order, up to the number asked for. */
    readonly first: readonly Difference[];
}
export interface LockstepOptions {
    /** How many sorts of differences to keep; default 10. */
    readonly first?: number;
}
export declare class Lockstep {
    private readonly names;
    private readonly limit;
    private events;
    private total;
    private consequences;
    private tlbLevel;
    private readonly byCategory;
    private readonly byKind;
    /** The sorts seen, in order, each with how often. */
    private readonly sorts;
    /** Things that are not the same in all lanes any more; what happens to them next is a consequence. */
    private readonly uneven;
    private readonly work;
    /** `names` are those of the lanes, in their order. */
    constructor(names: readonly string[], { first }?: LockstepOptions);
    /** Compares what the lanes made of the next batch. */
    add(batch: Batch, steps: readonly Step[]): void;
    result(): DifferencesResult;
    private look;
    private sceneOf;
    /** A word for every four events: not zero where some lane tells another story than the first. */
    private compare;
    /** Zeroed words to work on; kept from batch to batch. */
    private scratch;
    private addOne;
    private isConsequence;
    /** Counts the sort of a difference, and explains the first of each. */
    private keep;
}
