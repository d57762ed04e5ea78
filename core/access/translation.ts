/**
 * Translation of runs of page references: through the TLB model of the machine, whose misses the walker serves.
 *
 * What the model cannot serve has to succeed at the walk: whoever fills a run makes sure that no page fault in it can
 * fail (runs.ts, alone.ts), and none of them flushes a TLB.
 */

import type { Draft } from '../machine/draft.ts';
import { COUNTER } from '../outcome/counters.ts';
import type { OutcomesDraft } from '../outcome/outcome.ts';
import { CPU } from '../state/cpus.ts';
import type { TlbModel } from '../tlb/model.ts';
import type { Run } from '../tlb/run.ts';
import { type AddressSpace, Walker } from './walk.ts';

export type { AddressSpace } from './walk.ts';

/** Translates the runs of one fold. */
export class Translator {
  private readonly draft: Draft;
  private readonly tlb: TlbModel;
  private readonly walker: Walker;

  constructor(draft: Draft, space: AddressSpace, out: OutcomesDraft) {
    this.draft = draft;
    this.tlb = draft.platform.mmu.tlb;
    this.walker = new Walker(draft, space, out);
  }

  /**
   * Translates the run on a cpu, and empties it; adds what the references took beyond a first-level hit to the outcomes.
   * Returns that sum, in nanoseconds.
   */
  translate(cpu: number, run: Run): number {
    const { walker } = this;
    const total = run.count + run.repeats;
    walker.begin();
    this.tlb.touch(this.cells(cpu), run, walker);
    run.count = 0;
    this.count(cpu, total, run);
    return walker.spentNs;
  }

  /** Counts once for the whole run: hits are what is left when the misses are taken off. */
  private count(cpu: number, total: number, run: Run): void {
    const { draft } = this;
    const { counters, cpus } = draft;
    const { hitsBelow, walks } = this.walker;
    counters[COUNTER.translations]! += total;
    counters[COUNTER.fetchTranslations]! += run.fetches;
    counters[COUNTER.kernelTranslations]! += run.kernelPages;
    counters[COUNTER.kernelFetchTranslations]! += run.kernelFetches;
    counters[COUNTER.l1Hits]! += total - hitsBelow - walks;
    cpus.add(cpu, CPU.translations, total);
    if (hitsBelow > 0) {
      counters[COUNTER.l2Hits]! += hitsBelow;
      cpus.add(cpu, CPU.l2Hits, hitsBelow);
    }
    if (walks > 0) {
      counters[COUNTER.walks]! += walks;
      cpus.add(cpu, CPU.walks, walks);
    }
  }

  private cells(cpu: number): Float64Array {
    const cells = this.draft.tlbs.of(cpu);
    if (cells !== undefined) return cells;
    const empty = this.tlb.create();
    this.draft.tlbs.give(cpu, empty);
    return empty;
  }
}
