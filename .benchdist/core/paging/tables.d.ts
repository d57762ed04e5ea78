import type { Draft } from '../state/draft.ts';
import type { MmuGeometry } from './geometry.ts';
/** Fields of a row of `tables`. Rows are numbered from 1. `pfn` of a free row links the free rows. */
export declare const TABLE: {
    readonly pfn: 0;
    readonly entries: 1;
};
/** Whatever a walk reads: a machine or a draft. */
export interface Walkable {
    readonly platform: {
        readonly mmu: MmuGeometry;
    };
    readonly ptes: {
        get(row: number, field: number): number;
    };
}
/** Row of `ptes` that level `level` of a walk reads in `table`. */
export declare function entryRow(mmu: MmuGeometry, table: number, vpn: number, level: number): number;
/** The last-level table on the way to `vpn`; 0 when the tree has none there or a large page is in the way. */
export declare function leafTable(of: Walkable, root: number, vpn: number): number;
/** The entry that maps `vpn`, 0 when there is none, and the level where it was found. */
export interface Leaf {
    pte: number;
    level: number;
}
export declare function findLeaf(of: Walkable, root: number, vpn: number): Leaf;
/** Levels above the base page at which the kernel maps `vpn`: 0 for a base page; undefined when it does not. */
export declare function kernelSizeClass(draft: Draft, vpn: number): number | undefined;
/** Maps a page (or, at an upper `level`, a large page), making the tables on the way; 0 or a negated reason. */
export declare function mapPage(draft: Draft, root: number, vpn: number, pte: number, level?: number): number;
/**
 * Maps consecutive pages from `vpn` on, as far as `next` gives entries (below zero: it has failed, and so does this).
 * The walk is repeated only where another table begins. 0 or a negated reason; what was mapped stays mapped.
 */
export declare function mapPages(draft: Draft, root: number, vpn: number, nrPages: number, next: () => number): number;
/** Writes an entry and keeps its table's count of entries in use. */
export declare function writePte(draft: Draft, row: number, pte: number): void;
/** Calls `visit` with each present last-level entry in [start, end), skipping what has no table. */
export declare function forEachPte(draft: Draft, root: number, start: number, end: number, visit: (vpn: number, row: number, pte: number) => void): void;
/** Clears the present last-level entries in [start, end), and frees the tables that are left empty. */
export declare function clearPtes(draft: Draft, root: number, start: number, end: number, visit: (pte: number) => void): void;
/** Clears the large pages that begin in [start, end). */
export declare function clearLargePages(draft: Draft, root: number, start: number, end: number): void;
/**
 * Clears the present last-level entries in [start, end), giving each to `visit`. A table's count is brought up to
 * date once, not for each of its entries.
 */
export declare function clearEntries(draft: Draft, root: number, start: number, end: number, visit: (pte: number) => void): void;
/** Frees the tables between [start, end) that have no entry left, bottom up. The root stays. */
export declare function freeEmptyTables(draft: Draft, root: number, start: number, end: number): void;
/** A new page-table page: its row, or a negated reason. */
export declare function newTable(draft: Draft): number;
/** Gives back a page-table page that has no entries. */
export declare function freeTable(draft: Draft, row: number): void;
