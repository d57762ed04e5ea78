/** Taking a cache's slabs from the cpus, and giving the empty ones back (flush_all, free_partial; mm/slub.c, v6.1). */
import type { Draft } from '../state/draft.ts';
/** Leaves a cache with no empty slab, and the cpus with nothing of it. */
export declare function shrinkCache(draft: Draft, cache: number): void;
