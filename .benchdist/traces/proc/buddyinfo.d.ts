/** /proc/buddyinfo: free blocks by zone and order (frag_show_print of mm/vmstat.c). Pages on per-cpu lists are not in it. */
import { type ProcPlace } from './text.ts';
export interface BuddyinfoZone {
    readonly node: number;
    readonly zone: string;
    /** By order: free blocks of 2^order pages. */
    readonly freeBlocks: readonly number[];
}
/** One entry a populated zone, in the order of the file. */
export declare function parseBuddyinfo(text: string, place?: ProcPlace): BuddyinfoZone[];
/** Free pages that blocks by order come to. */
export declare function pagesOfBlocks(freeBlocks: readonly number[]): number;
export declare function formatBuddyinfo(zones: readonly BuddyinfoZone[]): string;
