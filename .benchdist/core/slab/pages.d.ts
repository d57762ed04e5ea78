import type { Draft } from '../state/draft.ts';
/** A slab with all objects free, on no list; the negated reason when no page can be had. */
export declare function newSlab(draft: Draft, cache: number, gfp: number): number;
/** Gives the pages of an empty slab back, and its row to the free rows. */
export declare function discardSlab(draft: Draft, cache: number, slab: number): void;
