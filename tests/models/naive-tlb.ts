/** TLBs and walk caches the slow way: names instead of keys, every option taken literally. */
import type { MmuGeometry } from '../../core/paging/geometry.ts';
import type { CacheShape, TlbLevel } from '../../core/tlb/options.ts';
import { NaiveCache, type NaiveEntry } from './naive-caches.ts';

/** What translations cost, under the names of the machine's counters. */
interface NaiveTotals {
  translations: number;
  l1Hits: number;
  l2Hits: number;
  walks: number;
  walkCacheHits: number;
  pdpteCacheHits: number;
  pml4eCacheHits: number;
  pml5eCacheHits: number;
  walkReferences: number;
  dirtyAssists: number;
  fetchTranslations: number;
  fetchL2Hits: number;
  fetchWalks: number;
  kernelTranslations: number;
  kernelL2Hits: number;
  kernelWalks: number;
  kernelFetchTranslations: number;
  kernelFetchL2Hits: number;
  kernelFetchWalks: number;
  walkReadsLevel1: number;
  walkReadsLevel2: number;
  walkReadsLevel3: number;
  walkReadsLevel4: number;
  walkReadsLevel5: number;
}

/** A page reference: a page of `sizeClass` levels above the base page, in an address space ("0": the kernel's). */
export interface NaiveReference {
  readonly asid: number | string;
  readonly page: number;
  readonly sizeClass: number;
  readonly kind: 'load' | 'store' | 'fetch';
  /** A page of the kernel, under whatever asid. */
  readonly kernel?: boolean;
}

/** A TLB: the caches of base, large and huge pages, of which some may be the same. */
type NaiveLevel = readonly [NaiveCache, NaiveCache, NaiveCache];

/** Lowest first: how many levels above the page's own entry is the entry that is known, and who counts the hit. */
const WALK_CACHES = [
  { option: 'pdeCache', hits: 'walkCacheHits' },
  { option: 'pdpteCache', hits: 'pdpteCacheHits' },
  { option: 'pml4eCache', hits: 'pml4eCacheHits' },
  { option: 'pml5eCache', hits: 'pml5eCacheHits' },
] as const;

/** The caches of one cpu. */
export class NaiveTlb {
  private readonly mmu: MmuGeometry;
  private readonly all: NaiveCache[] = [];
  private readonly code: NaiveLevel;
  private readonly data: NaiveLevel;
  private readonly second: NaiveLevel;
  private readonly secondOfCode: NaiveLevel;
  private readonly walked: NaiveCache[];

  constructor(mmu: MmuGeometry) {
    this.mmu = mmu;
    this.data = this.level(mmu.l1d);
    this.code = mmu.unifiedL1 ? this.data : this.level(mmu.l1i);
    this.second = this.level(mmu.l2);
    this.secondOfCode = mmu.l2i === undefined ? this.second : this.level(mmu.l2i);
    this.walked = WALK_CACHES.slice(0, mmu.levels.length - 1).map(({ option }) => this.cache(mmu[option]));
  }

  private cache(shape: CacheShape): NaiveCache {
    const cache = new NaiveCache(shape, this.mmu.replacement, this.mmu.seed + this.all.length);
    this.all.push(cache);
    return cache;
  }

  private level(level: TlbLevel): NaiveLevel {
    const base = this.cache(level);
    const large = level.large === undefined ? base : this.cache(level.large);
    return [base, large, level.huge === undefined ? large : this.cache(level.huge)];
  }

  /** One reference; `markDirty` sets the page's dirty bit and says whether it was clear. */
  translate(reference: NaiveReference, totals: NaiveTotals, markDirty: () => boolean): void {
    const { asid, page, sizeClass, kind } = reference;
    const name = `${asid}/${sizeClass}/${page}`;
    tally(totals, reference, 'Translations');
    const first = (kind === 'fetch' ? this.code : this.data)[sizeClass]!.touch(page, name);
    const wasDirty = first.entry.dirty;
    if (kind === 'store') first.entry.dirty = true;
    const second = (kind === 'fetch' ? this.secondOfCode : this.second)[sizeClass]!;
    const inSecond = first.hit || second.touch(page, name).hit;
    if (first.hit) totals.l1Hits++;
    else tally(totals, reference, inSecond ? 'L2Hits' : 'Walks');
    if (!inSecond) this.walk(reference, totals);
    if (kind !== 'store' || (first.hit && wasDirty)) return;
    if (markDirty() && inSecond) {
      totals.dirtyAssists++;
      read(totals, sizeClass);
    }
  }

