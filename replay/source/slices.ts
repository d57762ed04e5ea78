/**
 * Slices of batches, no longer than a signal may wait. What a batch takes depends on its events, by a factor of thousands;
 * so the first slices are short, and each tells how long the next may be. Batching is invisible: no result depends on it.
 */
import { type Batch, sliceBatch } from '../../core/event/batch.ts';

/** A slice is meant to take this long, in milliseconds: a few of them are far below a second. */
const SLICE_MS = 100;
const FIRST_SLICE = 64;
/** From slice to slice the cost of events may change: growth is slow, shrinking is not. */
const GROWTH = 4;

export class Slicer {
  private events = FIRST_SLICE;

  /** The part of the batch from `start` on that should come next. */
  next(batch: Batch, start: number): Batch {
    const end = Math.min(batch.count, start + this.events);
    return start === 0 && end === batch.count ? batch : sliceBatch(batch, start, end);
  }

  /** How long the last slice took. Whether that was long enough for others to have waited. */
  took(count: number, ms: number): boolean {
    const wanted = ms <= 0 ? Number.POSITIVE_INFINITY : Math.floor((count * SLICE_MS) / ms);
    this.events = Math.max(1, Math.min(wanted, Math.max(this.events, count) * GROWTH));
    return ms >= SLICE_MS / 4;
  }
}
