/** How many accesses may be taken at once: those of a run whose page faults cannot fail. */
import type { Batch } from '../event/batch.ts';
import { EVENT_KINDS } from '../event/kinds.ts';
import type { Draft } from '../machine/draft.ts';
import { COUNTER } from '../outcome/counters.ts';
import { quietHeadroom } from '../phys/page-alloc.ts';
import { CPU } from '../state/cpus.ts';
import type { Run } from '../tlb/run.ts';
import type { Bindings } from './bindings.ts';
import { collect, sum } from './run.ts';
import { keyHugePages } from './run-keys.ts';
import { StepRuns } from './step-run.ts';
import { Stretches } from './stretches.ts';

const ACCESS = EVENT_KINDS.access.code;
const SHORTEST_REACH = 64;

/** Fills the runs of one fold. */
export class Runs {
  private readonly draft: Draft;
  private readonly bindings: Bindings;
  private readonly run: Run;
  private readonly stepRuns: StepRuns;
  private readonly stretches = new Stretches();
  /** Whether every access has to be done alone. */
  private readonly isNever: boolean;
  /** How many accesses to look at at once: few as long as huge pages keep ending the runs. */
  private hugeReach = SHORTEST_REACH;

  constructor(draft: Draft, bindings: Bindings, run: Run) {
    this.draft = draft;
    this.bindings = bindings;
    this.run = run;
    this.stepRuns = new StepRuns(draft, bindings, run);
    const { kpti, segments, tlb } = draft.platform.mmu;
    // Runs leave repeats out, know one mode of the cpu, and do not look at segments.
    this.isNever = tlb.everyReference || kpti || segments !== undefined;
  }

  /** Fills the run; returns the index behind its last access, which is `start` if that one has to be done alone. */
  fill(batch: Batch, cpu: number, mm: number, start: number): number {
    if (this.isNever) return start;
    const { draft, bindings, run } = this;
    const isHuge = draft.platform.thp !== undefined && mm !== 0;
    const end = isHuge ? start : this.fillFromSteps(batch, cpu, start);
    if (end > start) return end;
    const limit = start + this.longestSafeRun(this.stretches.endOf(batch, start) - start);
    if (isHuge) return this.fillToHuge(batch, cpu, mm, start, limit);
    return collect(draft, bindings, run, batch, cpu, start, limit);
  }

  /** The same of a batch of nothing but accesses of one cpu, if it is told in steps: without its columns. */
  private fillFromSteps({ steps, thinkNs, count: nrEvents }: Batch, cpu: number, start: number): number {
    if (steps === undefined || steps.kind !== ACCESS || steps.cpu === undefined) return start;
    const limit = start + this.longestSafeRun(nrEvents - start);
    if (limit === start) return start;
    const end = this.stepRuns.fill(steps, cpu, start, limit);
    const count = end - start;
    this.run.thinkNs = steps.thinkNs === undefined ? sum(thinkNs, start, end) : count * steps.thinkNs;
    return end;
  }

  /** The same where pages may be huge: up to the first access that could make or split one. */
  private fillToHuge(batch: Batch, cpu: number, mm: number, start: number, limit: number): number {
    const { draft, bindings, run } = this;
    const { counters, cpus } = draft;
    const logical = counters[COUNTER.kernelLogicalReferences]!;
    const virtual = counters[COUNTER.kernelVirtualReferences]!;
    let end = Math.min(limit, start + this.hugeReach);
    for (;;) {
      end = collect(draft, bindings, run, batch, cpu, start, end);
      const cut = keyHugePages(draft, draft.records.mm(mm), cpus.get(cpu, CPU.asid), run);
      this.hugeReach = cut < 0 ? this.hugeReach * 2 : SHORTEST_REACH;
      if (cut < 0) return end;
      end = cut;
      counters[COUNTER.kernelLogicalReferences] = logical;
      counters[COUNTER.kernelVirtualReferences] = virtual;
    }
  }

  /** At most `most`. Every reference may fault in two pages, and each of them needs its page, a copy, and tables. */
  private longestSafeRun(most: number): number {
    const worstCasePages = 2 * (this.draft.platform.mmu.levels.length + 1);
    const headroom = quietHeadroom(this.draft, most * worstCasePages);
    return Math.min(most, Math.floor(headroom / worstCasePages));
  }
}
