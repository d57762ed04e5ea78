/** Where batches come from, which is any iterable; cut evenly, from any event on, with room for other work. */
import { UsageError } from '../../core/base/errors.ts';
import { type Batch, BatchBuilder, fullBatches, sliceBatch } from '../../core/event/batch.ts';
import { breath } from './breath.ts';
import { Slicer } from './slices.ts';

/** A generator of a workload, the batches of a trace, an array. */
export type BatchSource = Iterable<Batch> | AsyncIterable<Batch>;

/** A source that can start at any event: an open trace, for example. */
export interface SeekableSource {
  batches(fromEvent: number): BatchSource;
}

/** A workload or an array as a seekable source; it starts over for each seek. */
export function seekable(batches: Iterable<Batch>): SeekableSource {
  return {
    *batches(fromEvent) {
      let skip = fromEvent;
      for (const batch of batches) {
        if (skip < batch.count) yield skip === 0 ? batch : sliceBatch(batch, skip, batch.count);
        skip = Math.max(0, skip - batch.count);
      }
    },
  };
}

/** The same events in batches of `size`. */
export async function* recut(source: BatchSource, size: number): AsyncGenerator<Batch> {
  if (!Number.isInteger(size) || size < 1)
    throw new UsageError(`found a batch size of ${size}, expected a whole number of events from 1 on`);
  const builder = new BatchBuilder(size);
  for await (const batch of source) yield* fullBatches(builder, batch);
  if (builder.length > 0) yield builder.take();
}

/** Other work of the process (signals, timers, files, a page's painting) gets its turn after at most this many events. */
const EVENTS_PER_BREATH = 65_536;

/** Milliseconds from anywhere; only their differences count. */
export type Clock = () => number;

/**
 * The same batches; between them, the rest of the process may breathe. With a clock, batches that take long are cut, so
 * that it may do so several times a second.
 */
export async function* breathing(source: BatchSource, clock?: Clock): AsyncGenerator<Batch> {
  let sinceBreath = 0;
  for await (const batch of clock === undefined ? source : sliced(source, clock)) {
    yield batch;
    sinceBreath += batch.count;
    if (sinceBreath < EVENTS_PER_BREATH) continue;
    sinceBreath = 0;
    await breath();
  }
}

async function* sliced(source: BatchSource, clock: Clock): AsyncGenerator<Batch> {
  const slicer = new Slicer();
  for await (const batch of source) {
    for (let start = 0; start < batch.count; ) {
      const slice = slicer.next(batch, start);
      const startMs = clock();
      yield slice;
      if (slicer.took(slice.count, clock() - startMs)) await breath();
      start += slice.count;
    }
  }
}
