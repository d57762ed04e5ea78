/**
 * Page-table entries as numbers, in one canonical form for all architectures: frame * 4096 + flags, which is what x86
 * has in bits 0 to 51 (Intel SDM vol. 3A, 4.3-4.5). An entry fits in a double exactly. Two liberties: execute-disable
 * is bit 9 (bit 63 would not fit), and an entry that points to a table holds the row of that table in `tables`, not its
 * frame. The entry format of an architecture (arch/entry-format.ts) tells what its hardware would see.
 */
import type { EntryFlags } from '../arch/entry-format.ts';

export const PTE_PRESENT = 0x001;
export const PTE_RW = 0x002;
export const PTE_USER = 0x004;
export const PTE_ACCESSED = 0x020;
export const PTE_DIRTY = 0x040;
/** In an upper level: maps memory itself (a large page). */
export const PTE_LARGE = 0x080;
export const PTE_GLOBAL = 0x100;
/** Bit 63 on x86. */
export const PTE_NX = 0x200;
/** A bit that the hardware leaves to the kernel: store to this page makes a private copy. */
export const PTE_COW = 0x400;
/** The same: the frame is not counted (zero page, device memory). */
export const PTE_SPECIAL = 0x800;

/** Flags are the lowest 12 bits of an entry, as on x86. */
const FLAG_SPAN = 4096;

/** Kernel mappings are born accessed and dirty (_KERNPG_TABLE, __PAGE_KERNEL of pgtable_types.h, v6.1). */
export const KERNEL_FLAGS = PTE_PRESENT | PTE_RW | PTE_ACCESSED | PTE_DIRTY | PTE_GLOBAL | PTE_NX;
/** An entry that points to the next table (_PAGE_TABLE: dirty too, although the processor never sets that there). */
export const TABLE_FLAGS = PTE_PRESENT | PTE_RW | PTE_USER | PTE_ACCESSED | PTE_DIRTY;

/** An entry that maps `frame`; flags are PTE_ bits. */
export function makePte(frame: number, flags: number): number {
  return frame * FLAG_SPAN + flags;
}

/** The frame of a leaf, or the table row of an upper entry. */
export function pteFrame(pte: number): number {
  return Math.floor(pte / FLAG_SPAN);
}

/** The PTE_ bits of an entry. */
export function pteFlags(pte: number): number {
  return pte & (FLAG_SPAN - 1);
}

/**
 * An entry whose page is in a slot of the swap area (swp_entry_t): the number of the slot where frames have theirs, and
 * no flags, so that the hardware takes it for absent. Slot 0 is never used.
 */
export function swapPte(slot: number): number {
  return slot * FLAG_SPAN;
}

/** Whether an entry names a slot of the swap area, and no frame. */
export function isSwapPte(pte: number): boolean {
  return pte !== 0 && (pte & (FLAG_SPAN - 1)) === 0;
}

/** The flags that hardware knows, by name: what the format of an architecture (arch/entry-format.ts) encodes. */
export function entryFlags(flags: number): EntryFlags {
  return {
    present: (flags & PTE_PRESENT) !== 0,
    writable: (flags & PTE_RW) !== 0,
    user: (flags & PTE_USER) !== 0,
    accessed: (flags & PTE_ACCESSED) !== 0,
    dirty: (flags & PTE_DIRTY) !== 0,
    large: (flags & PTE_LARGE) !== 0,
    global: (flags & PTE_GLOBAL) !== 0,
    noExecute: (flags & PTE_NX) !== 0,
  };
}
