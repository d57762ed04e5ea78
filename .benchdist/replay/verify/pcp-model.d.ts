import type { Zone } from '../../core/phys/zones.ts';
import type { Draft } from '../../core/state/draft.ts';
import type { Here } from './here.ts';
import { KnownLists } from './known-lists.ts';
import type { Moment } from './moment.ts';
import type { KnownPageblocks } from './pageblocks.ts';
import { PcpTuning } from './pcp-tuning.ts';
import type { Scores } from './rules.ts';
export declare const BEFORE_TRACE = "pages of before the trace on the list";
export declare const TYPE_UNKNOWN = "migrate type of the pageblock not seen yet";
/** Lists of a cpu in a zone. */
export declare const LISTS: number;
/** pcp_allowed_order(): whether blocks of this order go through per-cpu lists. */
export declare function hasPcpLists(order: number): boolean;
export declare class PcpModel {
    readonly lists: KnownLists;
    /** Pages that left a list with no event that says so. */
    untracedPages: number;
    private readonly draft;
    private readonly blocks;
    private readonly tunings;
    /** By pageblock of unknown type: its pages that may be on several lists. */
    private readonly unsure;
    constructor(draft: Draft, blocks: KnownPageblocks);
    tuning(cpu: number, zone: Zone): PcpTuning;
    list(cpu: number, zone: Zone, index: number): number;
    cpuOf(list: number): number;
    indexOf(list: number): number;
    zoneOf(pfn: number): Zone;
    /** The lists that a page of this order may be freed to: several when the type of its pageblock is not known. */
    listsForFreed(cpu: number, pfn: number, order: number): number[];
    private rememberUnsure;
    knowsType(pfn: number): boolean;
    /** The pageblock has this type; pages of it that may be on several lists are on those of this type. */
    learnType(pfn: number, type: number): void;
    /** The page is not on this list any more, or never was: the kernel went past it. */
    passOver(pfn: number, list: number): void;
    passOverAll(list: number): void;
    /** A page left a list in an event that is not about that list. */
    takeElsewhere(pfn: number): void;
    /** A page must have been taken by an allocation without event (alloc_pages_bulk). */
    private vanish;
    beginReading(): void;
    /** /proc/zoneinfo was read at a moment since `beginReading`. */
    endReading({ zoneinfo }: Moment, here: Here, scores: Scores): void;
    /** Events of a cpu are missing: what is on its lists is anyone's guess. */
    forgetCpu(cpu: number): void;
}
