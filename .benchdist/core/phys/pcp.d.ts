import type { Draft } from '../state/draft.ts';
import type { Zone } from './zones.ts';
/** A page of the right order and type from this cpu's lists, refilled when there is none; its PFN, or -1. */
export declare function allocFromPcp(draft: Draft, zone: Zone, order: number, migrateType: number, allocFlags: number): number;
/** Puts a block first on this cpu's list of its pageblock's type; at the high mark, some go back. */
export declare function freeToPcp(draft: Draft, zone: Zone, pfn: number, order: number): void;
/** drain_all_pages(): empties the lists of every cpu. */
export declare function drainAllPcps(draft: Draft): void;
