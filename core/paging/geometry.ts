/** The shape of the MMU: its TLBs, its walk cache, and the radix tree of the layout in a form made for loops. */
import { UsageError } from '../errors.ts';
import type { Layout } from '../layout/layout.ts';

export interface TlbLevel {
  /** A power of two. */
  readonly sets: number;
  readonly ways: number;
}

/** What can be chosen. */
export interface MmuOptions {
  /** First-level instruction TLB. */
  readonly l1i: TlbLevel;
  /** First-level data TLB. */
  readonly l1d: TlbLevel;
  /** Second-level TLB, shared by instructions and data. */
  readonly l2: TlbLevel;
  /** Entries of the fully associative cache of last-level table addresses (PDE cache). */
  readonly walkCacheEntries: number;
  /** Keep the TLB entries of several address spaces apart, so that a switch need not flush. */
  readonly pcid: boolean;
}

/**
 * Intel Skylake (Optimization Reference Manual, table 2-12 for the client core: ITLB 128 entries 8-way, DTLB 64
 * entries 4-way, STLB 1536 entries 12-way). Simplified: entries of all page sizes share each TLB.
 */
export const DEFAULT_MMU: Omit<MmuOptions, 'pcid'> = {
  l1i: { sets: 16, ways: 8 },
  l1d: { sets: 16, ways: 4 },
  l2: { sets: 128, ways: 12 },
  walkCacheEntries: 32,
};

/** One level of the tree: index = (vpn * scale) & mask. */
export interface WalkLevel {
  readonly name: string;
  readonly scale: number;
  readonly mask: number;
  /** Pages that one entry covers. */
  readonly span: number;
  readonly mayBeLarge: boolean;
}

export interface MmuGeometry extends MmuOptions {
  readonly pageShift: number;
  readonly levels: readonly WalkLevel[];
  /** Rows of `ptes` for each page-table page. */
  readonly entriesPerTable: number;
  /** Entries of a last-level table. */
  readonly leafEntries: number;
  readonly nx: boolean;
}

export function mmuGeometry(layout: Layout, options: Partial<MmuOptions>): MmuGeometry {
  const { levels, largePageLevels, nx } = layout.translation;
  // PCID exists in 64-bit mode only (Intel SDM vol. 3A, 4.10.1).
  const chosen = { ...DEFAULT_MMU, pcid: layout.wordBits === 64, ...options };
  for (const name of ['l1i', 'l1d', 'l2'] as const) checkTlb(name, chosen[name]);
  let span = 1;
  const walkLevels: WalkLevel[] = [];
  for (let i = levels.length - 1; i >= 0; i--) {
    const { name, bits } = levels[i]!;
    walkLevels.unshift({
      name,
      scale: 1 / span,
      mask: 2 ** bits - 1,
      span,
      mayBeLarge: largePageLevels.includes(i),
    });
    span *= 2 ** bits;
  }
  return {
    ...chosen,
    nx,
    pageShift: layout.pageShift,
    levels: walkLevels,
    entriesPerTable: Math.max(...walkLevels.map((level) => level.mask + 1)),
    leafEntries: walkLevels[walkLevels.length - 1]!.mask + 1,
  };
}

function checkTlb(name: string, { sets, ways }: TlbLevel): void {
  const powerOfTwo = Number.isInteger(Math.log2(sets)) && sets >= 1 && sets <= 65_536;
  if (powerOfTwo && Number.isInteger(ways) && ways >= 1 && ways <= 1024) return;
  throw new UsageError(
    `TLB ${name}: ${sets} sets of ${ways} ways; expected a power of two up to 65536 sets and 1 to 1024 ways`,
  );
}
