import { type Outcomes } from '../outcome.ts';
import type { Draft } from '../state/draft.ts';
import { type Run } from './run.ts';
import { type TlbParts } from './tlb.ts';
/** What a run needs to know of the address space it runs in. */
export interface AddressSpace {
    /** Root tables for user and kernel pages. */
    readonly userRoot: number;
    readonly kernelRoot: number;
    /**
     * Makes `vpn` present, and writable if it is a store. Called when the entry is absent, or not writable.
     * `event` is the index in the batch of the reference that faulted.
     */
    fault(vpn: number, store: boolean, event: number): void;
}
export declare class Walker {
    private readonly draft;
    private readonly mmu;
    private readonly tlb;
    private readonly parts;
    private readonly space;
    constructor(draft: Draft, tlb: Float64Array, parts: TlbParts, space: AddressSpace);
    /** Walks for all that is left of the run. Returns the time it took, page faults included. */
    walkAll(run: Run, out: Outcomes): number;
    /** Does what one reference still needs; returns the number of page-table entries read for it. */
    private walk;
    /** A page of the running process: made present and writable as needed. */
    private walkUser;
    /** A store through a TLB entry that is not known to be dirty: it may be so already, or need a page fault. */
    private setDirty;
    /** Faults the page in if need be, sets its accessed and dirty bits, and returns its table. */
    private touchPte;
    /** A kernel page: always mapped, accessed and dirty from the start; perhaps large. */
    private walkKernel;
    private lastEntry;
    /**
     * The table that the walk cache holds for `key`, which becomes its most recent entry; 0 when it holds none, and
     * then the caller stores the table found in the first place.
     */
    private lookUp;
}
