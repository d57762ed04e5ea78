/**
 * Replacement: which entry of a full set makes room, by true LRU, FIFO, a tree of bits (pseudo-LRU), or at random.
 *
 * An empty way is taken first, the lowest one. LRU and FIFO stamp an entry with a count (cells: one for each entry,
 * then the count); tree-PLRU keeps a bit for each inner node of a tree over the ways, which says in which half the
 * older entries are (one cell a set; Embedded Pentium Processor Family Developer's Manual, 1998, figure 37); random
 * draws from a linear congruential generator (one cell; multiplier and increment of Numerical Recipes, "quick and
 * dirty").
 */
import type { CacheArray } from './arrangement.ts';
import { HIT, HIT_CLEAN, MISS } from './lru-sets.ts';
import type { CacheShape, Replacement } from './options.ts';

/** What a policy does with the cells of an array. */
interface Policy {
  cells(shape: CacheShape): number;
  /** An entry was used, or has just been filled. */
  used(cells: Float64Array, array: CacheArray, set: number, way: number, filled: boolean): void;
  /** The way that makes room. */
  victim(cells: Float64Array, array: CacheArray, set: number): number;
}

function stamp(cells: Float64Array, { state, sets, ways }: CacheArray, set: number, way: number): void {
  cells[state + set * ways + way] = ++cells[state + sets * ways]!;
}

function smallestStamp(cells: Float64Array, { state, ways }: CacheArray, set: number): number {
  const first = state + set * ways;
  let smallest = 0;
  for (let way = 1; way < ways; way++) if (cells[first + way]! < cells[first + smallest]!) smallest = way;
  return smallest;
}

const LRU: Policy = {
  cells: ({ sets, ways }) => sets * ways + 1,
  used: stamp,
  victim: smallestStamp,
};

const FIFO: Policy = {
  ...LRU,
  used(cells, array, set, way, filled) {
    if (filled) stamp(cells, array, set, way);
  },
};

/** Node 1 is the root, the children of n are 2n and 2n + 1, and node ways + i is way i. A set bit: older on the right. */
const TREE: Policy = {
  cells: ({ sets }) => sets,
  used(cells, { state, ways }, set, way) {
    let bits = cells[state + set]!;
    for (let node = ways + way; node > 1; node >>= 1) {
      const bit = 1 << ((node >> 1) - 1);
      bits = (node & 1) === 0 ? bits | bit : bits & ~bit;
    }
    cells[state + set] = bits;
  },
  victim(cells, { state, ways }, set) {
    const bits = cells[state + set]!;
    let node = 1;
    while (node < ways) node = 2 * node + ((bits >> (node - 1)) & 1);
    return node - ways;
  },
};

const RANDOM: Policy = {
  cells: () => 1,
  used() {},
  victim(cells, { state, ways }) {
    const next = (Math.imul(cells[state]!, 1_664_525) + 1_013_904_223) >>> 0;
    cells[state] = next;
    // The upper bits: the lowest ones of such a generator repeat soon.
    return (next >>> 16) % ways;
  },
};

const POLICIES: Record<Replacement, Policy> = { lru: LRU, fifo: FIFO, plru: TREE, random: RANDOM };

/** How many cells an array's replacement needs. */
export function stateCells(replacement: Replacement, shape: CacheShape): number {
  return POLICIES[replacement].cells(shape);
}

/** Looks a key up in its set, and puts it there if it is missing. The results are those of `touchSet`. */
export function touchArray(
  replacement: Replacement,
  cells: Float64Array,
  array: CacheArray,
  key: number,
  store: boolean,
): number {
  const { sets, ways } = array;
  if (ways === 0) return MISS;
  const policy = POLICIES[replacement];
  const set = key & (sets - 1);
  const first = array.first + set * ways;
  let empty = -1;
  for (let way = ways - 1; way >= 0; way--) {
    const held = cells[first + way]!;
    if (held === key || held === -key) {
      policy.used(cells, array, set, way, false);
      if (!store || held < 0) return HIT;
      cells[first + way] = -key;
      return HIT_CLEAN;
    }
    if (held === 0) empty = way;
  }
  const way = empty >= 0 ? empty : policy.victim(cells, array, set);
  cells[first + way] = store ? -key : key;
  policy.used(cells, array, set, way, true);
  return MISS;
}
