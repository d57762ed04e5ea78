import type { Batch } from '../event/batch.ts';
import { type Outcomes } from '../outcome.ts';
import type { Draft } from '../state/draft.ts';
import { type AddressSpace } from './translate.ts';
/** The MMU of one fold. */
export declare class Mmu implements AddressSpace {
    private readonly draft;
    private readonly parts;
    readonly kernelRoot: number;
    userRoot: number;
    private mm;
    private out;
    constructor(draft: Draft, out: Outcomes);
    /** Folds the accesses from index `start` on, at least one; returns the index behind the last one done. */
    accessRun(batch: Batch, start: number): number;
    /** AddressSpace: a fault that cannot fail, as `longestSafeRun` saw to it. */
    fault(vpn: number, store: boolean, event: number): void;
    private noteFault;
    /** Every reference may fault in two pages, and each of them needs its page, a copy, and tables. */
    private longestSafeRun;
    private enter;
    private tlb;
    /** One access: first whether it can be done, then the TLBs. */
    private accessAlone;
    /** Puts the page references of an access into the run, faulting pages in; or says why it cannot be done. */
    private prepare;
    private prepareUserPage;
    /** Where a cpu reaches a high memory page: kmap() or, on this cpu, kmap_local(). */
    private kmapVpn;
    private prepareKernelPage;
}
