/** Seek: the machine at any event is the nearest keyframe and a fold of what lies between (law 5). */
import { UsageError } from '../core/errors.ts';
import { sliceBatch } from '../core/event/batch.ts';
import { fold } from '../core/fold.ts';
import type { Machine } from '../core/state/machine.ts';
import type { Keyframes } from './keyframes.ts';
import type { SeekableSource } from './source.ts';

/**
 * The machine that event number `event` meets: all events before it are folded. What is passed on the way is
 * offered to the keyframes, so that a second seek nearby is short.
 */
export async function seek(source: SeekableSource, keyframes: Keyframes, event: number): Promise<Machine> {
  if (!Number.isInteger(event) || event < 0)
    throw new UsageError(`found event number ${event}, expected a whole number from 0 on`);
  let { event: at, machine } = keyframes.nearest(event);
  if (at === event) return machine;
  for await (const batch of source.batches(at)) {
    const left = event - at;
    machine = fold(machine, left < batch.count ? sliceBatch(batch, 0, left) : batch).machine;
    if (left <= batch.count) return machine;
    at += batch.count;
    keyframes.offer(at, machine);
  }
  throw new UsageError(`found event number ${event}, but the trace has only ${at} events`);
}
