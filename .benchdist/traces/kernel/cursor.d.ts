/** A place in a line where something else should be. */
export declare class Malformed extends Error {
    readonly name = "Malformed";
    readonly expected: string;
    constructor(expected: string);
}
/** `bytes` end with a newline, so that loops over digits or words end by themselves. */
export declare class LineCursor {
    bytes: Uint8Array;
    at: number;
    /** Moves past exactly these bytes. */
    key(key: Uint8Array): void;
    /** Moves past these bytes if they are here. */
    optionalKey(key: Uint8Array): boolean;
    /** Moves to where these bytes begin, later in the line. */
    seek(key: Uint8Array): void;
    skipSpaces(): void;
    /** Moves to the end of the word, and returns where that is. */
    skipWord(): number;
    isDigit(): boolean;
    /** A decimal number; of one above 2^53 the low 53 bits, as with `hex`. */
    decimal(): number;
    /** Hex digits; of a number above 2^53 the low 53 bits, which tell any two kernel addresses apart. */
    hex(): number;
    /** `0x` and hex digits, or a decimal number. */
    number(): number;
    /** A pointer in any form: `ffff888100bfec48`, `0xffff888100bfec48`, `(nil)`, `(null)`. */
    pointer(): number;
    private nil;
    private prefix;
}
