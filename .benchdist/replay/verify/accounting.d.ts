/**
 * The law of the books: what a zone has free changes by what the buddy allocator gives and gets, and by nothing else.
 *
 *   free pages = + drains + frees without per-cpu list - mm_page_alloc_zone_locked - mm_page_alloc_extfrag
 *
 * where a block that extfrag and zone_locked both name counts once; pages that are handed to a zone late
 * (`managed` grows) come on top.
 */
import type { Zone } from '../../core/phys/zones.ts';
import type { Here } from './here.ts';
import type { Moment } from './moment.ts';
import type { Scores } from './rules.ts';
export interface Phase {
    readonly label: string;
    /** By zone: change of free pages between this moment and the one before, as the events have it and as it was read. */
    readonly zones: readonly {
        readonly zone: string;
        readonly expected: string;
        readonly found: number;
        readonly agrees: boolean;
    }[];
}
export declare class Accounting {
    readonly phases: Phase[];
    private readonly books;
    private readonly scores;
    constructor(zones: readonly Zone[], scores: Scores);
    /** The buddy allocator got (or gave, negative) so many pages. */
    add(zone: Zone, pages: number): void;
    /** Pages that are surely free in a zone, NaN when that is not known. */
    freeIn(zone: Zone): number;
    /** Some events are missing. */
    forget(): void;
    beginReading(): void;
    endReading(moment: Moment, here: Here): void;
    private read;
}
