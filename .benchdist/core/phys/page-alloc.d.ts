import type { Draft } from '../state/draft.ts';
import { type Zone } from './zones.ts';
/** alloc_pages(): the PFN of a block of 2^order frames, or the negated reason (OUT_OF_MEMORY ...). */
export declare function allocPages(draft: Draft, order: number, gfp: number, use: number, owner: number): number;
/** __free_pages(): gives back the block that starts at `pfn`. */
export declare function freePages(draft: Draft, pfn: number): void;
export declare function zoneOfPfn(zones: readonly Zone[], pfn: number): Zone;
/** Free pages of low memory above the low marks: what page tables can surely be taken from, on any cpu. */
export declare function lowmemHeadroom(draft: Draft): number;
