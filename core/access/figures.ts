/** How references were translated, from the counters of a machine: by kind of reference, by cpu, and walks by level. */

import type { Machine } from '../machine/machine.ts';
import { COUNTER, NR_READ_LEVELS } from '../outcome/counters.ts';
import type { MmuGeometry } from '../paging/geometry.ts';
import { CPU, CPUS_VAR } from '../state/cpus.ts';

/** Pages translated since boot, and by what. `translations` is the sum of the others. */
export interface TranslationCounts {
  readonly translations: number;
  readonly l1Hits: number;
  readonly l2Hits: number;
  readonly walks: number;
}

/** Numbers of pages translated since boot, and of the page-table entries that walks read. */
export interface TranslationFigures {
  readonly all: TranslationCounts;
  /** `all` in two: by what was referred to. */
  readonly fetch: TranslationCounts;
  readonly data: TranslationCounts;
  /** `all` in two: by whose page it was, in whatever mode the cpu referred to it. */
  readonly user: TranslationCounts;
  readonly kernel: TranslationCounts;
  /** `all` by number of the cpu, up to the last one that did anything. */
  readonly cpus: readonly TranslationCounts[];
  /**
   * Page-table entries read by walks, and to set dirty bits: by level of the page tables, the last one first. The name
   * is that of the layout; undefined for reads above its levels, which a layout of one's own may tell of (`walkReads`).
   */
  readonly walkReads: readonly { readonly level: string | undefined; readonly entries: number }[];
}

/** How the references since boot were translated: numbers of pages. */
export function translationFigures({ counters, cpus, platform, vars }: Machine): TranslationFigures {
  const of = (translations: number, l2Hits: number, walks: number): TranslationCounts =>
    counts(counters[translations]!, counters[l2Hits]!, counters[walks]!);
  const all = of(COUNTER.translations, COUNTER.l2Hits, COUNTER.walks);
  const fetch = of(COUNTER.fetchTranslations, COUNTER.fetchL2Hits, COUNTER.fetchWalks);
  const kernel = of(COUNTER.kernelTranslations, COUNTER.kernelL2Hits, COUNTER.kernelWalks);
  return {
    all,
    fetch,
    data: difference(all, fetch),
    user: difference(all, kernel),
    kernel,
    cpus: Array.from({ length: vars[CPUS_VAR.busyCpus]! }, (_, cpu) =>
      counts(cpus.get(cpu, CPU.translations), cpus.get(cpu, CPU.l2Hits), cpus.get(cpu, CPU.walks)),
    ),
    walkReads: walkReads(counters, platform.mmu),
  };
}

function walkReads(
  counters: Machine['counters'],
  { kernelWalkReads, levels, userWalkReads }: MmuGeometry,
): TranslationFigures['walkReads'] {
  const most = Math.max(levels.length, userWalkReads, kernelWalkReads);
  return Array.from({ length: Math.min(most, NR_READ_LEVELS) }, (_, i) => ({
    level: levels[levels.length - 1 - i]?.name,
    entries: counters[COUNTER.walkReadsLevel1 + i]!,
  }));
}

function counts(translations: number, l2Hits: number, walks: number): TranslationCounts {
  return { translations, l1Hits: translations - l2Hits - walks, l2Hits, walks };
}

function difference(all: TranslationCounts, part: TranslationCounts): TranslationCounts {
  return counts(all.translations - part.translations, all.l2Hits - part.l2Hits, all.walks - part.walks);
}
