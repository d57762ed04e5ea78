import type { Batch } from '../core/event/batch.ts';
import type { KindEntry, TraceTotals } from './format.ts';
export declare class TotalsCounter {
    events: number;
    private readonly kinds;
    private readonly operations;
    add({ count, kind, c }: Batch): void;
    /** Kinds are named by the trace's own vocabulary; `kind 200` when it has no such code. */
    totals(vocabulary: Readonly<Record<string, KindEntry>>): TraceTotals;
}
