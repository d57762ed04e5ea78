import type { Handler } from '../fold-event.ts';
import type { Draft } from '../state/draft.ts';
/** Fields of a row of `kmapSlots`. */
export declare const KMAP: {
    readonly pfn: 0;
    readonly count: 1;
};
export declare const kmap: Handler;
export declare const kunmap: Handler;
/** Pages that are freed lose their slots. */
export declare function forgetKmaps(draft: Draft, cpu: number, pfn: number, nrPages: number): void;
