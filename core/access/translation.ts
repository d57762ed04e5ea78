/**
 * Translation of runs of page references: through the TLB model of the machine, whose misses the walker serves.
 *
 * What the model cannot serve has to succeed at the walk: whoever fills a run makes sure that no page fault in it can
 * fail (runs.ts, alone.ts), and none of them flushes a TLB.
 */

import type { Draft } from '../machine/draft.ts';
import { COUNTER } from '../outcome/counters.ts';
import type { OutcomesDraft } from '../outcome/outcome.ts';
import { lacksKernelEntry } from '../paging/kernel-entries.ts';
import { CPU } from '../state/cpus.ts';
import { keyPage, keyTag, tagSizeClass } from '../tlb/keys.ts';
import type { TlbModel } from '../tlb/model.ts';
import type { ReferenceLog } from '../tlb/reference-log.ts';
import { REF_KERNEL, type Run } from '../tlb/run.ts';
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
    if (this.draft.log !== undefined) this.logTo(this.draft.log, cpu, run);
    this.tlb.touch(this.cells(cpu), run, walker);
    run.count = 0;
    this.count(cpu, total, run);
    return walker.spentNs;
  }

  private logTo(log: ReferenceLog, cpu: number, run: Run): void {
    const { draft } = this;
    log.begin(cpu, run);
    const mm = draft.cpus.get(cpu, CPU.mm);
    if (mm === 0 || draft.platform.kernelEntries !== 'fault') return;
    const { keys, refs, count } = run;
    for (let k = 0; k < count; k++) {
      const isBase = (refs[k]! & REF_KERNEL) !== 0 && tagSizeClass(keyTag(keys[k]!)) === 0;
      if (isBase && lacksKernelEntry(draft, draft.records.mm(mm), keyPage(keys[k]!)))
        log.markLacking(keys[k]!, refs[k]!);
    }
    log.rewind();
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
