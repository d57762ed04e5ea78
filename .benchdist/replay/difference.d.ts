/** One event that came out differently: in what, how to tell its sort, and the story of each lane. */
import { type Batch } from '../core/event/batch.ts';
import type { KindName, MemoryEvent } from '../core/event/kinds.ts';
import { type Outcomes } from '../core/outcome.ts';
import { type LaneOutcome } from './outcome-text.ts';
import type { Rewind } from './rewind.ts';
export declare const CATEGORIES: readonly ['status', 'addressType', 'fault'];
export type Category = (typeof CATEGORIES)[number];
/** A sort of difference: same kind of event, same statuses, address types and faults in the lanes. */
export interface Difference {
    /** Number of the first such event. */
    readonly event: number;
    readonly kind: KindName;
    /** The event, in a line, and its fields. */
    readonly request: string;
    readonly fields: MemoryEvent;
    readonly category: Category;
    /** How many events differ in this way. */
    readonly count: number;
    /** By name of the lane. */
    readonly outcomes: Readonly<Record<string, LaneOutcome>>;
    /** What happened and why, by name of the lane, and all of it in a sentence. */
    readonly stories: Readonly<Record<string, string>>;
    readonly why: string;
}
/** A batch and what every lane made of it. */
export interface Scene {
    readonly batch: Batch;
    /** Number of its first event. */
    readonly firstEvent: number;
    /** By lane. */
    readonly names: readonly string[];
    readonly outcomes: readonly Outcomes[];
    readonly rewinds: readonly Rewind[];
}
/** In what the outcomes of one event differ, the weightiest first; undefined when they agree. */
export declare function categoryOf(outcomes: readonly Outcomes[], at: number): Category | undefined;
/** Equal for differences of one sort. */
export declare function sortOf({ batch, outcomes }: Scene, at: number): string;
/** The machines are taken back to just before the event, to see what it met; `at` must not go back. */
export declare function explainDifference(scene: Scene, at: number, category: Category): Difference;
