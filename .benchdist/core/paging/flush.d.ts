import type { Draft } from '../state/draft.ts';
/** Forgets [vpn, vpn + nrPages) of an address space; nrPages undefined means all of it. */
export declare function flushUser(draft: Draft, cpu: number, mm: number, vpn?: number, nrPages?: number): void;
/** Forgets kernel base pages on every cpu; of many, everything (flush_tlb_kernel_range). */
export declare function flushKernel(draft: Draft, cpu: number, vpn: number, nrPages: number): void;
/** Forgets a kernel base page on this cpu only (flush_tlb_one_kernel). */
export declare function flushOneKernelPage(draft: Draft, cpu: number, vpn: number): void;
/** Ends an address space: no cpu keeps it, or anything of it. */
export declare function forgetMm(draft: Draft, cpu: number, mm: number): void;
/** The cpu runs no process any more. */
export declare function stopUser(draft: Draft, cpu: number): void;
/**
 * Loads an address space (switch_mm): under the asid that still holds its entries, or under the next one, whose
 * entries go. Without PCID there is one asid, so every other address space flushes the user half; the kernel's
 * global entries stay either way.
 */
export declare function loadMm(draft: Draft, cpu: number, pid: number, mm: number): void;
