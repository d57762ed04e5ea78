/** A lane: one layout being replayed. A plain loop around the fold that keeps count; no rxjs in here. */
import { bootMachine, type MachineOptions } from '../../core/boot.ts';
import { type Batch, eventAt } from '../../core/event/batch.ts';
import type { KindName } from '../../core/event/kinds.ts';
import { fold } from '../../core/fold.ts';
import type { Layout } from '../../core/layout/layout.ts';
import { type Outcomes, STATUSES, type StatusName } from '../../core/outcome/outcome.ts';
import { OutcomeDigest } from '../../core/outcome/outcome-digest.ts';
import type { Machine } from '../../core/state/machine.ts';
import { Rewind } from '../seek/rewind.ts';
import { describeEvent } from '../text/event-text.ts';
import { figuresBehind } from '../text/reasons.ts';
import { type NewFailure, Tally } from './tally.ts';

/** Milliseconds from anywhere; only their differences count. */
export type Clock = () => number;

export interface LaneOptions extends MachineOptions {
  /** What reports call it; by default the name of the layout. */
  readonly name?: string;
  readonly clock?: Clock;
}

/** One batch under one layout. */
export interface Step {
  readonly before: Machine;
  readonly after: Machine;
  readonly outcomes: Outcomes;
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

/** One layout’s machine on its way through a trace, with what is counted on the way. */
export class Lane {
  readonly name: string;
  readonly layout: Layout;
  readonly tally = new Tally();
  readonly digest = new OutcomeDigest();
  readonly firstFailures: FirstFailure[] = [];
  private readonly clock: Clock;
  private current: Machine;
  private eventCount = 0;
  private foldMs = 0;

  /** Boots a machine of this layout; UsageError when it cannot boot. */
  constructor(layout: Layout, options: LaneOptions = {}) {
    this.layout = layout;
    this.name = options.name ?? layout.name;
    this.clock = options.clock ?? (() => performance.now());
    this.current = bootMachine(layout, options);
  }

  /** The machine after everything folded so far. */
  get machine(): Machine {
    return this.current;
  }

  /** Events folded so far. */
  get events(): number {
    return this.eventCount;
  }

  /** Wall time spent on them. */
  get elapsedMs(): number {
    return this.foldMs;
  }

  step(batch: Batch): Step {
    const start = this.clock();
    const before = this.current;
    const { machine: after, outcomes } = fold(before, batch);
    this.digest.add(outcomes);
    const failures = this.tally.add(batch, outcomes);
    if (failures.length > 0) this.noteFailures(new Rewind(before, batch), batch, failures);
    this.current = after;
    this.eventCount += batch.count;
    this.foldMs += this.clock() - start;
    return { before, after, outcomes };
  }

  private noteFailures(rewind: Rewind, batch: Batch, failures: readonly NewFailure[]): void {
    for (const { at, status, origin } of failures) {
      const event = eventAt(batch, at)!;
      this.firstFailures.push({
        event: this.eventCount + at,
        kind: event.kind,
        status,
        request: describeEvent(event),
        reason: STATUSES.find(({ name }) => name === status)!.reason,
        detail: figuresBehind(rewind.to(at), event, status, origin),
      });
    }
  }
}
