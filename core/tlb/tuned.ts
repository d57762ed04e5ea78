/**
 * The TLBs of most machines, made for speed: a first level for instructions and one for data, a second level, and a
 * fully associative cache of the entries that lead to last-level tables, all with true LRU (lru-sets.ts).
 *
 * A run goes through in stages, each handing on only what it could not serve: first level -> its misses -> second level
 * -> its misses -> walk cache -> walks. The first level's state never depends on the second's, nor the second's on the
 * walk, so the results are those of one reference at a time (tests compare both), and each stage is a tight loop over
 * one array.
 */
import { heldPages, heldTables, type PlacedPart } from './describe.ts';
import { keyTag, tagSizeClass } from './keys.ts';
import { dropFromSet, dropFromSets, HIT, MISS, touchPlainSet, touchSet } from './lru-sets.ts';
import type { HeldEntry, Misses, TableTree, TlbModel, TlbPart } from './model.ts';
import type { CacheShape, MmuOptions, TlbLevel } from './options.ts';
import { MOST_RECENT_KEYS, RecentKeys } from './recent-keys.ts';
import { REF_CHECK_DIRTY, REF_EXECUTE, REF_SHORT_WALK, REF_STORE, type Run } from './run.ts';

/** Scratch: holds nothing between runs. */
const recent = new RecentKeys();

/** Whether the options describe such a model: one array a TLB, true LRU, no walk cache but a fully associative one. */
export function isTuned(mmu: MmuOptions, [pdeCache, ...upper]: readonly CacheShape[]): boolean {
  const isPlain = ({ large, huge, ways }: TlbLevel): boolean =>
    ways > 0 && large === undefined && huge === undefined;
  return (
    mmu.replacement === 'lru' &&
    !mmu.unifiedL1 &&
    // There are no runs then to be fast for.
    !mmu.kpti &&
    mmu.l2i === undefined &&
    [mmu.l1i, mmu.l1d, mmu.l2].every(isPlain) &&
    pdeCache?.sets === 1 &&
    upper.every(({ ways }) => ways === 0)
  );
}

export class TunedTlb implements TlbModel {
  readonly everyReference = false;
  /** The most recent entry of a set of either first level stays so. */
  readonly quietSets: number;
  readonly parts: readonly TlbPart[];
  private readonly options: MmuOptions;
  private readonly pageSpans: readonly number[];
  /** Entries of a last-level table, a power of two: a key over it is the key of the entry that leads to the table. */
  private readonly leafEntries: number;
  /** Where each array begins in the cells: the TLBs, the keys of the walk cache. */
  private readonly l1d: number;
  private readonly l2: number;
  private readonly walkKeys: number;
  private readonly length: number;

  constructor(options: MmuOptions, { pageSpans }: TableTree) {
    const { l1i, l1d, l2, pdeCache } = options;
    this.options = options;
    this.quietSets = Math.min(l1i.sets, l1d.sets);
    this.pageSpans = pageSpans;
    this.leafEntries = pageSpans[1]!;
    this.l1d = l1i.sets * l1i.ways;
    this.l2 = this.l1d + l1d.sets * l1d.ways;
    this.walkKeys = this.l2 + l2.sets * l2.ways;
    this.length = this.walkKeys + pdeCache.ways;
    const sizeClasses = pageSpans.map((_, sizeClass) => sizeClass);
    this.parts = [
      { name: 'l1i', holds: 'pages', sizeClasses, ...l1i },
      { name: 'l1d', holds: 'pages', sizeClasses, ...l1d },
      { name: 'l2', holds: 'pages', sizeClasses, ...l2 },
      { name: 'pdeCache', holds: 'tables', sizeClasses: [1], ...pdeCache },
    ];
  }

  create(): Float64Array {
    return new Float64Array(this.length);
  }

  touch(cells: Float64Array, run: Run, misses: Misses): void {
    this.firstLevel(cells, run);
    if (run.count === 0) return;
    this.secondLevel(cells, run, misses);
    this.walkCache(cells, run);
    misses.serve(run);
  }

