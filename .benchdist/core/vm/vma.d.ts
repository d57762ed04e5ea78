/** Virtual memory areas: the mappings of an address space, one for each part of an object that is alike. */
/** vm_flags that are kept beside protection and sharing; bit values of include/linux/mm.h, v6.1. */
export declare const VM_GROWSDOWN = 256;
export declare const VM_LOCKED = 8192;
/** Cannot grow: the kernel's own pages for user mode. */
export declare const VM_DONTEXPAND = 262144;
/** madvise(MADV_HUGEPAGE), madvise(MADV_NOHUGEPAGE). */
export declare const VM_HUGEPAGE = 536870912;
export declare const VM_NOHUGEPAGE = 1073741824;
/** [startVpn, startVpn + nrPages) of one object (vm_area_struct). */
export interface Vma {
    readonly startVpn: number;
    readonly nrPages: number;
    /** The object that it maps, and the page of the object at `startVpn`. */
    readonly object: number;
    readonly objectPage: number;
    /** PROT_ bits of event/mmap-flags.ts. */
    readonly prot: number;
    /** VM_ bits of above. */
    readonly flags: number;
    readonly shared: boolean;
    /** The file behind it (also that of shared anonymous memory), 0 for private anonymous memory. */
    readonly file: number;
}
export declare function endVpn(vma: Vma): number;
/** Where page 0 of its object would lie. */
export declare function baseVpn(vma: Vma): number;
/** The part of a VMA in pages [start, end), which it contains. */
export declare function clipVma(vma: Vma, start: number, end: number): Vma;
/** `right` begins where `left` ends, and continues it in every respect (can_vma_merge_after, v6.1). */
export declare function continues(left: Vma, right: Vma): boolean;
