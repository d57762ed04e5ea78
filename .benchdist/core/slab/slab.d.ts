/**
 * The slab allocator: slabs of 2^order pages cut into equal objects (SLUB, mm/slub.c, v6.1).
 *
 * A cpu allocates from its current slab, whose free objects it keeps on a list of its own; then from what other cpus
 * gave back to that slab; then from the slabs of its partial list, of the node's, and last from a new one. It frees
 * to its own list when the object belongs to its current slab, else to the slab's list: kfree and kmalloc of one size
 * is LIFO, and new slabs are given out in the order of addresses. See lists.ts for where slabs wait.
 *
 * Left out: debugging, the random order of new slabs (CONFIG_SLAB_FREELIST_RANDOM), nodes other than the one, slabs of
 * emergency reserves (pfmemalloc).
 */
import type { Draft } from '../state/draft.ts';
export interface SlabObject {
    slab: number;
    index: number;
}
/** Takes an object of a cache; the negated reason when no page can be had. Fills `into`. */
export declare function slabAlloc(draft: Draft, cache: number, gfp: number, into: SlabObject): number;
/** Gives an object back (do_slab_free). */
export declare function slabFree(draft: Draft, slab: number, index: number): void;
