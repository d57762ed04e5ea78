/** TLBs and walk caches the slow way: lists of names, most recent first. */
import type { MmuGeometry } from '../../core/paging/geometry.ts';

export interface NaiveEntry {
  /** Whose page, of which size, and which: `asid/size/page`. */
  readonly name: string;
  /** A store went through this entry. */
  dirty: boolean;
}

/** A set-associative cache with true LRU: one list a set. */
export class NaiveCache {
  private readonly lists = new Map<number, NaiveEntry[]>();
  private readonly sets: number;
  private readonly ways: number;

  constructor(sets: number, ways: number) {
    this.sets = sets;
    this.ways = ways;
  }

  /** Looks a page up; it is the most recent entry of its set afterwards, and the oldest is gone if it was not there. */
  touch(page: number, name: string): { hit: boolean; entry: NaiveEntry } {
    const list = this.lists.get(page % this.sets) ?? [];
    const found = list.find((entry) => entry.name === name);
    const entry = found ?? { name, dirty: false };
    const others = list.filter((other) => other !== found);
    this.lists.set(page % this.sets, [entry, ...others].slice(0, this.ways));
    return { hit: found !== undefined, entry };
  }

  drop(isGone: (name: string) => boolean): void {
    for (const [set, list] of this.lists)
      this.lists.set(
        set,
        list.filter(({ name }) => !isGone(name)),
      );
  }
}

/** What translations cost, under the names of the machine's counters. */
export interface NaiveTotals {
  translations: number;
  l1Hits: number;
  l2Hits: number;
  walks: number;
  walkCacheHits: number;
  walkReferences: number;
  dirtyAssists: number;
}

/** A page reference: a page of `sizeClass` levels above the base page, in the address space `asid` (0: kernel's). */
export interface NaiveReference {
  readonly asid: number;
  readonly page: number;
  readonly sizeClass: number;
  readonly kind: 'load' | 'store' | 'fetch';
}

/** The caches of one cpu. */
export class NaiveTlb {
  private readonly mmu: MmuGeometry;
  private readonly code: NaiveCache;
  private readonly data: NaiveCache;
  private readonly second: NaiveCache;
  private readonly walked: NaiveCache;

  constructor(mmu: MmuGeometry) {
    this.mmu = mmu;
    this.code = new NaiveCache(mmu.l1i.sets, mmu.l1i.ways);
    this.data = new NaiveCache(mmu.l1d.sets, mmu.l1d.ways);
    this.second = new NaiveCache(mmu.l2.sets, mmu.l2.ways);
    this.walked = new NaiveCache(1, mmu.walkCacheEntries);
  }

  /** One reference; `markDirty` sets the page's dirty bit and says whether it was clear. */
  translate(reference: NaiveReference, totals: NaiveTotals, markDirty: () => boolean): void {
    const { asid, page, sizeClass, kind } = reference;
    const name = `${asid}/${sizeClass}/${page}`;
    totals.translations++;
    const first = (kind === 'fetch' ? this.code : this.data).touch(page, name);
    const wasDirty = first.entry.dirty;
    if (kind === 'store') first.entry.dirty = true;
    const inSecond = first.hit || this.second.touch(page, name).hit;
    if (first.hit) totals.l1Hits++;
    else if (inSecond) totals.l2Hits++;
    else this.walk(reference, totals);
    if (kind !== 'store' || (first.hit && wasDirty)) return;
    if (markDirty() && inSecond) {
      totals.dirtyAssists++;
      totals.walkReferences++;
    }
  }

  private walk({ asid, page, sizeClass }: NaiveReference, totals: NaiveTotals): void {
    const levels = this.mmu.levels.length;
    totals.walks++;
    const table = `${asid}/${Math.floor(page / this.mmu.leafEntries)}`;
    const cached = sizeClass === 0 && this.walked.touch(0, table).hit;
    if (cached) totals.walkCacheHits++;
    totals.walkReferences += cached ? 1 : levels - sizeClass;
  }

  invalidateAll(): void {
    for (const cache of [this.code, this.data, this.second, this.walked]) cache.drop(() => true);
  }

  /** Forgets pages of an address space, all of them or [first, end); any invalidation empties the walk cache. */
  invalidate(asid: number, first = 0, end = Number.POSITIVE_INFINITY): void {
    const isGone = (name: string): boolean => {
      const [of, size, page] = name.split('/').map(Number);
      return (
        of === asid && (end === Number.POSITIVE_INFINITY || (size === 0 && page! >= first && page! < end))
      );
    };
    for (const cache of [this.code, this.data, this.second]) cache.drop(isGone);
    this.walked.drop(() => true);
  }
}

export function noTotals(): NaiveTotals {
  return {
    translations: 0,
    l1Hits: 0,
    l2Hits: 0,
    walks: 0,
    walkCacheHits: 0,
    walkReferences: 0,
    dirtyAssists: 0,
  };
}
