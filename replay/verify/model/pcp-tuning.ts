/**
 * How large refills and drains of per-cpu lists are: mm/page_alloc.c from 6.7 on (nr_pcp_alloc, nr_pcp_free,
 * nr_pcp_high, decay_pcp_high, free_frozen_page_commit), where a kernel adapts its lists to the load; before that
 * (6.1) a refill is one batch, and the batches that are freed double.
 *
 * Left out: reclaim (ZONE_RECLAIM_ACTIVE, ZONE_BELOW_HIGH), which lets the lists shrink.
 */
import { blocksOfBatch, PCP_6_7 } from '../../../core/kernel/pcp-rules.ts';
import { PCP_MAX_ORDER } from '../../../core/phys/pcp-lists.ts';
import type { Pageset } from '../../../traces/index.ts';
import type { Here } from '../score/here.ts';
import type { Scores } from '../score/rules.ts';
import { Range, ReadFigure } from './range.ts';

/** Refills and drains are at most batch << 5. */
const BATCH_SCALE_MAX = PCP_6_7.batchScaleMax!;

/** sysctl_stat_interval (mm/vmstat.c): every second at the latest, the mark of a cpu comes down if it is idle. */
const STAT_INTERVAL_NS = 1e9;

/** What one cpu knows of its lists of one zone; in pages unless named otherwise. */
export class PcpTuning {
  readonly count = new ReadFigure();
  /** undefined: not known. */
  private high: number | undefined;
  /** Changes of `high`, so that a reader can tell whether it stood still. */
  private highChanges = 0;
  private highChangesBefore = 0;
  private highChangesRead = 0;
  private readNs = Number.NaN;
  /** Since the figures were read last. */
  private untracedPages = 0;
  private readonly batch: number;
  private highMin: number | undefined;
  private highMax: number | undefined;
  private readonly allocFactor = new Range(0, BATCH_SCALE_MAX);
  private readonly freeCount: Range;
  private freedHighOrder = false;

  constructor(batch: number) {
    this.batch = batch;
    this.freeCount = new Range(0, batch << (BATCH_SCALE_MAX + 1));
  }

  /** Something is missing from the trace here. */
  forget(): void {
    this.count.forget();
    this.allocFactor.set(0, BATCH_SCALE_MAX);
    this.freeCount.set(0, this.batch << (BATCH_SCALE_MAX + 1));
    this.setHigh(undefined);
  }

  /** Pages left with no event that says so. */
  onUntraced(pages: number): void {
    this.untracedPages += pages;
    this.count.add(-pages);
  }

  onAlloc(order: number): void {
    this.freeCount.halve();
    this.count.add(-(2 ** order));
  }

  /** Blocks that the next refill should have, and why it cannot be told. */
  refillSize(order: number): number | string {
    const { batch, allocFactor } = this;
    if (order > 0 || this.isFixed) return blocksOfBatch(batch, order);
    if (!allocFactor.isExact) return 'refills and frees before the trace';
    const wanted = batch << allocFactor.low;
    const room = this.roomAfter(wanted);
    if (wanted > batch && room === undefined) return 'pages on the lists of before the trace';
    return Math.min(wanted, Math.max(room ?? batch, batch));
  }

  /** Kernels before 6.7 tell no bounds of `high`, for they do not adapt it. */
  private get isFixed(): boolean {
    return this.high !== undefined && this.highMax === undefined;
  }

  /** Pages that may be taken at once: high - count - batch, with high raised first. */
  private roomAfter(wanted: number): number | undefined {
    if (this.high === undefined || this.highMax === undefined) return undefined;
    const { low, high } = this.count.value;
    const raised = this.raised(wanted);
    const room = raised - this.batch;
    if (room - high >= wanted) return wanted;
    return low === high ? room - low : undefined;
  }

  private raised(by: number): number {
    const high = clamp(this.high!, this.highMin!, this.highMax!);
    return this.highMin === this.highMax ? high : Math.min(high + by, this.highMax!);
  }

  onRefill(order: number, blocks: number): void {
    const { batch, allocFactor } = this;
    if (order > 0) this.raiseHigh(batch);
    else {
      const scale = Math.log2(blocks / batch);
      if (Number.isInteger(scale) && allocFactor.has(scale)) allocFactor.set(scale);
      this.raiseHigh(allocFactor.isExact ? batch << allocFactor.low : undefined);
      const grown = (factor: number): number => Math.min(factor + 1, BATCH_SCALE_MAX);
      if (allocFactor.isExact && batch << allocFactor.low > blocks) allocFactor.set(allocFactor.low);
      else allocFactor.set(grown(allocFactor.low), grown(allocFactor.high));
    }
    this.count.add(blocks * 2 ** order);
  }

  private raiseHigh(by: number | undefined): void {
    if (this.isFixed) return;
    this.highChanges++;
    const known = this.high !== undefined && this.highMax !== undefined && by !== undefined;
    this.setHigh(known ? this.raised(by) : undefined);
  }

  setHigh(high: number | undefined): void {
    if (high !== this.high) this.highChanges++;
    this.high = high;
  }

  /** A block came: pages that should go back now, undefined when that cannot be told. */
  onFree(order: number): number | undefined {
    const { batch, freeCount, count } = this;
    this.allocFactor.halve();
    count.add(2 ** order);
    const floods = this.isFlooded(order);
    this.freedHighOrder = order > 0 && order <= PCP_MAX_ORDER;
    const most = batch << BATCH_SCALE_MAX;
    const grown = (freed: number): number => (freed < most ? freed + 2 ** order : freed);
    freeCount.set(grown(freeCount.low), grown(freeCount.high));
    if (floods === undefined) return undefined;
    if (floods) {
      if (this.high !== undefined) this.setHigh(Math.max(this.high - most, this.highMin!));
      return count.isExact ? Math.min(count.value.low, most) : undefined;
    }
    return this.overflow();
  }

