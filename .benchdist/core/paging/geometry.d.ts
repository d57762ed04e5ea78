import type { Layout } from '../layout/layout.ts';
export interface TlbLevel {
    /** A power of two. */
    readonly sets: number;
    readonly ways: number;
}
/** What can be chosen. */
export interface MmuOptions {
    /** First-level instruction TLB. */
    readonly l1i: TlbLevel;
    /** First-level data TLB. */
    readonly l1d: TlbLevel;
    /** Second-level TLB, shared by instructions and data. */
    readonly l2: TlbLevel;
    /** Entries of the fully associative cache of last-level table addresses (PDE cache). */
    readonly walkCacheEntries: number;
    /** Keep the TLB entries of several address spaces apart, so that a switch need not flush. */
    readonly pcid: boolean;
}
/**
 * Intel Skylake (Optimization Reference Manual, table 2-12 for the client core: ITLB 128 entries 8-way, DTLB 64
 * entries 4-way, STLB 1536 entries 12-way). Simplified: entries of all page sizes share each TLB.
 */
export declare const DEFAULT_MMU: Omit<MmuOptions, 'pcid'>;
/** One level of the tree: index = (vpn * scale) & mask. */
export interface WalkLevel {
    readonly name: string;
    readonly scale: number;
    readonly mask: number;
    /** Pages that one entry covers. */
    readonly span: number;
    readonly mayBeLarge: boolean;
}
export interface MmuGeometry extends MmuOptions {
    readonly pageShift: number;
    readonly levels: readonly WalkLevel[];
    /** Rows of `ptes` for each page-table page. */
    readonly entriesPerTable: number;
    /** Entries of a last-level table. */
    readonly leafEntries: number;
    readonly nx: boolean;
}
export declare function mmuGeometry(layout: Layout, options: Partial<MmuOptions>): MmuGeometry;
