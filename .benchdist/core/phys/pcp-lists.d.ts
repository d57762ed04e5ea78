/**
 * The lists of pages that each cpu has of each zone: one for each order and migrate type (struct per_cpu_pages in
 * include/linux/mmzone.h, v6.1; with two lists for huge pages, as since v6.11).
 *
 * A list is a ring in `pcpPages`: the entries at positions [first, end), of which `first` is the one that was freed
 * last. Unlike a list through the frames, it is pushed and popped without touching any other frame.
 */
import type { Draft } from '../state/draft.ts';
/** PAGE_ALLOC_COSTLY_ORDER: larger blocks go straight to the buddy allocator, but for huge pages where they have lists. */
export declare const PCP_MAX_ORDER = 3;
/** Lists of one cpu in one zone for the small orders: by order, then by migrate type. */
export declare const NR_PCP_LISTS: number;
/** Lists behind those, for huge pages: not movable, movable. The simulated kernel leaves them empty. */
export declare const NR_PCP_HUGE_LISTS = 2;
/** Cells of `pcps` for each cpu and zone: pages on all lists; log2 by which the next batch given back grows. */
export declare const PCP_COUNT = 0;
export declare const PCP_FREE_FACTOR = 1;
export declare const LIST_FIRST = 0;
export declare const LIST_END = 1;
/** Cells of one cpu. */
export declare const PCP_CELLS_PER_CPU: number;
/** First cell of what a cpu has of a zone. */
export declare function pcpCell(cpu: number, zone: number): number;
/** order_to_pindex(): the lists in the order in which they are drained. */
export declare function listIndex(order: number, migrateType: number): number;
/** First cell of a list. */
export declare function listCell(pcp: number, index: number): number;
/** Row of `pcpPages` of a position of a list. */
export declare function entryRow({ platform }: ReadsPlatform, list: number, position: number): number;
/** Makes a page the next one to be given. The caller counts it. */
export declare function pushFirst(draft: Draft, list: number, pfn: number): void;
/** Takes the first page off a list that is not empty. */
export declare function takeFirst(draft: Draft, list: number): number;
/** Takes the last page off a list that is not empty. */
export declare function takeLast(draft: Draft, list: number): number;
interface ReadsPlatform {
    readonly platform: Draft['platform'];
}
/** What the lists are read from: a machine or a draft. */
interface ReadsPcps extends ReadsPlatform {
    readonly pcps: Int32Array;
    readonly pcpPages: {
        get(row: number, field: number): number;
    };
}
/** Pages on all lists of a cpu in a zone: `count` of /proc/zoneinfo's pagesets. */
export declare function pcpCount(of: ReadsPcps, cpu: number, zone: number): number;
/** The first frames of the blocks on one list, the one that is given next first. */
export declare function pcpList(of: ReadsPcps, cpu: number, zone: number, order: number, migrateType: number): number[];
/** Entries of a list. */
export declare function entriesOf({ pcps }: ReadsPcps, list: number): number;
/** First frame of an entry; 0 is the one that is given next. */
export declare function entryAt(of: ReadsPcps, list: number, i: number): number;
export {};
