import type { Draft } from '../state/draft.ts';
import type { Zone } from './zones.ts';
/** Flags of a request, beside its order and type: only whole pageblocks may be taken from other types. */
export declare const ALLOC_NOFRAGMENT = 256;
/** The request may wake kswapd; the same bit as in gfp. */
export declare const ALLOC_KSWAPD = 2048;
/** Moves a block of at least this order to the lists of `migrateType`; false when no other type has one. */
export declare function stealFallback(draft: Draft, zone: Zone, order: number, migrateType: number, allocFlags: number): boolean;
