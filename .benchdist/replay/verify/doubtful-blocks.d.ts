import { type Zone } from '../../core/phys/zones.ts';
import type { Draft } from '../../core/state/draft.ts';
export declare class DoubtfulBlocks {
    private readonly draft;
    /** By first frame: the cell of `counts` that counts it. */
    private readonly blocks;
    /** By zone, migrate type and order. */
    private readonly counts;
    constructor(draft: Draft);
    add(zone: Zone, pfn: number): void;
    delete(pfn: number): void;
    includes(pfn: number): boolean;
    /** Whether there are any below an order. */
    has(zone: Zone, migratetype: number, below: number): boolean;
    of(zone: Zone, migratetype: number): number[];
}
