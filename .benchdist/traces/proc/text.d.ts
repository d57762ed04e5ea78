/** Where a text comes from, for messages. */
export interface ProcPlace {
    /** Default: the path under /proc or /sys. */
    readonly file?: string;
    /** Line of the file at which the text begins, when it is a section of a larger one; default 1. */
    readonly firstLine?: number;
}
export declare class ProcText {
    private readonly lines;
    private readonly file;
    private readonly firstLine;
    private at;
    constructor(text: string, defaultFile: string, { file, firstLine }?: ProcPlace);
    get done(): boolean;
    /** The groups of the line here if it matches, and on to the next line; undefined, and no step, if not. */
    accept(pattern: RegExp): RegExpExecArray | undefined;
    /** The same for a line that must match; `expected` describes it to people, best by an example. */
    expect(pattern: RegExp, expected: string): RegExpExecArray;
    /** What `read` makes of every line that matches, from here on. */
    each<T>(pattern: RegExp, read: (match: RegExpExecArray) => T): T[];
    /** What `read` makes of the text until its end; at least one. */
    untilEnd<T>(read: () => T): T[];
    /** A fault of the line here. */
    fail(expected: string, remedy?: string): never;
    /** A fault of the line that was just read. */
    reject(expected: string, remedy?: string): never;
    private fault;
}
/** `  1  22   333 ` as numbers. */
export declare function numbersOf(text: string): number[];
/** `name value` lines by name. */
export declare function figuresOf(lines: ProcText, pattern: RegExp): Record<string, number>;
/** Numbers right-aligned, each followed by a blank: `%<width>lu `. */
export declare function columns(values: readonly (number | string)[], width: number): string;
/** `%0<digits>llx`. */
export declare function hexDigits(value: bigint, digits: number): string;
