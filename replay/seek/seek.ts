/** Seek: the machine at any event or time is the nearest keyframe and a fold of what lies between (law 5). */
import { UsageError } from '../../core/base/errors.ts';
import { type Batch, sliceBatch } from '../../core/event/batch.ts';
import { fold } from '../../core/fold/fold.ts';
import type { Machine } from '../../core/machine/machine.ts';
import type { Outcomes } from '../../core/outcome/outcome.ts';
import { eventTimes } from '../figures/event-times.ts';
import { latestNs } from '../figures/figures.ts';
import type { SeekableSource } from '../source/source.ts';
import type { Keyframe, Keyframes } from './keyframes.ts';

/**
 * The machine that event number `event` meets: all events before it are folded. What is passed on the way is
 * offered to the keyframes, so that a second seek nearby is short. Throws a UsageError for a number that is none, or that
 * is beyond the end.
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
 * meets, which would end later. Simulated nanoseconds; a time past the end is a UsageError.
 */
export async function seekTime(
  source: SeekableSource,
  keyframes: Keyframes,
  timeNs: number,
): Promise<Keyframe> {
  const from = keyframes.nearestTo(({ machine }) => latestNs(machine) <= timeNs);
  let end = from;
  for await (const pass of passes(source, keyframes, from)) {
    if (latestNs(pass.after.machine) > timeNs) return lastWithin(pass, timeNs);
    end = pass.after;
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

interface Pass {
  readonly before: Keyframe;
  readonly batch: Batch;
  readonly outcomes: Outcomes;
  readonly after: Keyframe;
}

async function* passes(source: SeekableSource, keyframes: Keyframes, from: Keyframe): AsyncGenerator<Pass> {
  let before = from;
  for await (const batch of source.batches(from.event)) {
    const { machine, outcomes } = fold(before.machine, batch);
    const after = { event: before.event + batch.count, machine };
    keyframes.offer(after.event, after.machine);
    yield { before, batch, outcomes, after };
    before = after;
  }
}

/** Of a batch that ends too late: the moment before the first event that does. */
function lastWithin({ before, batch, outcomes, after }: Pass, timeNs: number): Keyframe {
  const { endNs } = eventTimes({ before: before.machine, after: after.machine, outcomes }, batch);
  const at = endNs.findIndex((ns) => ns > timeNs);
  return { event: before.event + at, machine: fold(before.machine, sliceBatch(batch, 0, at)).machine };
}
