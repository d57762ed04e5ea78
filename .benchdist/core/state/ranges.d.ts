/**
 * Free ranges of a window of page numbers, ascending and merged: the holes of the vmalloc window, of the page
 * cache's slots. Immutable; `edit()` copies once per fold, as a table does.
 *
 * Kept as two parallel arrays. A first fit scans the holes, of which there are few (neighbours merge), and an
 * insertion moves what lies above: at some thousands of holes both are a memory-speed loop.
 */
export declare class RangeSet {
    /** @internal */
    readonly starts: readonly number[];
    /** @internal First number behind the range. */
    readonly ends: readonly number[];
    private constructor();
    /** One free range [start, end). */
    static of(start: number, end: number): RangeSet;
    static empty(): RangeSet;
    /** @internal */
    static fromArrays(starts: readonly number[], ends: readonly number[]): RangeSet;
    get count(): number;
    /** Pages in the largest hole. */
    largest(): number;
    total(): number;
    edit(): RangeSetEdit;
}
export declare class RangeSetEdit {
    private readonly base;
    private starts;
    private ends;
    private changed;
    constructor(base: RangeSet);
    /**
     * Takes `size` pages from the lowest hole where they fit, aligned; undefined when there is none. Holes of less
     * than `roomy` pages are passed over.
     */
    takeLowest(size: number, align?: number, roomy?: number): number | undefined;
    /** Gives [start, end) back; it must not be free already. */
    release(start: number, end: number): void;
    get count(): number;
    /** Calls `visit` with every range, ascending. */
    forEach(visit: (start: number, end: number) => void): void;
    /** Takes over all ranges of `other`, which is empty afterwards. The two must not overlap. */
    absorb(other: RangeSetEdit): void;
    clear(): void;
    /** Pages in the largest hole. */
    largest(): number;
    total(): number;
    seal(): RangeSet;
    /** Removes [start, end) from hole `i`, which contains it. */
    private carve;
    /** Index of the first hole that starts above `page`. */
    private firstAbove;
    private own;
}
