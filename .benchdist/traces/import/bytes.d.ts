/** What parsers of text as bytes have in common. */
export declare const NEWLINE = 10;
export declare const CARRIAGE_RETURN = 13;
export declare const SPACE = 32;
export declare const DIGIT_0 = 48;
/** In a table of bytes: not one of those that have a value. */
export declare const NONE = 255;
/** Byte to value; NONE for all others. */
export declare function tableOf(values: Readonly<Record<string, number>>): Uint8Array;
/** Byte to digit of either case, NONE for others. */
export declare const HEX_DIGITS: Uint8Array<ArrayBufferLike>;
/** One character a byte, so that places in the text are places in the bytes. */
export declare function latin1(bytes: Uint8Array): string;
