/**
 * Watches the buddy allocator: predicts each block that it gives by asking the simulated one, whose free lists are as
 * the trace has shown them, then takes over what the kernel did.
 */
import type { Zone } from '../../core/phys/zones.ts';
import type { Here } from './here.ts';
import type { KnownBlocks } from './known-blocks.ts';
import type { Moment } from './moment.ts';
import type { Scores } from './rules.ts';
/** What mm_page_alloc_extfrag says. */
export interface Theft {
    readonly pfn: number;
    readonly order: number;
    readonly migratetype: number;
    readonly fallbackOrder: number;
    readonly fallbackMigratetype: number;
    readonly changeOwnership: number;
}
export declare class BuddyObserver {
    private readonly blocks;
    private readonly scores;
    private readonly zones;
    /** Zones and types of which blocks moved since a snapshot began to be read. */
    private readonly moved;
    /** Zones in which nothing moved while the last snapshot was read. */
    private wasQuiet;
    constructor(blocks: KnownBlocks, zones: readonly Zone[], scores: Scores);
    /** mm_page_alloc_zone_locked. */
    given(zone: Zone, pfn: number, order: number, migratetype: number, here: Here): void;
    private compare;
    private unpredicted;
    /** A block is in use, or on a list of a cpu. */
    inUse(zone: Zone, pfn: number, order: number): void;
    /** mm_page_alloc_extfrag; `twice`: mm_page_alloc_zone_locked named the same block. */
    stolen(zone: Zone, theft: Theft, twice: boolean, here: Here): void;
    private scoreTheft;
    private largestOther;
    /** A block came back; its pageblock is of this type, if that is known. */
    freed(zone: Zone, pfn: number, order: number, migratetype: number | undefined): void;
    /** Events are missing. */
    forget(): void;
    beginReading(): void;
    /** Takes over the counts of pagetypeinfo; those of types that moved while it was read may be old. */
    endReading({ pagetypeinfo }: Moment, here: Here): void;
    private takeCounts;
    private isQuiet;
    /** The counts of a zone are sure only if nothing moved in it while they were read, now and before. */
    private scoreCounts;
}
