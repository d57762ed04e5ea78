/**
 * Translation of runs of page references: through the TLB model of the machine, whose misses the walker serves.
 *
 * What the model cannot serve has to succeed at the walk: whoever fills a run makes sure that no page fault in it can
 * fail (runs.ts, alone.ts), and none of them flushes a TLB.
 */
import { COUNTER } from '../outcome/counters.ts';
import type { Outcomes } from '../outcome/outcome.ts';
import type { Draft } from '../state/draft.ts';
import type { TlbModel } from '../tlb/model.ts';
import type { Run } from '../tlb/run.ts';
import { type AddressSpace, Walker } from './walk.ts';

export type { AddressSpace } from './walk.ts';

/** Translates the runs of one fold. */
export class Translator {
  private readonly draft: Draft;
  private readonly tlb: TlbModel;
  private readonly walker: Walker;

  constructor(draft: Draft, space: AddressSpace, out: Outcomes) {
    this.draft = draft;
    this.tlb = draft.platform.mmu.tlb;
    this.walker = new Walker(draft, space, out);
  }

  /**
   * Translates the run on a cpu, and empties it; adds what the references took beyond a first-level hit to the outcomes.
   * Returns that sum, in nanoseconds.
   */
  translate(cpu: number, run: Run): number {
    const { draft, walker } = this;
    const { counters } = draft;
    const total = run.count + run.repeats;
    walker.begin();
    this.tlb.touch(this.cells(cpu), run, walker);
    run.count = 0;
    counters[COUNTER.translations]! += total;
    counters[COUNTER.l1Hits]! += total - walker.hitsBelow - walker.walks;
    counters[COUNTER.l2Hits]! += walker.hitsBelow;
    counters[COUNTER.walks]! += walker.walks;
    return walker.spentNs;
  }

  private cells(cpu: number): Float64Array {
    const cells = this.draft.tlbs.of(cpu);
    if (cells !== undefined) return cells;
    const empty = this.tlb.create();
    this.draft.tlbs.give(cpu, empty);
    return empty;
  }
}
