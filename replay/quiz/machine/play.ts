/** A machine that a question plays events on, one at a time, since each is told. */

import { UsageError } from '../../../core/base/errors.ts';
import { bootMachine } from '../../../core/boot/boot.ts';
import { batchOf } from '../../../core/event/batch.ts';
import type { MemoryEvent } from '../../../core/event/kinds.ts';
import { type EventAddress, eventAddress } from '../../../core/explain/event-address.ts';
import { type Folded, fold } from '../../../core/fold/fold.ts';
import type { Machine } from '../../../core/machine/machine.ts';
import type { MachineOptions } from '../../../core/machine/options.ts';
import { OK, type Outcomes, STATUSES, type StatusName } from '../../../core/outcome/outcome.ts';
import type { Fact } from '../../../workloads/examples/example.ts';
import { describeEvent } from '../../text/event-text.ts';
import { describeOutcome, type LaneOutcome } from '../../text/outcome-text.ts';
import type { Ground } from './machines.ts';

/** An event that was played, and what became of it. */
export interface Played {
  readonly event: MemoryEvent;
  readonly before: Machine;
  readonly folded: Folded;
}

export class Play {
  machine: Machine;
  private readonly ground: Ground;

  constructor(ground: Ground, options: MachineOptions = {}) {
    this.ground = ground;
    // Questions are about what is wanting: a machine that makes room would answer others.
    const { reclaim: _, ...asked } = ground.options;
    this.machine = bootMachine(ground.layout, { ...asked, ...options });
  }

  do(fact: Fact): Played {
    const event = eventOf(fact);
    const before = this.machine;
    const folded = fold(before, batchOf([event]));
    this.machine = folded.machine;
    return { event, before, folded };
  }

  /** What a question needs before its point, as one batch; where that fails, the machine is none for it. */
  given(...facts: readonly Fact[]): void {
    const { events, outcomes } = this.doAll(facts);
    const failed = events.findIndex((_, i) => outcomes.status[i] !== OK);
    if (failed >= 0) throw this.tooSmall(describeEvent(events[failed]!), outcomes.status[failed]!);
  }

  /** Many at once, whatever becomes of them. */
  doAll(facts: readonly Fact[]): { readonly events: readonly MemoryEvent[]; readonly outcomes: Outcomes } {
    const events = facts.map(eventOf);
    const { machine, outcomes } = fold(this.machine, batchOf(events));
    this.machine = machine;
    return { events, outcomes };
  }

  private tooSmall(event: string, status: number): UsageError {
    return new UsageError(
      `${this.ground.name}: found a machine on which ${event} fails (${STATUSES[status]!.name}), expected one with ` +
        'room for a few pages: give it more RAM, or take another layout',
    );
  }
}

/** On cpu 0, with no time before it. */
function eventOf(fact: Fact): MemoryEvent {
  return { cpu: 0, thinkNs: 0, ...fact } as MemoryEvent;
}

export function statusOf({ folded }: Played): StatusName {
  return STATUSES[folded.outcomes.status[0]!]!.name;
}

/** In words, and its figures. */
export function told({ before, folded, event }: Played): { outcome: LaneOutcome; story: string } {
  return describeOutcome(before, folded, event);
}

/** The address that an event gave or touched; it has one. */
export function addressOf({ before, folded, event }: Played): EventAddress {
  const found = eventAddress(before, folded, event);
  if (found === undefined) throw new Error(`${describeEvent(event)} has no address`);
  return found;
}
