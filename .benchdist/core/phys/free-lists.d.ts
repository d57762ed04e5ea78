/**
 * The free lists of a zone: one for each order and migrate type, doubly linked through the frames themselves
 * (struct free_area in include/linux/mmzone.h, v6.1).
 */
import type { Draft } from '../state/draft.ts';
export declare const FREE_LIST_CELLS: number;
/** Cell that counts the free pages of a zone. */
export declare function freePagesCell(zone: number): number;
export declare function boostCell(zone: number): number;
/** Cell whose bit n says that the list of order n holds something. */
export declare function ordersCell(zone: number, migrateType: number): number;
/** What a list is read from: a machine or a draft. */
interface ReadsLists {
    readonly freeLists: Int32Array;
}
/** Pages on the free lists of a zone. */
export declare function freePagesOf(of: ReadsLists, zone: number): number;
/** PFN of the first block, or -1. */
export declare function headOf(of: ReadsLists, zone: number, order: number, migrateType: number): number;
/** Number of blocks on one list. */
export declare function listLength(of: ReadsLists, zone: number, order: number, migrateType: number): number;
/** Free blocks of an order, of all types: a figure of /proc/buddyinfo (free_area.nr_free). */
export declare function nrFree(of: ReadsLists, zone: number, order: number): number;
/** Bit n is set when some list of order n holds something. */
export declare function ordersWithBlocks(of: ReadsLists, zone: number): number;
/** Makes a block free: the first of its list. The caller counts its pages. */
export declare function addToFreeList(draft: Draft, zone: number, pfn: number, order: number, migrateType: number): void;
/** The same, as the last of its list: what is wanted there is that it is not taken soon. */
export declare function addToFreeListTail(draft: Draft, zone: number, pfn: number, order: number, migrateType: number): void;
/** Takes a free block off its list. Nobody's from here on. */
export declare function removeFromFreeList(draft: Draft, zone: number, pfn: number, order: number): void;
export {};
