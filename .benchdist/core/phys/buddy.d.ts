import type { Draft } from '../state/draft.ts';
import { type Zone } from './zones.ts';
/** Neighbouring blocks of one order; the first begins at `pfn`. */
export interface BlockRun {
    pfn: number;
    count: number;
}
/** A block of 2^order frames of this type, or one of another type that becomes this type; its first PFN, or -1. */
export declare function takeBlock(draft: Draft, zone: Zone, order: number, migrateType: number, allocFlags: number): number;
/**
 * At most `most` blocks, the same that so many calls of `takeBlock` would give, as far as they are neighbours: all
 * come out of one larger block, for nothing smaller is left when that is split. False when there is none.
 */
export declare function takeRun(draft: Draft, zone: Zone, order: number, migrateType: number, allocFlags: number, most: number, run: BlockRun): boolean;
/** Merges the block with its buddy for as long as that is a free block of the same order in the same zone. */
export declare function freeBlock(draft: Draft, zone: Zone, freed: number, freedOrder: number, migrateType: number): void;
