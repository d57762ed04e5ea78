/** Figures that are known to lie between two bounds. */
/** `low` <= figure <= `high`. */
export declare class Range {
    low: number;
    high: number;
    constructor(low: number, high: number);
    get isExact(): boolean;
    has(value: number): boolean;
    set(low: number, high?: number): void;
    /** `figure >>= 1`. */
    halve(): void;
    toString(): string;
}
/**
 * A figure that events change and that is read now and then, at some moment between two marks of the trace: what
 * happens between them may or may not be in what was read.
 */
export declare class ReadFigure {
    readonly value: Range;
    /** Since the first mark: the sum of the changes, and the least and the most that it came to. */
    private sum;
    private least;
    private most;
    get isKnown(): boolean;
    get isExact(): boolean;
    add(change: number): void;
    /** A change that no event tells of, and that was there before the figure was read. */
    correct(change: number): void;
    /** The first mark. */
    beginReading(): void;
    /** Nobody can tell any more. */
    forget(): void;
    /** At the second mark: what should have been read. Takes over what was. */
    endReading(found: number): Range;
}
