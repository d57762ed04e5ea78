/**
 * The cpu entry area: for each cpu the pages that must be mapped when it enters the kernel, at a fixed address.
 *
 * Sources, all v6.1: arch/x86/include/asm/cpu_entry_area.h (struct cpu_entry_area), asm/processor.h (struct tss_struct
 * with two I/O bitmaps), asm/intel_ds.h, arch/x86/mm/cpu_entry_area.c (what is mapped, and how). The debug store at
 * the end is mapped on Intel's processors only; the captured machines have another.
 */
/** CPU_ENTRY_AREA_SIZE, in pages: what one cpu takes. */
export declare const CPU_ENTRY_AREA_PAGES_32: number;
/** A page that is mapped, by its number from the start of the area; page 0 is the IDT's. */
export interface EntryAreaPage {
    readonly page: number;
    readonly writable: boolean;
}
/** What is mapped behind the IDT's page. */
export declare function entryAreaPages(wordBits: 32 | 64, cpus: number): EntryAreaPage[];
