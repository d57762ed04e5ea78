/** A lane: one layout being replayed. A plain loop around the fold that keeps count; no rxjs in here. */
import { type MachineOptions } from '../core/boot.ts';
import { type Batch } from '../core/event/batch.ts';
import type { KindName } from '../core/event/kinds.ts';
import type { Layout } from '../core/layout/layout.ts';
import { type Outcomes, type StatusName } from '../core/outcome.ts';
import { OutcomeDigest } from '../core/outcome-digest.ts';
import type { Machine } from '../core/state/machine.ts';
import { Tally } from './tally.ts';
/** Milliseconds from anywhere; only their differences count. */
export type Clock = () => number;
export interface LaneOptions extends MachineOptions {
    /** What reports call it; by default the name of the layout. */
    readonly name?: string;
    readonly clock?: Clock;
}
/** One batch under one layout. */
export interface Step {
    readonly before: Machine;
    readonly after: Machine;
    readonly outcomes: Outcomes;
}
/** The first failure of a kind with a status. */
export interface FirstFailure {
    /** Number of the event, from 0. */
    readonly event: number;
    readonly kind: KindName;
    readonly status: StatusName;
    /** The event, in a line. */
    readonly request: string;
    /** The rule that was broken. */
    readonly reason: string;
    /** The figures that show it, at that very moment; may be empty. */
    readonly detail: string;
}
export declare class Lane {
    readonly name: string;
    readonly layout: Layout;
    readonly tally: Tally;
    readonly digest: OutcomeDigest;
    readonly firstFailures: FirstFailure[];
    private readonly clock;
    private current;
    private eventCount;
    private foldMs;
    /** Boots a machine of this layout; UsageError when it cannot boot. */
    constructor(layout: Layout, options?: LaneOptions);
    /** The machine after everything folded so far. */
    get machine(): Machine;
    /** Events folded so far. */
    get events(): number;
    /** Wall time spent on them. */
    get elapsedMs(): number;
    step(batch: Batch): Step;
    private noteFailures;
}
