import { type Here } from './here.ts';
import { type PcpModel } from './pcp-model.ts';
import type { Scores } from './rules.ts';
export declare class DrainObserver {
    private readonly model;
    private readonly scores;
    /** By cpu. */
    private readonly drains;
    private readonly freed;
    constructor(model: PcpModel, scores: Scores);
    /** A block came to one of these lists, so that so many pages should go back. */
    afterFree(cpu: number, lists: readonly number[], pages: number | undefined): void;
    /** mm_page_pcpu_drain. */
    drain(pfn: number, order: number, migratetype: number, here: Here): void;
    private drainOf;
    private score;
    /** The last page of the list that is being drained, or of the next one that is not empty. */
    private tailOf;
    /** A drain that came to a list left the ones before it empty. */
    private passLists;
    /** Any other event of a cpu ends its drain. */
    end(cpu: number): void;
    forgetCpu(cpu: number): void;
}
