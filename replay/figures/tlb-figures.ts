/** What the TLBs did: counts, rates, and misses a thousand references, split in the ways that people ask for. */
import { type TranslationCounts, translationFigures } from '../../core/access/figures.ts';
import type { Machine } from '../../core/machine/machine.ts';
import { type CounterName, countersOf } from '../../core/outcome/counters.ts';

type Counters = Readonly<Record<CounterName, number>>;

/** Pages translated: an access of two pages counts twice. */
export interface TlbSplit extends TranslationCounts {
  /** What the first level did not serve, for a thousand references of all sorts; null where there were none. */
  readonly l1MissesPerThousand: number | null;
  readonly walksPerThousand: number | null;
  /** Parts of 1, of the translations of this sort; null where there were none. */
  readonly l1HitRate: number | null;
  readonly l2HitRate: number | null;
  readonly walkRate: number | null;
}

export interface TlbTotal extends TlbSplit {
  /** Accesses that were done, without the second parts of those that an importer cut. */
  readonly references: number;
}

export interface WalkLevel {
  /** pgd, p4d, pud, pmd, pte, or as the layout calls them; null: above its levels, where a layout has such reads. */
  readonly level: string | null;
  /** Entries of it that walks read, those that only set a dirty bit included, and the time that took. */
  readonly entriesRead: number;
  readonly ns: number;
}

export interface TlbFigures extends TranslationCounts {
  readonly walkReferences: number;
  /** Walks that an upper entry in a walk cache made shorter, by cache. */
  readonly walkCacheHits: number;
  readonly pdpteCacheHits: number;
  readonly pml4eCacheHits: number;
  readonly pml5eCacheHits: number;
  readonly flushes: number;
  readonly shootdowns: number;
  /** CR3 writes of page-table isolation. */
  readonly kptiSwitches: number;
  /** The parts of each of the three splits below add up to it. */
  readonly all: TlbTotal;
  readonly instruction: TlbSplit;
  readonly data: TlbSplit;
  /** By whose page it was, in whatever mode the cpu was. */
  readonly user: TlbSplit;
  readonly kernel: TlbSplit;
  /** Of the cpus that translated anything. */
  readonly cpus: readonly (TlbSplit & { readonly cpu: number })[];
  /** Top level first. */
  readonly walkLevels: readonly WalkLevel[];
}

/** `references`: accesses that were done, without the second parts of those that an importer cut. */
export function tlbFigures(machine: Machine, references: number): TlbFigures {
  const counters = countersOf(machine.counters);
  const { all, fetch, data, user, kernel, cpus, walkReads } = translationFigures(machine);
  const split = (counts: TranslationCounts): TlbSplit => splitOf(counts, references);
  return {
    ...countedByMachine(counters),
    all: { references, ...split(all) },
    instruction: split(fetch),
    data: split(data),
    user: split(user),
    kernel: split(kernel),
    cpus: cpus
      .map((counts, cpu) => ({ cpu, ...split(counts) }))
      .filter(({ translations }) => translations > 0),
    walkLevels: walkLevels(machine, walkReads),
  };
}

function countedByMachine(counters: Counters) {
  return {
    translations: counters.translations,
    l1Hits: counters.l1Hits,
    l2Hits: counters.l2Hits,
    walks: counters.walks,
    walkReferences: counters.walkReferences,
    walkCacheHits: counters.walkCacheHits,
    pdpteCacheHits: counters.pdpteCacheHits,
    pml4eCacheHits: counters.pml4eCacheHits,
    pml5eCacheHits: counters.pml5eCacheHits,
    flushes: counters.tlbFlushes,
    shootdowns: counters.shootdowns,
    kptiSwitches: counters.kptiSwitches,
  };
}

function splitOf(counts: TranslationCounts, references: number): TlbSplit {
  const { translations, l1Hits, l2Hits, walks } = counts;
  const perThousand = (part: number): number | null => (references === 0 ? null : (1000 * part) / references);
  const rate = (part: number): number | null => (translations === 0 ? null : part / translations);
  return {
    ...counts,
    l1MissesPerThousand: perThousand(l2Hits + walks),
    walksPerThousand: perThousand(walks),
    l1HitRate: rate(l1Hits),
    l2HitRate: rate(l2Hits),
    walkRate: rate(walks),
  };
}

function walkLevels(
  { platform }: Machine,
  walkReads: ReturnType<typeof translationFigures>['walkReads'],
): WalkLevel[] {
  const { walkReferenceNs } = platform.costs;
  return walkReads
    .map(({ level = null, entries }) => ({ level, entriesRead: entries, ns: entries * walkReferenceNs }))
    .reverse();
}
