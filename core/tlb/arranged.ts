/**
 * TLBs and walk caches of any make (arrangement.ts): one reference after the other, first level, second level, and then
 * a walk, for which the walk caches are asked from the lowest up.
 */
import { type Arrangement, arrange } from './arrangement.ts';
import { heldPages, heldTables } from './describe.ts';
import { keyBase, keyPage, keyTag, tagAsid, tagSizeClass } from './keys.ts';
import { HIT, MISS } from './lru-sets.ts';
import type { HeldEntry, Misses, TableTree, TlbModel, TlbPart } from './model.ts';
import type { MmuOptions } from './options.ts';
import { touchArray } from './replacement.ts';
import { REF_EXECUTE, REF_STORE, type Run } from './run.ts';

export class ArrangedTlb implements TlbModel {
  readonly everyReference: boolean;
  readonly parts: readonly TlbPart[];
  private readonly arranged: Arrangement;
  private readonly pageSpans: readonly number[];
  private readonly seed: number;

  constructor(options: MmuOptions, { nrLevels, pageSpans }: TableTree) {
    this.arranged = arrange(options, nrLevels);
    this.pageSpans = pageSpans;
    this.seed = options.seed;
    this.everyReference = options.unifiedL1;
    this.parts = this.arranged.arrays.map(({ part }) => part);
  }

  create(): Float64Array {
    const { arrays, length, replacement } = this.arranged;
    const cells = new Float64Array(length);
    if (replacement === 'random')
      arrays.forEach(({ state }, i) => {
        cells[state] = (this.seed + i) >>> 0;
      });
    return cells;
  }

  touch(cells: Float64Array, run: Run, misses: Misses): void {
    const { keys, refs, count } = run;
    for (let k = 0; k < count; k++) this.touchOne(cells, keys[k]!, refs[k]!, misses);
  }

  private touchOne(cells: Float64Array, key: number, ref: number, misses: Misses): void {
    const { l1i, l1d, l2, l2i, replacement } = this.arranged;
    const sizeClass = tagSizeClass(keyTag(key));
    const isFetch = (ref & REF_EXECUTE) !== 0;
    const isStore = (ref & REF_STORE) !== 0;
    const inL1 = touchArray(replacement, cells, (isFetch ? l1i : l1d)[sizeClass]!, key, isStore);
    if (inL1 === HIT) return;
    if (inL1 === MISS) {
      if (touchArray(replacement, cells, (isFetch ? l2i : l2)[sizeClass]!, key, false) === MISS) {
        misses.walk(key, ref, this.entriesLeft(cells, key, sizeClass));
        return;
      }
      misses.servedBelow(ref);
      if (!isStore) return;
    }
    misses.checkDirty(key, ref);
  }

  /** Asks the caches of the entries above the page's own, and fills those that did not know; 0 if none did. */
  private entriesLeft(cells: Float64Array, key: number, sizeClass: number): number {
    const { replacement, walk } = this.arranged;
    const base = keyBase(tagAsid(keyTag(key)), 0);
    const vpn = keyPage(key) * this.pageSpans[sizeClass]!;
    for (let cache = sizeClass; cache < walk.length; cache++) {
      const entry = base + Math.floor(vpn / this.pageSpans[cache + 1]!);
      if (touchArray(replacement, cells, walk[cache]!, entry, false) !== MISS) return 1 + cache - sizeClass;
    }
    return 0;
  }

  /** What replacement remembers of the entries stays. */
  drop(cells: Float64Array, low: number, high: number): void {
    const { tlbEnd, keysEnd } = this.arranged;
    for (let at = 0; at < tlbEnd; at++) {
      const key = Math.abs(cells[at]!);
      if (key >= low && key < high) cells[at] = 0;
    }
    cells.fill(0, tlbEnd, keysEnd);
  }

  empty(cells: Float64Array): void {
    cells.fill(0, 0, this.arranged.keysEnd);
  }

  describe(cells: Float64Array): HeldEntry[] {
    const { pageSpans } = this;
    return this.arranged.arrays.flatMap((array) => {
      if (array.part.holds === 'pages') return heldPages(cells, array, pageSpans);
      const nrPages = pageSpans[array.part.sizeClasses[0]!]!;
      return heldTables(cells, array, pageSpans, (cell) => firstPageKey(cell, nrPages));
    });
  }
}

/** A walk cache's key of the entry above `nrPages` base pages, as the key of the first of them. */
function firstPageKey(entry: number, nrPages: number): number {
  return keyBase(tagAsid(keyTag(entry)), 0) + keyPage(entry) * nrPages;
}
