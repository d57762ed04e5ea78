import { type InitialZoneMemory } from '../../core/phys/initial-memory.ts';
import type { TraceHeader } from '../format.ts';
import type { ProcSection } from './sections.ts';
import { type Pageset } from './zoneinfo.ts';
/** A zone with pages. All in pages unless named otherwise. */
export interface InitialZone {
    readonly node: number;
    readonly zone: string;
    readonly startPfn: number;
    readonly spanned: number;
    readonly present: number;
    readonly managed: number;
    /** Watermarks. */
    readonly min: number;
    readonly low: number;
    readonly high: number;
    /** By order: free blocks of 2^order pages (buddyinfo). */
    readonly freeBlocks: readonly number[];
    /** The same by migrate type (pagetypeinfo). */
    readonly freeByType?: Readonly<Record<string, readonly number[]>>;
    /** Pageblocks by migrate type (pagetypeinfo). */
    readonly pageblocks?: Readonly<Record<string, number>>;
    /** Per-cpu lists: which pages are on them the kernel does not tell. */
    readonly pagesets: readonly Pick<Pageset, 'cpu' | 'count' | 'high' | 'batch'>[];
}
/** A slab cache with objects (slabinfo). */
export interface InitialCache {
    readonly name: string;
    readonly objectBytes: number;
    readonly objectsPerSlab: number;
    readonly pagesPerSlab: number;
    readonly slabs: number;
    readonly activeObjects: number;
}
export interface InitialState {
    readonly zones: readonly InitialZone[];
    readonly pageblockOrder?: number;
    readonly slabCaches?: readonly InitialCache[];
}
/** The files that a snapshot consists of; the first two must be there. */
export declare const SNAPSHOT_FILES: readonly ['zoneinfo', 'buddyinfo', 'pagetypeinfo', 'slabinfo'];
/** From the reports of one moment; of several, from the first of each. @param source for messages */
export declare function initialStateFrom(reports: readonly ProcSection[], source: string): InitialState;
/** What a machine needs to begin as fragmented as that kernel was; without pagetypeinfo all of it counts as movable. */
export declare function initialMemory({ zones }: InitialState): InitialZoneMemory[];
/** The state that a trace notes of the kernel it was recorded on. */
export declare function initialStateOf({ parameters }: TraceHeader): InitialState | undefined;
