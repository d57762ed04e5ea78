/** Seek: the machine at any event or time is the nearest keyframe and a fold of what lies between (law 5). */
import { UsageError } from '../../core/base/errors.ts';
import { type Batch, sliceBatch } from '../../core/event/batch.ts';
import { fold } from '../../core/fold.ts';
import type { Machine } from '../../core/state/machine.ts';
import { clocksOf } from '../figures/figures.ts';
import type { SeekableSource } from '../source/source.ts';
import type { Keyframe, Keyframes } from './keyframes.ts';

/**
 * The machine that event number `event` meets: all events before it are folded. What is passed on the way is
 * offered to the keyframes, so that a second seek nearby is short.
 */
export async function seek(source: SeekableSource, keyframes: Keyframes, event: number): Promise<Machine> {
  if (!Number.isInteger(event) || event < 0)
    throw new UsageError(`found event number ${event}, expected a whole number from 0 on`);
  const from = keyframes.nearest(event);
  if (from.event === event) return from.machine;
  let end = from.event;
  for await (const { before, batch, after } of passes(source, keyframes, from)) {
    if (after.event === event) return after.machine;
    if (after.event > event) return fold(before.machine, sliceBatch(batch, 0, event - before.event)).machine;
    end = after.event;
  }
  throw new UsageError(`found event number ${event}, expected 0 to ${end}: the trace has ${end} events`);
}

/**
 * The last moment at which no cpu's clock had passed `timeNs`: the machine, and the number of the event that it
 * meets, which would end later.
 */
export async function seekTime(
  source: SeekableSource,
  keyframes: Keyframes,
  timeNs: number,
): Promise<Keyframe> {
  const from = keyframes.nearestTo(({ machine }) => latestNs(machine) <= timeNs);
  let end = from;
  for await (const { before, batch, after } of passes(source, keyframes, from)) {
    if (latestNs(after.machine) > timeNs) return lastWithin(before, batch, timeNs);
    end = after;
  }
  const endNs = latestNs(end.machine);
  if (endNs === timeNs) return end;
  throw new UsageError(`found time ${timeNs} ns, expected 0 to ${endNs} ns, when the trace ends`);
}

/** The machine that has met every event. */
export async function seekEnd(source: SeekableSource, keyframes: Keyframes): Promise<Keyframe> {
  let end = keyframes.nearest(Number.POSITIVE_INFINITY);
  for await (const { after } of passes(source, keyframes, end)) end = after;
  return end;
}

/** Simulated time: what the cpu that is furthest on has reached. It never goes back. */
export function latestNs(machine: Machine): number {
  return Math.max(0, ...clocksOf(machine));
}

interface Pass {
  readonly before: Keyframe;
  readonly batch: Batch;
  readonly after: Keyframe;
}

async function* passes(source: SeekableSource, keyframes: Keyframes, from: Keyframe): AsyncGenerator<Pass> {
  let before = from;
  for await (const batch of source.batches(from.event)) {
    const after = { event: before.event + batch.count, machine: fold(before.machine, batch).machine };
    keyframes.offer(after.event, after.machine);
    yield { before, batch, after };
    before = after;
  }
}

/** Halves a batch that ends too late, down to the first event that does. */
function lastWithin(before: Keyframe, batch: Batch, timeNs: number): Keyframe {
  if (batch.count === 1) return before;
  const half = batch.count >>> 1;
  const first = sliceBatch(batch, 0, half);
  const middle = { event: before.event + half, machine: fold(before.machine, first).machine };
  return latestNs(middle.machine) > timeNs
    ? lastWithin(before, first, timeNs)
    : lastWithin(middle, sliceBatch(batch, half, batch.count), timeNs);
}
