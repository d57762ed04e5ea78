/** Rows of the `cpus` table: one cpu each. */
/** TLB_NR_DYN_ASIDS of arch/x86/include/asm/tlbflush.h, v6.1: address spaces that a cpu keeps apart by PCID. */
export declare const NR_ASIDS = 6;
/** Fields of a row. */
export declare const CPU: {
    readonly clockNs: 0;
    readonly pid: 1;
    readonly mm: 2;
    /** 1-based slot of `asidMm` in use; 0 when the cpu runs no user process. */
    readonly asid: 3;
    /** Slot that the next unknown address space takes. */
    readonly nextAsid: 4;
    /** The address space of asid i is in field asidMm + i - 1; 0 = none. */
    readonly asidMm: 5;
};
export declare const MAX_CPUS = 64;
