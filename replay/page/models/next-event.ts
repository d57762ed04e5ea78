/** The event that is met next: what it asks, and for each lane what comes of it and what it changes. */
import { changes } from '../../../core/changes/changes.ts';
import { eventAt } from '../../../core/event/batch.ts';
import { fold } from '../../../core/fold/fold.ts';
import { type Lane, scaled } from '../../lane/lane.ts';
import { eventsArguments, machineArguments, reproduceLine } from '../../spec/command-line.ts';
import { describeEvent } from '../../text/event-text.ts';
import { describeOutcome, type LaneOutcome } from '../../text/outcome-text.ts';
import type { Scene } from './scene.ts';

export interface NextEvent {
  readonly event: number;
  readonly kind: string;
  readonly cpu: number;
  readonly request: string;
  /** The object, process or file that it is about, by number. */
  readonly subject: number;
  readonly lanes: readonly EventInLane[];
  /** Tells the same in a terminal. */
  readonly command: string;
}

export interface EventInLane {
  readonly outcome: LaneOutcome;
  readonly story: string;
  /** What it changes in the machine, a sentence each. */
  readonly changes: readonly string[];
}

/** Null at the end of the trace, and of a kind that this version does not know. */
export function nextEvent({ event, lanes, next, run }: Scene, _params: undefined): NextEvent | null {
  const asked = next && eventAt(next, 0);
  if (next === undefined || asked === undefined) return null;
  return {
    event,
    kind: asked.kind,
    cpu: asked.cpu,
    request: describeEvent(asked),
    subject: next.object[0]!,
    lanes: lanes.map((lane) => inLane(lane, scaled(lane, next).batch)),
    command: reproduceLine('explain', [
      ...['--trace', ...eventsArguments(run.events), '--event', String(event)],
      ...machineArguments(run),
    ]),
  };
}

function inLane({ machine }: Lane, batch: Parameters<typeof fold>[1]): EventInLane {
  const asked = eventAt(batch, 0)!;
  const { outcome, story } = describeOutcome(machine, fold(machine, batch), asked);
  return { outcome, story, changes: changes(machine, batch, 0).words };
}
