import type { Draft } from '../state/draft.ts';
import { type Vma } from './vma.ts';
/**
 * Makes `vpn` present, and writable for a store. Returns the kind of fault that took (FAULT_NONE when the page was
 * there already), or the negated reason why it cannot be done. Whether the VMA allows the access is the caller's
 * to check, but a store needs a writable VMA.
 */
export declare function pageFault(draft: Draft, mmId: number, vpn: number, store: boolean): number;
/**
 * Faults all pages of a VMA in (populate_vma_page_range): private memory is written to, shared memory read. When
 * memory runs out, what is there stays. 0 or a negated reason.
 */
export declare function populate(draft: Draft, mmId: number, vma: Vma): number;
/** Drops one reference to a frame; the last one frees it. */
export declare function putFrame(draft: Draft, pfn: number): void;
