import type { Machine } from '../../core/state/machine.ts';
import type { Suite } from './suite.ts';
export declare const translation: Suite;
/** A machine, and what it lacks for a process without VMAs. */
export interface Translated {
    readonly machine: Machine;
    readonly userRoot: number;
    /** Pages touched so far; each is mapped to the frame of that number. */
    readonly faults: number;
}
export declare function emptyAddressSpace(): Translated;
/** Translates loads from these pages, in batches. */
export declare function translated({ machine: start, userRoot, faults: before }: Translated, pages: Uint32Array): Translated;
