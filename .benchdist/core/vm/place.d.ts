import type { Draft } from '../state/draft.ts';
import type { Mm } from '../state/machine.ts';
/** First page for a new mapping; undefined when no gap is large enough. `where` is a PLACE_. */
export declare function place(draft: Draft, mm: Mm, where: number, nrPages: number): number | undefined;
/** Top-down from mmap_base; when that is full, or in the old order, bottom-up. */
export declare function placeAnywhere(draft: Draft, mm: Mm, nrPages: number): number | undefined;
/** Nothing is mapped in [start, end), and it lies in user space. */
export declare function isFree(draft: Draft, { vmas }: Pick<Mm, 'vmas'>, start: number, end: number): boolean;
/** The same for the heap, which keeps a page and a stack's guard gap above it free. */
export declare function isFreeForHeap(draft: Draft, { vmas }: Pick<Mm, 'vmas'>, start: number, end: number): boolean;
