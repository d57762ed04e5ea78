import type { Draft } from '../../core/state/draft.ts';
/** How a page came to its list. */
export declare const FREED = 1;
export declare const REFILLED = 2;
export type Origin = typeof FREED | typeof REFILLED;
export declare class KnownLists {
    private readonly draft;
    private readonly whole;
    /** Pages that may be on any of several lists. */
    private readonly several;
    constructor(draft: Draft);
    /** Whether all pages on the list are known. */
    isWhole(list: number): boolean;
    length(list: number): number;
    /** The page that is given next, or -1. */
    first(list: number): number;
    last(list: number): number;
    /** Whether it is known which list the page is on. */
    isSure(pfn: number): boolean;
    isListed(pfn: number): boolean;
    /** The list that the page is on, -1 when it is on none or it is not known on which. */
    listOf(pfn: number): number;
    listsOf(pfn: number): readonly number[];
    originOf(pfn: number): Origin;
    /** The line in which it came to its list. */
    lineOf(pfn: number): number;
    orderOf(pfn: number): number;
    /** A page was freed to one of these lists. */
    push(lists: readonly number[], pfn: number, order: number, line: number): void;
    /** A list turned out to be empty, and got these pages. */
    refill(list: number, pages: readonly number[], order: number, line: number): void;
    /** There is nothing on the list, whatever was thought. */
    empty(list: number): void;
    /** Nothing is known of the list any more. */
    forget(list: number): void;
    /** Behind what is known of the list there is nothing. */
    closes(list: number): void;
    /** The page left its list. */
    take(pfn: number): void;
    /** Entries in front of a page of the list. */
    indexOf(list: number, pfn: number): number;
    /** What is known of a page that came where another one of the list was expected. */
    describe(pfn: number, list: number): string;
    /** The page is not on this list: it left unseen, or was on another one all the time. */
    strike(pfn: number, list: number): void;
    /** The page is on this list, if it may be. */
    confirm(pfn: number, list: number): void;
    private settle;
    private enter;
    private leave;
    /** A ring that is full forgets its last page, and with it that the list was whole. */
    private makeRoom;
    /** Closes the gap from the nearer end. */
    private removeAt;
}
