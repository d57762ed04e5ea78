/** What translations amount to: the counters of a machine that depend on its TLBs, and the same by cpu. */
import type { CounterName } from '../../outcome/counters.ts';
import { COUNTER, COUNTER_NAMES } from '../../outcome/counters.ts';

/** The counters that TLBs of another make would change; all others are the machine's whatever its TLBs. */
export const TLB_COUNTERS: readonly CounterName[] = [
  'l1Hits',
  'l2Hits',
  'walks',
  'walkReferences',
  'walkCacheHits',
  'pdpteCacheHits',
  'pml4eCacheHits',
  'pml5eCacheHits',
  'dirtyAssists',
  'fetchL2Hits',
  'fetchWalks',
  'kernelL2Hits',
  'kernelWalks',
  'kernelFetchL2Hits',
  'kernelFetchWalks',
  'walkReadsLevel1',
  'walkReadsLevel2',
  'walkReadsLevel3',
  'walkReadsLevel4',
  'walkReadsLevel5',
];

/** Of one cpu. `ns`: what TLB hits below the first level, walks and dirty bits took. */
export interface CpuAccount {
  l2Hits: number;
  walks: number;
  ns: number;
}

export class Account {
  /** By COUNTER. */
  readonly counters = new Float64Array(COUNTER_NAMES.length);
  private readonly cpus: CpuAccount[] = [];

  ofCpu(cpu: number): CpuAccount {
    this.cpus[cpu] ??= { l2Hits: 0, walks: 0, ns: 0 };
    return this.cpus[cpu];
  }

  /** Of this and another: what neither knows of is not there. */
  with(other: Account): Account {
    const sum = new Account();
    for (const one of [this, other]) {
      one.counters.forEach((count, i) => {
        sum.counters[i]! += count;
      });
      one.cpus.forEach(({ l2Hits, walks, ns }, cpu) => {
        const own = sum.ofCpu(cpu);
        own.l2Hits += l2Hits;
        own.walks += walks;
        own.ns += ns;
      });
    }
    return sum;
  }

  forEachCpu(see: (cpu: number, account: CpuAccount) => void): void {
    this.cpus.forEach((account, cpu) => {
      see(cpu, account);
    });
  }

  /** What is left of all translations. */
  l1Hits(translations: number): number {
    const { counters } = this;
    return translations - counters[COUNTER.l2Hits]! - counters[COUNTER.walks]!;
  }
}
