import type { Batch } from '../core/event/batch.ts';
/** From the root of the package: `ls -lR` of a directory, as valgrind's lackey saw it. */
export declare const REFERENCE_TRACE = "tests/fixtures/lackey/ls-lR.lackey.gz";
/** Events in memory, and the same as a .vmt file. */
export interface Recorded {
    readonly events: number;
    readonly batches: readonly Batch[];
    readonly bytes: Uint8Array;
}
export declare class Inputs {
    readonly seed: number;
    readonly tracePath: string;
    private trace;
    constructor(seed: number, tracePath?: string);
    referenceTrace(): Promise<Recorded>;
    /** The text of the fixture, whatever the reference trace. */
    lackeyText(): Promise<Uint8Array>;
    /** Kernel traces one after the other, again and again. */
    kernelText(): Promise<Uint8Array>;
}
export declare function recorded(batches: Iterable<Batch>): Promise<Recorded>;
export declare function encode(batches: Iterable<Batch>): Promise<Uint8Array>;
/** Batches of a trace in memory. */
export declare function decode(bytes: Uint8Array): AsyncGenerator<Batch>;