  /** Keeps the references that missed, and the stores that hit a page not known to be dirty. */
  private firstLevel(cells: Float64Array, run: Run): void {
    const { l1i, l1d } = this.options;
    const dataFirst = this.l1d;
    const { keys, refs, count } = run;
    const iMask = l1i.sets - 1;
    const dMask = l1d.sets - 1;
    const iWays = l1i.ways;
    const dWays = l1d.ways;
    let kept = 0;
    for (let k = 0; k < count; k++) {
      const key = keys[k]!;
      const ref = refs[k]!;
      const result =
        (ref & REF_EXECUTE) !== 0
          ? touchSet(cells, (key & iMask) * iWays, iWays, key, false)
          : touchSet(cells, dataFirst + (key & dMask) * dWays, dWays, key, (ref & REF_STORE) !== 0);
      if (result === HIT) continue;
      keys[kept] = key;
      refs[kept++] = result === MISS ? ref : ref | REF_CHECK_DIRTY;
    }
    run.count = kept;
  }

  /** Serves what it can; keeps the misses, the dirty checks, and its hits that are stores (to be dirty checks). */
  private secondLevel(cells: Float64Array, run: Run, misses: Misses): void {
    const { sets, ways } = this.options.l2;
    const first = this.l2;
    const { keys, refs, count } = run;
    const mask = sets - 1;
    let kept = 0;
    for (let k = 0; k < count; k++) {
      const key = keys[k]!;
      let ref = refs[k]!;
      if ((ref & REF_CHECK_DIRTY) === 0 && touchPlainSet(cells, first + (key & mask) * ways, ways, key)) {
        misses.servedBelow(ref);
        if ((ref & REF_STORE) === 0) continue;
        ref |= REF_CHECK_DIRTY;
      }
      keys[kept] = key;
      refs[kept++] = ref;
    }
    run.count = kept;
  }

  /** Asks the walk cache about the base pages whose entry the walk has to find. */
  private walkCache(cells: Float64Array, run: Run): void {
    const { walkKeys, leafEntries } = this;
    const { ways } = this.options.pdeCache;
    if (ways === 0) return;
    const { keys, refs, count } = run;
    // Taking the cache over pays when nearly all of it may change.
    const isLong = count > ways && ways <= MOST_RECENT_KEYS;
    if (isLong) recent.load(cells, walkKeys, ways);
    for (let k = 0; k < count; k++) {
      const key = keys[k]!;
      if ((refs[k]! & REF_CHECK_DIRTY) !== 0 || tagSizeClass(keyTag(key)) > 0) continue;
      const table = Math.floor(key / leafEntries);
      const isKnown = isLong ? recent.touch(table) : touchPlainSet(cells, walkKeys, ways, table);
      if (isKnown) refs[k]! |= REF_SHORT_WALK;
    }
    if (isLong) recent.store(cells, walkKeys);
  }

  drop(cells: Float64Array, low: number, high: number): void {
    const { l1i, l1d, l2 } = this.options;
    // Of few pages, only the sets that may hold them.
    if (3 * (high - low) < l1i.sets + l1d.sets + l2.sets)
      for (let key = low; key < high; key++) this.dropPage(cells, key);
    else {
      dropFromSets(cells, 0, this.l1d, l1i.ways, low, high);
      dropFromSets(cells, this.l1d, this.l2, l1d.ways, low, high);
      dropFromSets(cells, this.l2, this.walkKeys, l2.ways, low, high);
    }
    // Where the most recent entry is none, there are no others.
    if (cells[this.walkKeys] !== 0) cells.fill(0, this.walkKeys, this.length);
  }

  private dropPage(cells: Float64Array, key: number): void {
    const { l1i, l1d, l2 } = this.options;
    dropFromSet(cells, (key & (l1i.sets - 1)) * l1i.ways, l1i.ways, key, key + 1);
    dropFromSet(cells, this.l1d + (key & (l1d.sets - 1)) * l1d.ways, l1d.ways, key, key + 1);
    dropFromSet(cells, this.l2 + (key & (l2.sets - 1)) * l2.ways, l2.ways, key, key + 1);
  }

  empty(cells: Float64Array): void {
    cells.fill(0);
  }

  describe(cells: Float64Array): HeldEntry[] {
    const firsts = [0, this.l1d, this.l2, this.walkKeys];
    const placed = this.parts.map((part, i): PlacedPart => ({ part, first: firsts[i]! }));
    const tables = placed.pop()!;
    return [
      ...placed.flatMap((pages) => heldPages(cells, pages, this.pageSpans)),
      ...heldTables(cells, tables, this.pageSpans, (cell) => cell * this.leafEntries),
    ];
  }
}
