import type { Draft } from '../state/draft.ts';
/** An unmapped page behind every area catches overruns. */
export declare const GUARD_PAGES = 1;
/**
 * The first page of a new area (alloc_vmap_area), or undefined when there is no hole even after a purge.
 * An aligned area is looked for in holes that hold it wherever they begin (find_vmap_lowest_match); the kernel sees
 * a tighter fit only if its search happens to pass it. Simplified: it is seen when there is no other.
 */
export declare function takeArea(draft: Draft, cpu: number, nrPages: number, alignPages?: number): number | undefined;
/** Gives the addresses of an area back, of which nothing is mapped any more (free_vmap_area_noflush). */
export declare function freeArea({ vmallocLazy, vars }: Draft, vpn: number, nrPages: number): void;
/**
 * Runs the purge if enough areas wait for it. The kernel leaves it to a worker (drain_vmap_area_work), which gets the
 * cpu when the task that freed the last area lets go of it: where pages are allocated or freed one by one.
 */
export declare function purgeIfDue(draft: Draft, cpu: number): void;
/**
 * Makes holes of all freed areas, after one flush for all of them (__purge_vmap_area_lazy). Simplified: page tables
 * that are left empty go too; the kernel keeps them.
 */
export declare function purgeAreas(draft: Draft, cpu: number): void;
/** Notes that an object is an area of the window. */
export declare function nameArea(draft: Draft, object: number, cls: number, vpn: number, nrPages: number, sizeBytes: number): void;
/** Clears the base pages of an area, giving each frame's entry to `visit` (vunmap_range_noflush). */
export declare function unmapArea(draft: Draft, vpn: number, nrPages: number, visit: (pte: number) => void): void;