  /** From the page's own entry up to the first that a cache knows. */
  private walk({ asid, page, sizeClass }: NaiveReference, totals: NaiveTotals): void {
    read(totals, sizeClass);
    const { levels } = this.mmu;
    let entry = page;
    for (let above = sizeClass; above < levels.length - 1; above++) {
      entry = Math.floor(entry / (levels[levels.length - 1 - above]!.mask + 1));
      if (this.walked[above]!.touch(entry, `${asid}/${entry}`).hit) {
        totals[WALK_CACHES[above]!.hits]++;
        return;
      }
      read(totals, above + 1);
    }
  }

  /** What it holds, under the names of the options; TLBs of which several are one, once. */
  held(): Record<string, NaiveEntry[]> {
    const tlbs = { l1i: this.code, l1d: this.data, l2: this.second, l2i: this.secondOfCode };
    const seen = new Set<NaiveCache>();
    const once = (caches: Iterable<NaiveCache>): NaiveCache[] =>
      [...new Set(caches)].filter((cache) => !seen.has(cache) && seen.add(cache));
    const order = ['l1d', 'l1i', 'l2', 'l2i'] as const;
    return Object.fromEntries([
      ...order.map((name) => [name, once(tlbs[name]).flatMap((cache) => cache.entries())]),
      ...this.walked.map((cache, i) => [WALK_CACHES[i]!.option, cache.entries()]),
    ]);
  }

  invalidateAll(): void {
    for (const cache of this.all) cache.drop(() => true);
  }

  /** Forgets pages of an address space, all of them or [first, end); any invalidation empties the walk caches. */
  invalidate(asid: number | string, first = 0, end = Number.POSITIVE_INFINITY, sizeClass = 0): void {
    const isGone = (name: string): boolean => {
      const [of, size, page] = name.split('/');
      const inRange = size === String(sizeClass) && Number(page) >= first && Number(page) < end;
      return of === String(asid) && (end === Number.POSITIVE_INFINITY || inRange);
    };
    for (const cache of this.all) cache.drop(this.walked.includes(cache) ? () => true : isGone);
  }
}

/** Counts a reference, as what it is of all and of its kind. */
function tally(
  totals: NaiveTotals,
  { kind, kernel }: NaiveReference,
  what: 'Translations' | 'L2Hits' | 'Walks',
): void {
  totals[({ Translations: 'translations', L2Hits: 'l2Hits', Walks: 'walks' } as const)[what]]++;
  if (kind === 'fetch') totals[`fetch${what}`]++;
  if (kernel === true) totals[`kernel${what}`]++;
  if (kind === 'fetch' && kernel === true) totals[`kernelFetch${what}`]++;
}

/** Counts the entry that is so many levels above the last one. */
function read(totals: NaiveTotals, above: number): void {
  totals.walkReferences++;
  totals[`walkReadsLevel${above + 1}` as 'walkReadsLevel1']++;
}

export function noTotals(): NaiveTotals {
  return {
    translations: 0,
    l1Hits: 0,
    l2Hits: 0,
    walks: 0,
    walkCacheHits: 0,
    pdpteCacheHits: 0,
    pml4eCacheHits: 0,
    pml5eCacheHits: 0,
    walkReferences: 0,
    dirtyAssists: 0,
    fetchTranslations: 0,
    fetchL2Hits: 0,
    fetchWalks: 0,
    kernelTranslations: 0,
    kernelL2Hits: 0,
    kernelWalks: 0,
    kernelFetchTranslations: 0,
    kernelFetchL2Hits: 0,
    kernelFetchWalks: 0,
    walkReadsLevel1: 0,
    walkReadsLevel2: 0,
    walkReadsLevel3: 0,
    walkReadsLevel4: 0,
    walkReadsLevel5: 0,
  };
}
