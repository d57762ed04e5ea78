import type { Pageset } from '../../traces/index.ts';
import type { Here } from './here.ts';
import { ReadFigure } from './range.ts';
import type { Scores } from './rules.ts';
/** What one cpu knows of its lists of one zone; in pages unless named otherwise. */
export declare class PcpTuning {
    readonly count: ReadFigure;
    /** undefined: not known. */
    private high;
    /** Changes of `high`, so that a reader can tell whether it stood still. */
    private highChanges;
    private highChangesBefore;
    private highChangesRead;
    private readNs;
    /** Since the figures were read last. */
    private untracedPages;
    private readonly batch;
    private highMin;
    private highMax;
    private readonly allocFactor;
    private readonly freeCount;
    private freedHighOrder;
    constructor(batch: number);
    /** Something is missing from the trace here. */
    forget(): void;
    /** Pages left with no event that says so. */
    onUntraced(pages: number): void;
    onAlloc(order: number): void;
    /** Blocks that the next refill should have, and why it cannot be told. */
    refillSize(order: number): number | string;
    /** Kernels before 6.7 tell no bounds of `high`, for they do not adapt it. */
    private get isFixed();
    /** Pages that may be taken at once: high - count - batch, with high raised first. */
    private roomAfter;
    private raised;
    onRefill(order: number, blocks: number): void;
    private raiseHigh;
    setHigh(high: number | undefined): void;
    /** A block came: pages that should go back now, undefined when that cannot be told. */
    onFree(order: number): number | undefined;
    /** free_high: large blocks are not hoarded once pages are being freed only. */
    private isFlooded;
    /** Pages that go back because there are `high` of them. */
    private overflow;
    /** nr_pcp_free(), undefined when it is not known how many were freed in a row. */
    batchToFree(high?: number | undefined): number | undefined;
    onDrain(order: number): void;
    beginReading(): void;
    /** The kernel's own figures, read at a moment since `beginReading`: are they ours? From now on they are. */
    endReading(pageset: Pageset, zone: string, here: Here, scores: Scores): void;
    private checkCount;
    private checkHigh;
    /** Whether the mark cannot have changed while it was read. */
    private get highStoodStill();
    describe(): string;
    /** Pages that go back when the lists were not used for a while, and the new mark; undefined as far as it cannot be told. */
    decay(): {
        readonly pages: number | undefined;
        readonly high: number | undefined;
    };
    /** decay_pcp_high(): the mark of idle lists comes down by an eighth, but not so far that more than batch << 5 pages go back. */
    private decayed;
    /** Whether idleness, of which no event tells unless pages go back, may have brought the mark down so far. */
    private mayDecayTo;
}
