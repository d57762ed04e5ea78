/**
 * Pages of a kernel trace: page frame numbers become objects. What the trace does not say is concluded:
 *
 *   - a free of pages never seen before: they were allocated before the trace began;
 *   - a free of pages that are free: alloc_pages_bulk() allocates without a tracepoint (kernel stacks, page pools),
 *     or lines were lost. In both cases an allocation is put just before the free;
 *   - an allocation of pages that are allocated: their free was lost;
 *   - a free of a part of a block: it was split (split_page, alloc_pages_exact, a large folio). The block is freed
 *     and what is left of it allocated again, in blocks that add up to it.
 */
import type { EventStream } from './event-stream.ts';
import type { ObjectNumbers } from './object-numbers.ts';
export declare class PageObjects {
    private readonly events;
    private readonly numbers;
    /** By page frame: the object that it belongs to, UNSEEN or FREED. */
    private readonly frames;
    /** By object: first page frame, order, gfp flags. */
    private readonly heads;
    private readonly orders;
    private readonly masks;
    constructor(events: EventStream, numbers: ObjectNumbers);
    alloc(pfn: number, order: number, gfp: number): undefined;
    free(pfn: number, order: number): undefined;
    private sayFree;
    private freePart;
    private freeUnknown;
    private implyAlloc;
    /** Frees whatever is live among 2^order pages. */
    private freeAll;
    private newBlock;
    private forget;
}
