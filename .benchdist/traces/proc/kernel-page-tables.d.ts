/**
 * /sys/kernel/debug/page_tables/kernel: ranges of the kernel's address space that are mapped alike (note_page and
 * printk_prot of arch/x86/mm/dump_pagetables.c). The kernel stops listing after a marker's limit and says how many
 * entries it left out.
 */
import { type ProcPlace } from './text.ts';
export interface PageTableRange {
    /** Virtual addresses [start, end). */
    readonly start: bigint;
    readonly end: bigint;
    /** Undefined where nothing is mapped. */
    readonly protection: PageTableProtection | undefined;
    /** Level whose entry maps the range, or at which nothing was found: pgd, p4d, pud, pmd, pte. */
    readonly level: string;
}
export interface PageTableProtection {
    readonly writable: boolean;
    readonly executable: boolean;
    /** USR, PWT, PCD, PSE, PAT, GLB, as far as set. */
    readonly flags: readonly string[];
}
export interface PageTableMarker {
    /** `vmalloc() Area`, `Fixmap area`, ... */
    readonly name: string;
    readonly ranges: readonly PageTableRange[];
    /** Ranges that the kernel did not print. */
    readonly skipped: number;
}
export declare function parseKernelPageTables(text: string, place?: ProcPlace): PageTableMarker[];
/** `digits` of an address: 8 or 16. */
export declare function formatKernelPageTables(markers: readonly PageTableMarker[], digits: number): string;
