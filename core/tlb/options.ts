/**
 * What can be chosen of the MMU, and what may be: sizes and ways of TLBs and walk caches, how they replace, whether
 * address spaces are kept apart, and whether the kernel hides from user mode.
 */
import { UsageError } from '../base/errors.ts';

/** A set-associative array. */
export interface CacheShape {
  /** A power of two. */
  readonly sets: number;
  /** 0: there is none. */
  readonly ways: number;
}

/** A TLB: entries for base pages, and perhaps others of their own for larger ones. */
export interface TlbLevel extends CacheShape {
  /** For pages one level up (2 or 4 MiB); without: they share the entries of the base pages. */
  readonly large?: CacheShape;
  /** For pages two levels up (1 GiB); without: they go where the large ones do. */
  readonly huge?: CacheShape;
}

/** Which entry of a full set makes room: the one used longest ago, the oldest, by a tree of bits, or any. */
export const REPLACEMENTS = ['lru', 'fifo', 'plru', 'random'] as const;
export type Replacement = (typeof REPLACEMENTS)[number];

/** An MMU: sizes in entries, as sets and ways. */
export interface MmuOptions {
  /** First-level instruction TLB. */
  readonly l1i: TlbLevel;
  /** First-level data TLB. */
  readonly l1d: TlbLevel;
  /** Instructions use the first-level data TLB too. */
  readonly unifiedL1: boolean;
  /** Second-level TLB; 0 ways: there is none. */
  readonly l2: TlbLevel;
  /** Second-level TLB of the instructions; without: they share `l2`. */
  readonly l2i?: TlbLevel;
  /** Walk caches: what a walk need not read because its upper entries are known (Intel SDM vol. 3A, 4.10.3). */
  readonly pdeCache: CacheShape;
  readonly pdpteCache: CacheShape;
  readonly pml4eCache: CacheShape;
  readonly pml5eCache: CacheShape;
  /** The same for all of them. */
  readonly replacement: Replacement;
  /** Where the generator behind `random` starts. */
  readonly seed: number;
  /** Keep the TLB entries of several address spaces apart, so that a switch need not flush. */
  readonly pcid: boolean;
  /** Page-table isolation: user mode runs on a root of its own, without the kernel's pages. */
  readonly kpti: boolean;
}

/** A TLB or walk cache that is not there. */
export const NO_CACHE: CacheShape = { sets: 1, ways: 0 };

/**
 * Intel Skylake (Optimization Reference Manual, table 2-12 for the client core: ITLB 128 entries 8-way, DTLB 64
 * entries 4-way, STLB 1536 entries 12-way). Simplified: entries of all page sizes share each TLB.
 */
export const DEFAULT_MMU: Omit<MmuOptions, 'pcid'> = {
  l1i: { sets: 16, ways: 8 },
  l1d: { sets: 16, ways: 4 },
  unifiedL1: false,
  l2: { sets: 128, ways: 12 },
  pdeCache: { sets: 1, ways: 32 },
  pdpteCache: NO_CACHE,
  pml4eCache: NO_CACHE,
  pml5eCache: NO_CACHE,
  replacement: 'lru',
  seed: 1,
  kpti: false,
};

export const TLB_NAMES = ['l1i', 'l1d', 'l2', 'l2i'] as const;
/** Lowest first: the last of them is asked last. */
export const WALK_CACHE_NAMES = ['pdeCache', 'pdpteCache', 'pml4eCache', 'pml5eCache'] as const;
/** Entries of pages of other sizes than the base page. */
export const TLB_PARTS = ['large', 'huge'] as const;

/** Refuses what no MMU can be. */
export function checkMmu(mmu: MmuOptions): void {
  for (const [name, shape] of namedShapes(mmu)) checkShape(mmu, name, shape);
  if (!REPLACEMENTS.includes(mmu.replacement))
    throw new UsageError(
      `mmu replacement: found ${JSON.stringify(mmu.replacement)}, expected one of ${REPLACEMENTS.join(', ')}`,
    );
  if (!Number.isInteger(mmu.seed) || mmu.seed < 0 || mmu.seed >= 2 ** 32)
    throw new UsageError(`mmu seed: found ${mmu.seed}, expected a whole number from 0 to ${2 ** 32 - 1}`);
}

/** Every array of an MMU by name: `l1d`, `l1d.large`, `pdeCache`. */
function namedShapes(mmu: MmuOptions): [name: string, shape: CacheShape][] {
  const shapes: [string, CacheShape | undefined][] = [];
  for (const name of TLB_NAMES) {
    shapes.push([name, mmu[name]]);
    for (const part of TLB_PARTS) shapes.push([`${name}.${part}`, mmu[name]?.[part]]);
  }
  for (const name of WALK_CACHE_NAMES) shapes.push([name, mmu[name]]);
  return shapes.filter((entry): entry is [string, CacheShape] => entry[1] !== undefined);
}

/** Far above any processor's: what a TLB may cost in memory. */
const MOST_SETS = 65_536;
const MOST_WAYS = 1024;

function checkShape({ replacement }: MmuOptions, name: string, { sets, ways }: CacheShape): void {
  // A page that has just been used is in the first level: accesses count on it.
  const fewest = /^l1[id]/.test(name) ? 1 : 0;
  if (!isPowerOfTwo(sets) || sets > MOST_SETS || !Number.isInteger(ways) || ways < fewest || ways > MOST_WAYS)
    throw new UsageError(
      `TLB ${name}: ${sets} sets of ${ways} ways; expected a power of two up to ${MOST_SETS} sets and ` +
        `${fewest} to ${MOST_WAYS} ways`,
    );
  if (replacement === 'plru' && ways > 0 && (!isPowerOfTwo(ways) || ways > MOST_TREE_WAYS))
    throw new UsageError(
      `TLB ${name}: ${ways} ways with replacement plru; expected a power of two up to ${MOST_TREE_WAYS}, ` +
        `since its bits are a binary tree`,
    );
}

/** The bits of a set's tree are one number. */
const MOST_TREE_WAYS = 32;

function isPowerOfTwo(value: number): boolean {
  return Number.isInteger(Math.log2(value)) && value >= 1;
}
