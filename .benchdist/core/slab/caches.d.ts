import type { Draft } from '../state/draft.ts';
import { type SlabGeometry, type SlabRequest } from './geometry.ts';
/** Flags that make a difference; the others are not kept. */
export declare const SLAB_FLAGS: number;
/** The caches of boot; `platform.kmallocCaches` says in which rows they are. */
export declare function addKmallocCaches(draft: Draft): void;
/** Makes a cache with no slabs in the first free row; returns that. */
export declare function addCache(draft: Draft, geometry: SlabGeometry, flags: number, number: number): number;
/**
 * Row of the cache whose slabs a new one can use (find_mergeable); -1 when there is none. There is never more than
 * one: sizes are multiples of 8, so that less than a word is wasted by the same size only, and that would have merged.
 */
export declare function findMergeable({ slabCaches, vars, platform }: Draft, request: SlabRequest): number;
