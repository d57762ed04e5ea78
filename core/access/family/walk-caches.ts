/** The walk caches of one make: asked for what its TLBs lack, which no other make may share. */
import type { CacheArray } from '../../tlb/arrangement.ts';
import { keyBase, keyPage, keyTag, tagAsid } from '../../tlb/keys.ts';
import { MISS, touchSet } from '../../tlb/lru-sets.ts';
import { stateCells, touchArray } from '../../tlb/replacement.ts';
import type { Drops } from './drops.ts';
import type { Make } from './roles.ts';

export class WalkCaches {
  private readonly make: Make;
  private readonly pageSpans: readonly number[];
  /** Lowest first, placed in cells of their own. */
  private readonly caches: readonly CacheArray[];
  private readonly keysEnd: number;
  private readonly length: number;
  private readonly byCpu: (Float64Array | undefined)[] = [];
  /** By cpu: the drops, each of which empties all. */
  private readonly seen: number[] = [];

  constructor(make: Make, pageSpans: readonly number[]) {
    const { walk } = make.arrangement;
    const { replacement } = make.options;
    this.make = make;
    this.pageSpans = pageSpans;
    this.keysEnd = walk.reduce((sum, { sets, ways }) => sum + sets * ways, 0);
    let first = 0;
    let state = this.keysEnd;
    this.caches = walk.map((shape) => {
      const placed = { ...shape, first, state };
      first += shape.sets * shape.ways;
      state += stateCells(replacement, shape);
      return placed;
    });
    this.length = state;
  }

  /** Entries that a walk has still to read; 0: all. What was not known is from then on. */
  entriesLeft(cpu: number, key: number, sizeClass: number, drops: Drops): number {
    const { caches, pageSpans } = this;
    if (sizeClass >= caches.length) return 0;
    const cells = this.cellsOf(cpu, drops);
    const base = keyBase(tagAsid(keyTag(key)), 0);
    const vpn = keyPage(key) * pageSpans[sizeClass]!;
    for (let cache = sizeClass; cache < caches.length; cache++) {
      const entry = base + Math.floor(vpn / pageSpans[cache + 1]!);
      if (this.has(cells, caches[cache]!, entry)) return 1 + cache - sizeClass;
    }
    return 0;
  }

  private has(cells: Float64Array, array: CacheArray, key: number): boolean {
    const { replacement } = this.make.options;
    const { first, sets, ways } = array;
    if (ways === 0) return false;
    if (replacement !== 'lru') return touchArray(replacement, cells, array, key, false) !== MISS;
    return touchSet(cells, first + (key & (sets - 1)) * ways, ways, key, false) !== MISS;
  }

  private cellsOf(cpu: number, { total }: Drops): Float64Array {
    const cells = this.byCpu[cpu] ?? this.begin(cpu);
    if (this.seen[cpu] !== total) {
      cells.fill(0, 0, this.keysEnd);
      this.seen[cpu] = total;
    }
    return cells;
  }

  private begin(cpu: number): Float64Array {
    const { arrangement, options } = this.make;
    const cells = new Float64Array(this.length);
    if (options.replacement === 'random')
      arrangement.walk.forEach((shape, i) => {
        const index = (arrangement.arrays as readonly CacheArray[]).indexOf(shape);
        cells[this.caches[i]!.state] = (options.seed + index) >>> 0;
      });
    this.byCpu[cpu] = cells;
    return cells;
  }
}
