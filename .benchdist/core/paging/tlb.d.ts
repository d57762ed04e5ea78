/**
 * The TLBs of a cpu: two first-level ones (instructions, data), a second level, and the cache of last-level table
 * addresses that walks use. Set-associative, true LRU: a set is a list with its most recent entry in front
 * (move to front), so the order within the set is the whole replacement state.
 *
 * All entries of a cpu lie in one Float64Array. An entry is a key: the page number, plus a tag in the bits above
 * that says whose page and of which size it is. 0 is an empty entry. In the data TLB a negative key is a page
 * known to be dirty, so that only the first store to a page has to look at its PTE. Entries hold no frame: the
 * kernel model flushes whatever it changes, so the page table always agrees (law 6 checks it).
 *
 *     key = (1 + asid * 4 + sizeClass) * 2^45 + (vpn >> (bits of that size class))
 *
 * asid 0 is the kernel's: global pages, which survive a switch. sizeClass 0 is a base page, 1 a page mapped one
 * level up, and so on. 45 bits hold the page numbers of 57-bit addresses.
 */
import type { MmuGeometry } from './geometry.ts';
export declare function keyBase(asid: number, sizeClass: number): number;
export declare function keyTag(key: number): number;
export declare function keyPage(key: number): number;
export declare function tagAsid(tag: number): number;
export declare function tagSizeClass(tag: number): number;
/** Where each part begins in the array of a cpu. */
export interface TlbParts {
    readonly l1i: number;
    readonly l1d: number;
    readonly l2: number;
    /** Keys of the walk cache, then the rows of their tables. */
    readonly walkKeys: number;
    readonly walkTables: number;
    readonly length: number;
}
export declare function tlbParts(mmu: MmuGeometry): TlbParts;
export declare const MISS = 0;
export declare const HIT = 1;
/** A store hit an entry that is not known to be dirty. */
export declare const HIT_CLEAN = 2;
/**
 * Looks a key up in the set that starts at `first`, and makes it the most recent entry whether or not it was
 * there: a miss always fills. The entry pushed out of the last way is gone.
 */
export declare function touch(tlb: Float64Array, first: number, ways: number, key: number, store: boolean): number;
/** Drops every entry whose key lies in [low, high), and the walk cache, as every invalidation does (SDM 4.10.4.1). */
export declare function dropKeys(mmu: MmuGeometry, tlb: Float64Array, low: number, high: number): void;
/** The same for the base pages [firstKey, firstKey + nrPages), looking at their sets only. */
export declare function dropPages(mmu: MmuGeometry, tlb: Float64Array, firstKey: number, nrPages: number): void;
