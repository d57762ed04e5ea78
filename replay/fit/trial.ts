/** One machine tried on the events: up to the first request that it fails for want of memory or of addresses. */
import { type Batch, eventAt, sliceBatch } from '../../core/event/batch.ts';
import { fold } from '../../core/fold/fold.ts';
import type { Machine } from '../../core/machine/machine.ts';
import { COUNTER } from '../../core/outcome/counters.ts';
import { STATUS } from '../../core/outcome/outcome.ts';
import type { FirstFailure, Lane, LaneStep } from '../lane/lane.ts';
import { stepLane } from '../lane/lane.ts';
import type { BatchSource } from '../source/source.ts';
import { describeEvent } from '../text/event-text.ts';

export interface Outcome {
  /** Events folded. */
  readonly events: number;
  /** What fails first; undefined: nothing. */
  readonly failure: FirstFailure | undefined;
  /** Sorts of failures before it that no size would cure, by kind and status. */
  readonly incurable: readonly FirstFailure[];
}

export async function tryLane(booted: Lane, batches: BatchSource): Promise<Outcome> {
  let lane = booted;
  for await (const batch of batches) {
    const step = stepLane(lane, batch);
    const failure = firstWant(step) ?? firstKill(lane, step);
    lane = step.lane;
    if (failure !== undefined) return { events: failure.event, failure, incurable: incurableIn(lane) };
  }
  return { events: lane.events, failure: undefined, incurable: incurableIn(lane) };
}

function firstWant({ lane: { firstFailures } }: LaneStep): FirstFailure | undefined {
  return firstFailures.find(({ status }) => STATUS[status].wants);
}

function incurableIn({ firstFailures }: Lane): FirstFailure[] {
  return firstFailures.filter(({ status }) => !STATUS[status].wants && !STATUS[status].follows);
}

/** A process that the OOM killer ends for another's request: the request itself goes well. */
function firstKill({ events }: Lane, { before, after, batch }: LaneStep): FirstFailure | undefined {
  if (kills(after) === kills(before)) return undefined;
  const at = firstThatKills(before, batch);
  const event = eventAt(batch, at)!;
  const { reason } = STATUS['oom-killed'];
  return {
    event: events + at,
    kind: event.kind,
    status: 'oom-killed',
    request: describeEvent(event),
    reason,
    detail: '',
  };
}

const kills = ({ counters }: Machine): number => counters[COUNTER.oomKills]!;

/** Of a batch in which one does: bisected, a machine for each half. */
function firstThatKills(start: Machine, batch: Batch): number {
  let [machine, from, to] = [start, 0, batch.count];
  while (to - from > 1) {
    const middle = (from + to) >>> 1;
    const after = fold(machine, sliceBatch(batch, from, middle)).machine;
    if (kills(after) > kills(start)) to = middle;
    else [machine, from] = [after, middle];
  }
  return from;
}
