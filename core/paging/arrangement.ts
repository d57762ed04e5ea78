/**
 * Where the TLBs and walk caches of a cpu lie when they are of another make than the default's: separate arrays by
 * page size, a first level shared by instructions and data, upper walk caches, other replacement than LRU.
 *
 * All cells of a cpu are one Float64Array, as in tlb.ts, and keys are the same; but an entry stays where it was put.
 * The keys of the TLBs come first, then those of the walk caches, then what replacement has to remember of each.
 */
import type { CacheShape, MmuOptions, Replacement, TlbLevel } from './options.ts';
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
  readonly arrays: readonly CacheArray[];
  /** Cells [0, tlbEnd) are keys of TLB entries, [tlbEnd, keysEnd) of walk caches; then state up to `length`. */
  readonly tlbEnd: number;
  readonly keysEnd: number;
  readonly length: number;
  /** Whether a repeat of the page before may matter, so that none can be left out (see `collect`). */
  readonly everyReference: boolean;
}

/** Undefined when the options are such that the tuned path serves them. */
export function arrange(mmu: MmuOptions, nrLevels: number): Arrangement | undefined {
  const walkShapes = [mmu.pdeCache, mmu.pdpteCache, mmu.pml4eCache, mmu.pml5eCache].slice(0, nrLevels - 1);
  if (isTuned(mmu, walkShapes)) return undefined;
  const placed: { -readonly [K in keyof CacheArray]: CacheArray[K] }[] = [];
  let end = 0;
  const place = ({ sets, ways }: CacheShape): CacheArray => {
    const array = { sets, ways, first: end, state: 0 };
    placed.push(array);
    end += sets * ways;
    return array;
  };
  const bySize = (level: TlbLevel): ArraysBySize => {
    const base = place(level);
    const large = level.large === undefined ? base : place(level.large);
    const huge = level.huge === undefined ? large : place(level.huge);
    return [base, large, huge, huge];
  };
  const l1d = bySize(mmu.l1d);
  const l1i = mmu.unifiedL1 ? l1d : bySize(mmu.l1i);
  const l2 = bySize(mmu.l2);
  const l2i = mmu.l2i === undefined ? l2 : bySize(mmu.l2i);
  const tlbEnd = end;
  const walk = walkShapes.map(place);
  const keysEnd = end;
  for (const array of placed) {
    array.state = end;
    end += stateCells(mmu.replacement, array);
  }
  const { replacement } = mmu;
  const everyReference = mmu.unifiedL1 || mmu.kpti;
  return {
    replacement,
    l1i,
    l1d,
    l2,
    l2i,
    walk,
    arrays: placed,
    tlbEnd,
    keysEnd,
    length: end,
    everyReference,
  };
}

/** What tlb.ts and walk.ts are made for: one array a TLB, true LRU, a fully associative PDE cache. */
function isTuned(mmu: MmuOptions, [pdeCache, ...upper]: readonly CacheShape[]): boolean {
  const isPlain = ({ large, huge, ways }: TlbLevel): boolean =>
    ways > 0 && large === undefined && huge === undefined;
  return (
    mmu.replacement === 'lru' &&
    !mmu.unifiedL1 &&
    !mmu.kpti &&
    mmu.l2i === undefined &&
    [mmu.l1i, mmu.l1d, mmu.l2].every(isPlain) &&
    pdeCache?.sets === 1 &&
    upper.every(({ ways }) => ways === 0)
  );
}

/** Drops every entry whose key lies in [low, high), and the walk caches. What replacement remembers stays. */
export function dropArranged(arranged: Arrangement, cells: Float64Array, low: number, high: number): void {
  for (let at = 0; at < arranged.tlbEnd; at++) {
    const key = Math.abs(cells[at]!);
    if (key >= low && key < high) cells[at] = 0;
  }
  cells.fill(0, arranged.tlbEnd, arranged.keysEnd);
}
