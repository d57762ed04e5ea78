/**
 * Where slabs with free objects wait: a cpu's partial list, short and without a lock, and the node's (mm/slub.c, v6.1).
 *
 * A slab that was full goes, with the first object that comes back, to the partial list of the cpu that freed it. When
 * that list is long enough all of it moves to the end of the node's, and there empty slabs beyond `minPartial` are
 * given back. Kernels for one cpu have the node's list only.
 */
import type { Draft } from '../state/draft.ts';
/** Puts a slab on a cpu's list; `drain`: first empties that list if it is full (put_cpu_partial). */
export declare function putCpuPartial(draft: Draft, cache: number, row: number, slab: number, drain: boolean): void;
/** Takes the first slab of a cpu's list; 0 when there is none. */
export declare function popCpuPartial(draft: Draft, row: number): number;
/** Moves a list of slabs, of which `first` is the first, from a cpu to the node (__unfreeze_partials). */
export declare function unfreeze(draft: Draft, cache: number, first: number): void;
/** An empty slab, of which the node keeps enough. */
export declare function isSurplus({ slabs, slabCaches }: Draft, cache: number, slab: number): boolean;
/** Puts a slab on the node's list: at its end, or in front. */
export declare function addPartial(draft: Draft, cache: number, slab: number, atEnd: boolean): void;
export declare function removePartial(draft: Draft, cache: number, slab: number): void;
