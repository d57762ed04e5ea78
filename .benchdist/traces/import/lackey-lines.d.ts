import type { BatchBuilder } from '../../core/event/batch.ts';
import { AddressWindows } from './windows.ts';
/** MAX_DSIZE of lackey/lk_main.c, which asserts it of every access. */
export declare const MAX_ACCESS_BYTES = 512;
export declare const MAX_ADDRESS_DIGITS = 16;
/** Room that one line needs in a batch: two windows to map and two parts of an access. */
export declare const MAX_EVENTS_PER_LINE = 4;
export declare class LackeyLines {
    /** Number of references by operation. */
    readonly references: Float64Array<ArrayBuffer>;
    readonly windows: AddressWindows;
    private readonly builder;
    private readonly onOtherLine;
    constructor(builder: BatchBuilder, onOtherLine: (line: string) => void);
    get full(): boolean;
    /**
     * Parses lines from `at` on until `end`, or until the batch is full; returns where the next line begins.
     * Made for lines as lackey writes them: three columns for the operation, 8 digits or more.
     */
    parse(bytes: Uint8Array, at: number, end: number): number;
    private reference;
    /** A reference in another form, or none at all; returns where the next line begins. */
    private rareLine;
}
