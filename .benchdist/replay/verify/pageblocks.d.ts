import type { Zone } from '../../core/phys/zones.ts';
import type { Draft } from '../../core/state/draft.ts';
import type { Pagetypeinfo } from '../../traces/index.ts';
export declare class KnownPageblocks {
    private readonly draft;
    private readonly known;
    constructor(draft: Draft);
    /** The type, undefined when nothing was seen of the pageblock yet. */
    typeOf(pfn: number): number | undefined;
    /** The type of the per-cpu list that a page is freed to: pageblocks set aside (HighAtomic, CMA) have no lists. */
    listTypeOf(pfn: number): number | undefined;
    /** True when that is news. */
    learn(pfn: number, type: number): boolean;
    /** A zone whose pageblocks are all of one type. */
    learnZones(zones: readonly Zone[], { blocks }: Pagetypeinfo): void;
    private blockOf;
}
