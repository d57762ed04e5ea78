import type { AddressRange, Layout } from './layout.ts';
export interface DumpRange extends AddressRange {
    /** Level whose entry maps the range, or at which there is none: pgd, p4d, pud, pmd, pte. */
    readonly level: string;
    /** In the kernel's words, `RW PSE GLB NX`; empty where nothing is mapped. */
    readonly attributes: string;
}
export interface DumpPart {
    /** `Kernel Mapping`, `vmalloc() Area`, ... */
    readonly name: string;
    readonly ranges: readonly DumpRange[];
}
/** Where a part begins. */
export interface DumpMarker {
    readonly name: string;
    readonly start: bigint;
}
/** An entry of some table that maps memory or is empty, or several of one kind. */
export interface DumpEntry {
    readonly start: bigint;
    readonly level: string;
    readonly attributes: string;
}
/** The parts of the dump, ascending. */
export declare function pageTableDump(layout: Layout): DumpPart[];
/** Entries folded into ranges under markers; they come ascending and leave nothing out. */
export declare function foldEntries(layout: Layout, entries: Iterable<DumpEntry>): DumpPart[];
/** ESPFIX_BASE_ADDR. */
export declare const ESPFIX_BASE = 18446742974197923840n;
/** address_markers: a region that the layout lacks has none. */
export declare function dumpMarkers(layout: Layout): DumpMarker[];
/** With two levels of tables the top one is the middle directory too: a large page is found there. */
export declare function leafLevel({ translation }: Layout, level: number): string;
