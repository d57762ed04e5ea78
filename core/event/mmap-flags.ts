/**
 * The `flags` field of an mmap event: protection, sharing, and the place in the address space; and what the system
 * calls that change mappings are told. Numbers below PLACE_ are those of Linux (include/uapi, v6.1).
 */
export const PROT_READ = 1;
export const PROT_WRITE = 2;
export const PROT_EXEC = 4;
/** The bits of the flags that hold the protection. */
export const PROT_MASK = 7;

/** Stores are seen by every process that maps the object (else they are private, copy-on-write). */
export const MAP_SHARED = 1 << 3;
/** Fault all pages in at once. */
export const MAP_POPULATE = 1 << 4;

/** Where the layout puts the mapping: one of the PLACE_ values, shifted by PLACE_SHIFT. */
const PLACE_SHIFT = 8;
/** The bits of the flags that hold the place. */
export const PLACE_MASK = 7 << PLACE_SHIFT;
/** The mmap area, top-down below the stack (the default). */
export const PLACE_MMAP = 0;
/** Where execve puts the text of a fixed-address program; further TEXT mappings follow upwards (data, bss). */
export const PLACE_TEXT = 1 << PLACE_SHIFT;
/**
 * The stack: ends at the top of user space. The object is all that it may ever be; at first only its upper end is
 * mapped, and touching what lies below makes it grow.
 */
export const PLACE_STACK = 2 << PLACE_SHIFT;
/** The kernel's own pages for user mode, vdso (executable) and vvar: placed like all other mappings. */
export const PLACE_VDSO = 3 << PLACE_SHIFT;
/** Where execve puts a position-independent program that asks for a dynamic linker; TEXT mappings follow it. */
export const PLACE_PIE = 4 << PLACE_SHIFT;

/**
 * At a multiple of its length, a power of two: of twice as much, which the program maps, it keeps the part that begins at
 * one, and unmaps the rest (new_heap() of glibc's malloc/arena.c).
 */
export const MAP_ALIGNED = 1 << 12;

/** `mremapFlags`: the mapping may move when it cannot grow where it is. */
export const MREMAP_MAYMOVE = 1;

/** `advice` of madvise. */
export const MADV_NORMAL = 0;
export const MADV_RANDOM = 1;
export const MADV_SEQUENTIAL = 2;
export const MADV_WILLNEED = 3;
export const MADV_DONTNEED = 4;
export const MADV_FREE = 8;
export const MADV_HUGEPAGE = 14;
export const MADV_NOHUGEPAGE = 15;
/** Since 5.4. */
export const MADV_COLD = 20;
export const MADV_PAGEOUT = 21;
export const MADV_POPULATE_READ = 22;
export const MADV_POPULATE_WRITE = 23;
