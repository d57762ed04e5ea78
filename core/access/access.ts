/**
 * Access events: from (object, offset) to page references, and those through the MMU.
 *
 * Accesses come in runs: neighbours in the batch, on one cpu. As many as can be are taken at once (runs.ts): resolved
 * to TLB keys, those left out that repeat the page before, the rest translated (translation.ts). An access that may
 * fail, or whose object has no simple form, ends the run and is done alone (alone.ts).
 */
import type { Batch } from '../event/batch.ts';
import type { Draft } from '../machine/draft.ts';
import { COUNTER } from '../outcome/counters.ts';
import { OK, type OutcomesDraft } from '../outcome/outcome.ts';
import { passTime } from '../state/cpus.ts';
import { Run } from '../tlb/run.ts';
import { LoneAccess } from './alone.ts';
import { Bindings } from './bindings.ts';
import { RunningSpace } from './running-space.ts';
import { Runs } from './runs.ts';
import { Translator } from './translation.ts';

/** Scratch shared by all folds: holds nothing between runs. */
const bindings = new Bindings();
const run = new Run(1024);

/** The MMU of one fold. */
export class Mmu {
  private readonly draft: Draft;
  private readonly out: OutcomesDraft;
  private readonly space: RunningSpace;
  private readonly runs: Runs;
  private readonly lone: LoneAccess;
  private readonly translator: Translator;

  constructor(draft: Draft, out: OutcomesDraft) {
    this.draft = draft;
    this.out = out;
    this.space = new RunningSpace(draft, out);
    this.runs = new Runs(draft, bindings, run);
    this.translator = new Translator(draft, this.space, out);
    this.lone = new LoneAccess(draft, this.space, bindings, run);
  }

  /** Folds the accesses from index `start` on, at least one; returns the index behind the last one done. */
  accessRun(batch: Batch, start: number): number {
    const cpu = batch.cpu[start]!;
    this.space.enter(cpu);
    bindings.begin();
    const end = this.runs.fill(batch, cpu, this.space.mm, start);
    if (end === start) {
      this.accessAlone(batch, start);
      return start + 1;
    }
    const { draft, out } = this;
    const { accessNs } = draft.platform.costs;
    const count = end - start;
    out.latencyNs.fill(accessNs, start, end);
    draft.counters[COUNTER.references]! += count - run.continued;
    const extraNs = this.translator.translate(cpu, run);
    passTime(draft.cpus, cpu, run.thinkNs, count * accessNs + extraNs);
    return end;
  }

  /** One access: first whether it can be done, then the TLBs. */
  private accessAlone(batch: Batch, at: number): void {
    const { draft, out } = this;
    const { reclaimer } = draft;
    const cpu = batch.cpu[at]!;
    draft.extraNs = 0;
    const status = this.lone.prepare(batch, at);
    let spentNs = draft.platform.costs.accessNs + draft.extraNs;
    out.latencyNs[at] = spentNs;
    out.status[at] = status;
    if (status === OK) spentNs += this.translator.translate(cpu, run);
    passTime(draft.cpus, cpu, batch.thinkNs[at]!, spentNs);
    if (reclaimer === undefined || status !== OK) return;
    // On the clock already.
    draft.extraNs = 0;
    reclaimer.settle(draft, OK);
  }
}
