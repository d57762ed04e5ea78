/**
 * What things cost in simulated time. All integers, nanoseconds, so that sums do not depend on their order.
 *
 * The defaults are round figures for a 2-3 GHz x86 server, meant for comparing layouts with each other, not for
 * predicting a clock. Sources: TLB and walk latencies from the Intel 64 and IA-32 Architectures Optimization
 * Reference Manual (STLB hit 7-9 cycles; a walk is up to one memory reference a level, mostly cache hits);
 * minor fault, fork and context switch from lmbench figures for such machines (about 0.5 us, tens of us, 1-2 us);
 * a disk read as an SSD's 80 us. Every one can be overridden.
 */
export interface Costs {
    /** A reference whose translation hits the first-level TLB. */
    readonly accessNs: number;
    /** Extra for a hit in the second-level TLB. */
    readonly l2TlbHitNs: number;
    /** Each page-table entry read by a walk. */
    readonly walkReferenceNs: number;
    /** Entering and leaving the page fault handler. */
    readonly faultNs: number;
    /** Clearing a page. */
    readonly clearPageNs: number;
    /** Copying a page. */
    readonly copyPageNs: number;
    /** Reading a page from disk. */
    readonly diskReadNs: number;
    /** A system call's entry and exit: mmap, munmap, brk, fork, exec, exit. */
    readonly syscallNs: number;
    /** Each page-table entry that fork copies or unmap clears. */
    readonly pteNs: number;
    readonly contextSwitchNs: number;
    /** alloc_pages and __free_pages. */
    readonly pageAllocNs: number;
    readonly pageFreeNs: number;
    /** kmalloc and kmem_cache_alloc, and their frees. */
    readonly kmallocNs: number;
    readonly kfreeNs: number;
    /** kmem_cache_create and kmem_cache_destroy. */
    readonly cacheNs: number;
    /** vmalloc, ioremap and their frees, without their pages and entries. */
    readonly vmapAreaNs: number;
    readonly kmapNs: number;
    /** Telling another cpu to drop TLB entries (an inter-processor interrupt). */
    readonly shootdownNs: number;
}
export declare const DEFAULT_COSTS: Costs;
