/**
 * Where the TLBs and walk caches of a cpu lie when they are of any make: separate arrays by page size, a first level
 * shared by instructions and data, upper walk caches, other replacement than LRU (arranged.ts).
 *
 * An entry stays where it was put. The keys of the TLBs come first, then those of the walk caches, then what
 * replacement has to remember of each.
 */
import type { PlacedPart } from './describe.ts';
import { SIZE_CLASSES } from './keys.ts';
import type { TlbPart } from './model.ts';
import {
  type CacheShape,
  type MmuOptions,
  type Replacement,
  type TlbLevel,
  WALK_CACHE_NAMES,
} from './options.ts';
import { stateCells } from './replacement.ts';

export interface CacheArray extends CacheShape {
  /** Its first cell, set by set. */
  readonly first: number;
  /** The first cell of what replacement remembers. */
  readonly state: number;
}

/** The arrays of a TLB by size class (base page, large, huge, larger still); one array may serve several. */
type ArraysBySize = readonly CacheArray[];

export interface Arrangement {
  readonly replacement: Replacement;
  readonly l1i: ArraysBySize;
  readonly l1d: ArraysBySize;
  readonly l2: ArraysBySize;
  readonly l2i: ArraysBySize;
  /** Lowest first: one for each level above the last. */
  readonly walk: readonly CacheArray[];
  /** All of them, each once. */
  readonly arrays: readonly (CacheArray & PlacedPart)[];
  /** Cells [0, tlbEnd) are keys of TLB entries, [tlbEnd, keysEnd) of walk caches; then state up to `length`. */
  readonly tlbEnd: number;
  readonly keysEnd: number;
  readonly length: number;
}

/** The walk caches that page tables of so many levels have a use for, lowest first. */
export function walkShapes(mmu: MmuOptions, nrLevels: number): CacheShape[] {
  return WALK_CACHE_NAMES.slice(0, nrLevels - 1).map((name) => mmu[name]);
}

export function arrange(mmu: MmuOptions, nrLevels: number): Arrangement {
  const { replacement } = mmu;
  const placed: { -readonly [K in keyof (CacheArray & PlacedPart)]: (CacheArray & PlacedPart)[K] }[] = [];
  let end = 0;
  const place = ({ sets, ways }: CacheShape, about: Omit<TlbPart, 'sets' | 'ways'>) => {
    const array = { sets, ways, first: end, state: 0, part: { ...about, sets, ways } };
    placed.push(array);
    end += sets * ways;
    return array;
  };
  const bySize = (name: string, { large, huge, ...shape }: TlbLevel): ArraysBySize => {
    const bounds = [0, ...(large === undefined ? [] : [1]), ...(huge === undefined ? [] : [2])];
    const classesFrom = (first: number): number[] => {
      const next = bounds.find((bound) => bound > first) ?? SIZE_CLASSES;
      return Array.from({ length: next - first }, (_, i) => first + i);
    };
    const part = (one: CacheShape, first: number) =>
      place(one, { name, holds: 'pages', sizeClasses: classesFrom(first) });
    const base = part(shape, 0);
    const larger = large === undefined ? base : part(large, 1);
    const largest = huge === undefined ? larger : part(huge, 2);
    return [base, larger, largest, largest];
  };
  const l1d = bySize('l1d', mmu.l1d);
  const l1i = mmu.unifiedL1 ? l1d : bySize('l1i', mmu.l1i);
  const l2 = bySize('l2', mmu.l2);
  const l2i = mmu.l2i === undefined ? l2 : bySize('l2i', mmu.l2i);
  const tlbEnd = end;
  const walk = walkShapes(mmu, nrLevels).map((shape, i) =>
    place(shape, { name: WALK_CACHE_NAMES[i]!, holds: 'tables', sizeClasses: [i + 1] }),
  );
  const keysEnd = end;
  for (const array of placed) {
    array.state = end;
    end += stateCells(replacement, array);
  }
  return { replacement, l1i, l1d, l2, l2i, walk, arrays: placed, tlbEnd, keysEnd, length: end };
}
