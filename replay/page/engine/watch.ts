/**
 * Watchpoints on page frames: the next or the last event that changes what a frame is used for. Only stretches in which
 * anything was written near the frame are folded again, in halves, down to the event.
 */
import { type Batch, sliceBatch } from '../../../core/event/batch.ts';
import type { Machine } from '../../../core/machine/machine.ts';
import { blockOf, FRAME, USE_FREE, USE_PCP } from '../../../core/phys/frames.ts';
import { MOST_ORDERS } from '../../../core/phys/zones.ts';
import { type Lane, stepLane } from '../../lane/lane.ts';
import { stretch, type Travel } from './travel.ts';

export interface WatchedFrame {
  readonly lane: number;
  readonly pfn: number;
}

/** Backwards a stretch at a time, in which the last change is looked for forwards. */
const STRETCH = 16_384;

export async function nextChange(
  travel: Travel,
  from: number,
  frame: WatchedFrame,
  signal: AbortSignal,
): Promise<number | undefined> {
  for await (const event of changesIn(travel, from + 1, Number.POSITIVE_INFINITY, frame, signal))
    return event;
  return undefined;
}

export async function lastChange(
  travel: Travel,
  from: number,
  frame: WatchedFrame,
  signal: AbortSignal,
): Promise<number | undefined> {
  for (let end = from; end > 0; end -= STRETCH) {
    let last: number | undefined;
    for await (const event of changesIn(travel, Math.max(0, end - STRETCH), end, frame, signal)) last = event;
    if (last !== undefined) return last;
  }
  return undefined;
}

/** The events from `from` to before `end` that change the frame, ascending. */
async function* changesIn(
  travel: Travel,
  from: number,
  end: number,
  { lane: watched, pfn }: WatchedFrame,
  signal: AbortSignal,
): AsyncGenerator<number> {
  if (from >= travel.events) return;
  let lane = (await travel.to(from, signal)).lanes[watched]!;
  for await (const { batch, firstEvent } of stretch(travel, from, end, signal)) {
    const piece = sliceBatch(batch, 0, Math.min(batch.count, end - firstEvent));
    for (const at of changesWithin(lane, piece, pfn)) yield firstEvent + at;
    lane = stepLane(lane, piece).lane;
  }
}

function* changesWithin(before: Lane, batch: Batch, pfn: number): Generator<number> {
  const after = stepLane(before, batch).lane;
  if (!touched(before.machine, after.machine, pfn)) return;
  if (batch.count === 1) {
    if (stateOf(before.machine, pfn) !== stateOf(after.machine, pfn)) yield 0;
    return;
  }
  const half = batch.count >>> 1;
  const first = sliceBatch(batch, 0, half);
  yield* changesWithin(before, first, pfn);
  const middle = stepLane(before, first).lane;
  for (const at of changesWithin(middle, sliceBatch(batch, half, batch.count), pfn)) yield half + at;
}

/** Whether anything was written where the frame, or the first one of its block, is noted. */
function touched({ frames: before }: Machine, { frames: after }: Machine, pfn: number): boolean {
  for (let order = 0; order < MOST_ORDERS; order++) {
    const first = pfn - (pfn % 2 ** order);
    if (after.isWrittenSince(before, first)) return true;
  }
  return false;
}

/** What it is used for, and by how many; a free frame is free, whatever its list. */
function stateOf({ frames }: Machine, pfn: number): string {
  const block = blockOf(frames, pfn);
  const use = frames.get(block, FRAME.use);
  if (use === USE_FREE || use === USE_PCP) return 'free';
  return [FRAME.use, FRAME.order, FRAME.owner, FRAME.refs].map((field) => frames.get(block, field)).join();
}
