import type { KernelRecord, KernelRecordKind } from '../../traces/index.ts';
import { Accounting } from './accounting.ts';
import { type Moment } from './moment.ts';
import { PcpModel } from './pcp-model.ts';
import { Scores } from './rules.ts';
export declare class Observer {
    readonly scores: Scores;
    readonly accounting: Accounting;
    readonly lists: PcpModel;
    /** Lines by kind of record: those that are no page event are passed over. */
    readonly lines: Partial<Record<KernelRecordKind, number>>;
    /** Moments whose markers have been in the trace. */
    readonly read: string[];
    private readonly draft;
    private readonly moments;
    private readonly pageblocks;
    private readonly buddy;
    private readonly drains;
    private readonly pcp;
    private readonly cpus;
    constructor(moments: readonly Moment[], disagreements: number);
    observe(record: KernelRecord): void;
    /** At the end of the trace. */
    finish(): void;
    /** The state of the cpu of a page event, which must be of a machine that there is room for. */
    private cpu;
    private zoneOf;
    private alloc;
    private scoreZone;
    private direct;
    private free;
    /** The page reaches its list now, and so did all single pages that were freed before it. */
    private freeBatched;
    private zoneLocked;
    private extfrag;
    /** All pageblocks of the block become the thief's. */
    private changeOwner;
    /** The buddy allocator gave a block away. */
    private given;
    private extendRefill;
    private drain;
    /** The buddy allocator got a block. */
    private cameBack;
    /** What a cpu was in the middle of is done: its lists are as they should be. Whether that was a refill. */
    private settle;
    private endRuns;
    /** True when a refill ended. */
    private endRefill;
    /** An event between the pages of a batch is an interrupt's. */
    private commitUnlessBatch;
    /** Pages that were reported as freed reach their lists. */
    private commit;
    private marker;
    private beginReading;
    private endReading;
    private lost;
}
