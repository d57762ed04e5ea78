/** The `flags` field of an mmap event: protection, sharing, and the place in the address space. */
export const PROT_READ = 1;
export const PROT_WRITE = 2;
export const PROT_EXEC = 4;
export const PROT_MASK = 7;

/** Stores are seen by every process that maps the object (else they are private, copy-on-write). */
export const MAP_SHARED = 1 << 3;
/** Fault all pages in at once. */
export const MAP_POPULATE = 1 << 4;

/** Where the layout puts the mapping: one of the PLACE_ values, shifted by PLACE_SHIFT. */
export const PLACE_SHIFT = 8;
export const PLACE_MASK = 3 << PLACE_SHIFT;
/** The mmap area, top-down below the stack (the default). */
export const PLACE_MMAP = 0;
/** Where execve puts the text of a fixed-address program; further TEXT mappings follow upwards (data, bss). */
export const PLACE_TEXT = 1 << PLACE_SHIFT;
/** The stack: ends at the top of user space. */
export const PLACE_STACK = 2 << PLACE_SHIFT;
