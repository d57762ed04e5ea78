/**
 * Page-table entries as numbers: frame * 4096 + flags, which is what the hardware has in bits 0 to 51 (Intel SDM
 * vol. 3A, 4.3-4.5). An entry fits in a double exactly. Two liberties: execute-disable is bit 9 (bit 63 would
 * not fit), and an entry that points to a table holds the row of that table in `tables`, not its frame
 * (`hardwareEntry` tells what the hardware would see).
 */
export declare const PTE_PRESENT = 1;
export declare const PTE_RW = 2;
export declare const PTE_USER = 4;
export declare const PTE_ACCESSED = 32;
export declare const PTE_DIRTY = 64;
/** In an upper level: maps memory itself (a large page). */
export declare const PTE_LARGE = 128;
export declare const PTE_GLOBAL = 256;
/** Bit 63 in hardware. */
export declare const PTE_NX = 512;
/** A bit that the hardware leaves to the kernel: store to this page makes a private copy. */
export declare const PTE_COW = 1024;
/** The same: the frame is not counted (zero page, device memory). */
export declare const PTE_SPECIAL = 2048;
/** Kernel mappings are born accessed and dirty (_KERNPG_TABLE, __PAGE_KERNEL of pgtable_types.h, v6.1). */
export declare const KERNEL_FLAGS: number;
/** An entry that points to the next table (_PAGE_TABLE: dirty too, although the processor never sets that there). */
export declare const TABLE_FLAGS: number;
export declare function makePte(frame: number, flags: number): number;
/** The frame of a leaf, or the table row of an upper entry. */
export declare function pteFrame(pte: number): number;
export declare function pteFlags(pte: number): number;
/** The 64-bit value that the hardware would read, given the frame that the entry points to. */
export declare function hardwareEntry(frame: number, flags: number, pageShift: number): bigint;
