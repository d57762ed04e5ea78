/**
 * A machine on its way to the state that was reported, with the events that lead there. The plan is made on the recorded
 * machine's own layout, step by step as memory fills, and the events are then a trace that any layout can be asked with.
 */
import { type Batch, BatchBuilder } from '../../../core/event/batch.ts';
import { EVENT_KINDS, type MemoryEvent } from '../../../core/event/kinds.ts';
import { fold } from '../../../core/fold/fold.ts';
import { Draft } from '../../../core/machine/draft.ts';
import type { Machine } from '../../../core/machine/machine.ts';
import { OK } from '../../../core/outcome/outcome.ts';
import { drainAllPcps } from '../../../core/phys/pcp.ts';
import type { Pause } from '../../source/breath.ts';

/** An event without what all of a filling have in common. */
export type Step = MemoryEvent extends infer E
  ? E extends MemoryEvent
    ? Omit<E, 'cpu' | 'thinkNs'>
    : never
  : never;

export interface Taken {
  readonly object: number;
  readonly pfn: number;
}

const BATCH = 16384;

export class Filling {
  machine: Machine;
  private readonly pause: Pause;
  private readonly batches: Batch[] = [];
  private nextObject = 1;
  /** Those that failed here, where none should. */
  failures = 0;

  /** @param pause after each batch */
  constructor(machine: Machine, pause: Pause) {
    this.machine = machine;
    this.pause = pause;
  }

  /** A number that no object has yet. */
  newObject(): number {
    return this.nextObject++;
  }

  /** Folds and keeps the events; those of allocations that came out well, with their first frames. */
  async run(steps: readonly Step[]): Promise<Taken[]> {
    const taken: Taken[] = [];
    for (let from = 0; from < steps.length; from += BATCH) {
      taken.push(...this.runBatch(steps.slice(from, from + BATCH)));
      await this.pause();
    }
    return taken;
  }

  private runBatch(steps: readonly Step[]): Taken[] {
    const batch = batchOfSteps(steps);
    const { machine, outcomes } = fold(this.machine, batch);
    this.machine = machine;
    this.batches.push(batch);
    return steps.flatMap((step, at) => {
      if (outcomes.status[at] !== OK) this.failures++;
      const isTaken = outcomes.status[at] === OK && 'object' in step;
      return isTaken ? [{ object: step.object, pfn: outcomes.pfnAt(at) }] : [];
    });
  }

  /** The same for allocations that may be refused: those that are, are left out. How many were not. */
  async take(steps: readonly Step[]): Promise<number> {
    const { machine, outcomes } = fold(this.machine, batchOfSteps(steps));
    const given = steps.filter((_, at) => outcomes.status[at] === OK);
    if (given.length < steps.length) await this.run(given);
    else {
      this.machine = machine;
      this.batches.push(batchOfSteps(steps));
      await this.pause();
    }
    return given.length;
  }

  /** The machine as it would be with all per-cpu lists drained, as who finds no page and may wait drains them. */
  drained(): Machine {
    const draft = Draft.of(this.machine);
    draft.onCpu(0);
    drainAllPcps(draft);
    return draft.seal(false).machine;
  }

  get events(): readonly Batch[] {
    return this.batches;
  }
}

export function batchOfSteps(steps: readonly Step[]): Batch {
  const builder = new BatchBuilder(steps.length);
  for (const step of steps) {
    // Nearly all are these, and right by construction.
    if (step.kind === 'page_alloc') builder.push(PAGE_ALLOC, 0, 0, step.object, step.order, step.gfp, 0);
    else if (step.kind === 'page_free') builder.push(PAGE_FREE, 0, 0, step.object, 0, 0, 0);
    else builder.add({ cpu: 0, thinkNs: 0, ...step } as MemoryEvent);
  }
  return builder.take();
}

const PAGE_ALLOC = EVENT_KINDS.page_alloc.code;
const PAGE_FREE = EVENT_KINDS.page_free.code;
