import type { Zone } from '../../core/phys/zones.ts';
import type { DrainObserver } from './drain-observer.ts';
import { type Here } from './here.ts';
import { type PcpModel } from './pcp-model.ts';
import type { Scores } from './rules.ts';
/** Blocks that the buddy allocator gave one after the other for one list. */
export interface Refill {
    readonly zone: Zone;
    readonly order: number;
    readonly migratetype: number;
    readonly here: Here;
    readonly pages: number[];
}
export declare class PcpObserver {
    private readonly model;
    private readonly drains;
    private readonly scores;
    constructor(model: PcpModel, drains: DrainObserver, scores: Scores);
    /** mm_page_alloc of an order that has lists; `refilled`: the list was refilled just before. */
    alloc(pfn: number, order: number, migratetype: number, refilled: boolean, here: Here): void;
    private scoreAlloc;
    private ruleOf;
    private whyFirst;
    /** Whatever stood before the page on its list is gone, or was never there. */
    private remove;
    /** mm_page_free of an order that has lists, when the block reaches its list. */
    free(pfn: number, order: number, here: Here): void;
    /** A run of blocks from the buddy allocator ended. False when it was one block for somebody who found the lists locked. */
    refill({ zone, order, migratetype, pages, here }: Refill): boolean;
    private scoreSize;
}
