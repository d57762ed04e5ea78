/**
 * The `flags` field of an mmap event: protection, sharing, and the place in the address space; and what the system
 * calls that change mappings are told. Numbers below PLACE_ are those of Linux (include/uapi, v6.1).
 */
export declare const PROT_READ = 1;
export declare const PROT_WRITE = 2;
export declare const PROT_EXEC = 4;
export declare const PROT_MASK = 7;
/** Stores are seen by every process that maps the object (else they are private, copy-on-write). */
export declare const MAP_SHARED: number;
/** Fault all pages in at once. */
export declare const MAP_POPULATE: number;
/** Where the layout puts the mapping: one of the PLACE_ values, shifted by PLACE_SHIFT. */
export declare const PLACE_SHIFT = 8;
export declare const PLACE_MASK: number;
/** The mmap area, top-down below the stack (the default). */
export declare const PLACE_MMAP = 0;
/** Where execve puts the text of a fixed-address program; further TEXT mappings follow upwards (data, bss). */
export declare const PLACE_TEXT: number;
/**
 * The stack: ends at the top of user space. The object is all that it may ever be; at first only its upper end is
 * mapped, and touching what lies below makes it grow.
 */
export declare const PLACE_STACK: number;
/** The kernel's own pages for user mode, vdso (executable) and vvar: placed like all other mappings. */
export declare const PLACE_VDSO: number;
/** Where execve puts a position-independent program that asks for a dynamic linker; TEXT mappings follow it. */
export declare const PLACE_PIE: number;
/** `mremapFlags`: the mapping may move when it cannot grow where it is. */
export declare const MREMAP_MAYMOVE = 1;
/** `advice` of madvise. */
export declare const MADV_NORMAL = 0;
export declare const MADV_RANDOM = 1;
export declare const MADV_SEQUENTIAL = 2;
export declare const MADV_WILLNEED = 3;
export declare const MADV_DONTNEED = 4;
export declare const MADV_HUGEPAGE = 14;
export declare const MADV_NOHUGEPAGE = 15;