  /** free_high: large blocks are not hoarded once pages are being freed only. */
  private isFlooded(order: number): boolean | undefined {
    if (order === 0 || order > PCP_MAX_ORDER || !this.freedHighOrder) return false;
    if (this.highMin === undefined) return undefined;
    const enough = this.batch + Math.floor(this.highMin / 2);
    if (this.freeCount.low >= enough) return true;
    return this.freeCount.high < enough ? false : undefined;
  }

  /** Pages that go back because there are `high` of them. */
  private overflow(): number | undefined {
    const { high, count, batch } = this;
    if (high === undefined || this.highMin === undefined) return undefined;
    if (count.value.high < high) return 0;
    if (!(count.value.low >= high)) return undefined;
    const needed = this.freeCount.low + batch;
    if (this.highMin !== this.highMax && high < needed)
      this.setHigh(this.freeCount.isExact ? clamp(needed, this.highMin, this.highMax!) : undefined);
    return this.batchToFree(high);
  }

  /** nr_pcp_free(), undefined when it is not known how many were freed in a row. */
  batchToFree(high = this.high ?? this.highMin): number | undefined {
    const { low, high: upper } = this.freeCount;
    if (high === undefined || this.isFixed) return undefined;
    const bounded = (freed: number): number => Math.min(Math.max(freed, this.batch), high - this.batch);
    return bounded(low) === bounded(upper) ? bounded(low) : undefined;
  }

  onDrain(order: number): void {
    this.count.add(-(2 ** order));
  }

  beginReading(): void {
    this.count.beginReading();
    this.highChangesBefore = this.highChanges;
  }

  /**
   * The kernel's own figures, read at a moment since `beginReading`: are they ours? From now on they are.
   * Pages that were expected on the lists, if that was known.
   */
  endReading(pageset: Pageset, zone: string, here: Here, scores: Scores): string | undefined {
    const expected = this.checkCount(pageset, zone, here, scores);
    this.checkHigh(pageset, zone, here, scores);
    this.untracedPages = 0;
    this.readNs = here.timeNs;
    this.highMin = pageset.highMin;
    this.highMax = pageset.highMax;
    this.setHigh(this.highStoodStill ? pageset.high : undefined);
    this.highChangesRead = this.highChanges;
    return expected;
  }

  private checkCount({ cpu, count }: Pageset, zone: string, here: Here, scores: Scores): string | undefined {
    const wasKnown = this.count.isKnown;
    const expected = this.count.endReading(count);
    if (this.untracedPages > 0) scores.unpredictable('pcp-count', 'some allocations are not traced');
    else if (wasKnown)
      scores.check('pcp-count', expected.has(count), here, () => ({
        expected: `${zone}, cpu ${cpu}: ${expected} pages`,
        because: 'frees, refills, allocations and drains since it was read last',
        found: `${count}`,
        known: '',
      }));
    return wasKnown ? String(expected) : undefined;
  }

  private checkHigh({ cpu, high }: Pageset, zone: string, here: Here, scores: Scores): void {
    if (this.high === undefined || !this.highStoodStill) return;
    const hasChanged = this.highChanges !== this.highChangesRead;
    const mayHaveIdled = here.timeNs - this.readNs >= STAT_INTERVAL_NS;
    if (hasChanged && mayHaveIdled) scores.unpredictable('pcp-high', 'idle decay in between');
    else
      scores.check('pcp-high', this.mayDecayTo(high), here, () => ({
        expected: `${zone}, cpu ${cpu}: ${this.high}, or less by eighths`,
        because: 'refills and drains since it was read last',
        found: `${high}`,
        known: '',
      }));
  }

  /** Whether the mark cannot have changed while it was read. */
  private get highStoodStill(): boolean {
    return this.highChanges === this.highChangesBefore;
  }

  describe(): string {
    const { count, high, allocFactor, freeCount, batch } = this;
    const pages = count.isKnown ? `${count.value}` : 'an unknown number of';
    return `batch ${batch}, k ${allocFactor}, ${freeCount} freed in a row, ${pages} pages on the lists, high ${high ?? 'unknown'}`;
  }

  /** Pages that go back when the lists were not used for a while, and the new mark; undefined as far as it cannot be told. */
  decay(): { readonly pages: number | undefined; readonly high: number | undefined } {
    const { high, count } = this;
    if (high === undefined || !count.isKnown) return { pages: undefined, high: undefined };
    const { low, high: upper } = count.value;
    const [least, most] = [this.decayed(high, low), this.decayed(high, upper)];
    const pages = Math.max(low - least, 0);
    return {
      pages: pages === Math.max(upper - most, 0) ? pages : undefined,
      high: least === most ? least : undefined,
    };
  }

  /** decay_pcp_high(): the mark of idle lists comes down by an eighth, but not so far that more than batch << 5 pages go back. */
  private decayed(high: number, count: number): number {
    const { batch, highMin = high } = this;
    return high > highMin ? Math.max(count - (batch << BATCH_SCALE_MAX), high - (high >>> 3), highMin) : high;
  }

  /** Whether idleness, of which no event tells unless pages go back, may have brought the mark down so far. */
  private mayDecayTo(found: number): boolean {
    let high = this.high!;
    while (high > found) {
      const lowered = this.decayed(high, this.count.value.low);
      if (lowered === high) return false;
      high = lowered;
    }
    return high === found;
  }
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
