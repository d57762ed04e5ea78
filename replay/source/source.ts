/** Where batches come from, which is any iterable; cut evenly, from any event on, with room for other work. */
import { UsageError } from '../../core/base/errors.ts';
import { type Batch, BatchBuilder, fullBatches, sliceBatch } from '../../core/event/batch.ts';
import { breath } from './breath.ts';

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

/** The same batches; between them, the rest of the process may breathe. */
export async function* breathing(source: BatchSource): AsyncGenerator<Batch> {
  let sinceBreath = 0;
  for await (const batch of source) {
    yield batch;
    sinceBreath += batch.count;
    if (sinceBreath < EVENTS_PER_BREATH) continue;
    sinceBreath = 0;
    await breath();
  }
}
