/**
 * A lane: one layout on its way through a trace. It is plain immutable data, and a step is a pure function from a
 * lane and a batch to the lane after it; no rxjs and no clock in here.
 */
import { bootMachine } from '../../core/boot/boot.ts';
import { type Batch, eventAt } from '../../core/event/batch.ts';
import type { KindName } from '../../core/event/kinds.ts';
import { type FoldOptions, fold } from '../../core/fold/fold.ts';
import type { Layout } from '../../core/layout/layout.ts';
import type { Machine } from '../../core/machine/machine.ts';
import type { MachineOptions } from '../../core/machine/options.ts';
import { type Outcomes, STATUS, type StatusName } from '../../core/outcome/outcome.ts';
import { OutcomeDigest } from '../../core/outcome/outcome-digest.ts';
import { Rewind } from '../seek/rewind.ts';
import { describeEvent } from '../text/event-text.ts';
import { figuresBehind } from '../text/reasons.ts';
import { type ObjectScale, objectScale, scaleObjects, type WordBits } from './scale-objects.ts';
import { addToTally, type NewFailure, NO_TALLY, type Tally } from './tally.ts';

/** What a lane’s machine is told at boot, and what the lane is called. */
export interface LaneOptions extends MachineOptions {
  /** What reports call it; by default the name of the layout. */
  readonly name?: string;
  /** Word size of the kernel that was recorded: objects of its slab caches are scaled to that of the layout. */
  readonly recordedWordBits?: WordBits;
}

/** All that a lane is made from. */
export interface LaneSpecification extends LaneOptions {
  readonly layout: Layout;
}

/** One layout’s machine, with what was counted on the way to it. */
export interface Lane {
  readonly name: string;
  readonly layout: Layout;
  /** The machine after everything folded so far. */
  readonly machine: Machine;
  /** Events folded so far. */
  readonly events: number;
  readonly tally: Tally;
  /** Kernel objects as they are scaled; undefined: they have their recorded sizes. */
  readonly scale: ObjectScale | undefined;
  /** Of all outcomes. */
  readonly digest: OutcomeDigest;
  /** The first of each kind and status, in order. */
  readonly firstFailures: readonly FirstFailure[];
}

/**
 * One batch under one layout. The machines are those of this process, which share what did not change and cannot
 * be sent elsewhere: a worker is sent the specification of a lane, and boots its own.
 */
export interface Step {
  /** As it was folded: with kernel objects of other sizes, if the lane scales them. */
  readonly batch: Batch;
  readonly before: Machine;
  readonly after: Machine;
  readonly outcomes: Outcomes;
}

/** A step, and the lane that it leads to. */
export interface LaneStep extends Step {
  readonly lane: Lane;
}

/** The first failure of a kind with a status. */
export interface FirstFailure {
  /** Number of the event, from 0. */
  readonly event: number;
  readonly kind: KindName;
  readonly status: StatusName;
  /** The event, in a line. */
  readonly request: string;
  /** The rule that was broken. */
  readonly reason: string;
  /** The figures that show it, at that very moment; may be empty. */
  readonly detail: string;
}

/** A lane before its first event, on a machine of this layout just booted; UsageError when it cannot boot. */
export function newLane(layout: Layout, options: LaneOptions = {}): Lane {
  const { wordBits } = layout.arch;
  return {
    name: options.name ?? layout.name,
    layout,
    machine: bootMachine(layout, options),
    events: 0,
    tally: NO_TALLY,
    scale: objectScale(options.recordedWordBits ?? wordBits, wordBits),
    digest: new OutcomeDigest(),
    firstFailures: [],
  };
}

/**
 * Folds the next batch. The lane given stays as it is.
 */
export function stepLane(
  lane: Lane,
  recorded: Batch,
  options: Pick<FoldOptions, 'spare' | 'log'> = {},
): LaneStep {
  const { batch, scale } = scaled(lane, recorded);
  const before = lane.machine;
  const { machine: after, outcomes } = fold(before, batch, options);
  const { tally, news } = addToTally(lane.tally, batch, outcomes);
  const stepped: Lane = {
    name: lane.name,
    layout: lane.layout,
    machine: after,
    events: lane.events + batch.count,
    tally,
    scale,
    digest: lane.digest.with(outcomes),
    firstFailures: news.length === 0 ? lane.firstFailures : withFailures(lane, batch, news),
  };
  return { batch, before, after, outcomes, lane: stepped };
}

/** The next batch as this lane folds it, and how it scales what comes then. */
export function scaled(
  { scale }: Lane,
  batch: Batch,
): { readonly batch: Batch; readonly scale: ObjectScale | undefined } {
  return scale === undefined ? { batch, scale } : scaleObjects(scale, batch);
}

function withFailures(
  { machine, events, firstFailures }: Lane,
  batch: Batch,
  news: readonly NewFailure[],
): FirstFailure[] {
  const rewind = new Rewind(machine, batch);
  const found = news.map(({ at, status, origin }) => {
    const event = eventAt(batch, at)!;
    return {
      event: events + at,
      kind: event.kind,
      status,
      request: describeEvent(event),
      reason: STATUS[status].reason,
      detail: figuresBehind(rewind.to(at), event, status, origin),
    };
  });
  return [...firstFailures, ...found];
}
