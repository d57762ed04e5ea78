/**
 * Gives each distinct pair of 32-bit numbers a small id, in order of appearance: an open-addressed hash table
 * whose keys lie in id order, so that interning a column also yields its dictionary.
 *
 * Numbers are signed here, because `x | 0` keeps the loops in integer arithmetic; `unsigned` gives them back.
 */
export declare class PairTable {
    /** The first and second number of each pair, by id. */
    readonly first: Int32Array;
    readonly second: Int32Array;
    size: number;
    /** Id + 1 by hash; 0 is empty. */
    private readonly slots;
    /** Where each id sits in `slots`, so that clearing costs what was used and no more. */
    private readonly slotOf;
    private readonly hashShift;
    /** Room for `capacity` pairs, half filled at most. */
    constructor(capacity: number);
    clear(): void;
    /** The pair's id; the caller never asks for more pairs than the capacity. */
    intern(first: number, second: number): number;
    private insert;
}
/** The numbers of a table as unsigned, without a copy. */
export declare function unsigned(numbers: Int32Array): Uint32Array;
