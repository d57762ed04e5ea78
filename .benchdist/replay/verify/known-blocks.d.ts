/**
 * The free lists of a traced kernel as far as its trace and snapshots tell, in the lists of core/phys: of blocks that
 * came back since the trace began it is known where they are, of those before only how many there were of each order
 * and migrate type. Each of the latter has a place on its list, and a frame number out of range in place of its own.
 *
 * Whether a block that came back merged with its buddy is not known when the buddy's state is not: then it is doubtful
 * where the block stands, and so is what is given next once it stands in front.
 */
import { type Zone } from '../../core/phys/zones.ts';
import type { Draft } from '../../core/state/draft.ts';
/** What stands in front of the list that would serve a request. */
export interface Front {
    readonly order: number;
    /** -1 when its place is not known. */
    readonly pfn: number;
}
export declare class KnownBlocks {
    private readonly draft;
    private nextNowhere;
    /** Blocks that may have merged with a buddy of unknown state, by their first frame. */
    private readonly doubtful;
    /** Zones and types whose blocks were counted. */
    private readonly counted;
    constructor(draft: Draft);
    /** The block that a request would get a part of; undefined when no list has one, a reason when it cannot be told. */
    front(zone: Zone, order: number, migratetype: number): Front | string | undefined;
    /** The allocator's own answer, where `front` is known. */
    predict(zone: Zone, order: number, migratetype: number): number;
    /** Takes a prediction back. */
    putBack(zone: Zone, pfn: number, order: number, migratetype: number): void;
    /** The kernel gave this block; what was left of a larger one goes to the lists of `restType`. */
    take(zone: Zone, pfn: number, order: number, migratetype: number, restType?: number, atLeast?: number): void;
    /** A block is in use; nothing in it is free, whatever was thought. */
    use(zone: Zone, pfn: number, order: number): void;
    /** The known free block that a block is a part of. */
    private blockAround;
    /** The smallest block of unknown place that may begin at `pfn`; what stood in front of it did not belong there. */
    private unseenBlock;
    private nowhereOf;
    private next;
    /** Free blocks within one that was given were parts of a larger one. */
    private clear;
    private remove;
    /** Gives back what is left of a block around a part of it. */
    private keepAround;
    /** A block came back to the buddy allocator. */
    free(zone: Zone, pfn: number, order: number, migratetype: number): void;
    /** Whether it depends on a buddy of unknown state to what the block merges, or where on its list it goes. */
    private mayMerge;
    /** buddy_merge_likely() looks at the buddy of the pair. */
    private tailIsDoubtful;
    /** Whether the frames may be a free block, or may not. */
    private isUnclear;
    /** Whether nothing is known of any frame of a block. */
    private isUnseen;
    /** Whether a larger block in use covers it. */
    private isInUse;
    private isFree;
    private orderOf;
    private typeOf;
    private ordersOf;
    length(zone: Zone, order: number, migratetype: number): number;
    isCounted(zone: Zone, migratetype: number): boolean;
    /** Whether the counts of a type's blocks are sure. */
    isSure(zone: Zone, migratetype: number): boolean;
    /** Nobody knows any more how many blocks there are. */
    forgetCounts(zone: Zone, migratetype: number): void;
    /** There are so many blocks of each order. Ours that are doubtful are where they seem to be if that is as many. */
    count(zone: Zone, migratetype: number, blocks: readonly number[]): void;
    /** New ones may stand in front, so that is where they go. */
    private adjust;
}
