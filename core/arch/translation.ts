/**
 * Table geometry: how the MMU gets from a virtual to a physical page. Entries a table by level, tables a page, levels
 * whose entries map large pages.
 */

/** One level of the radix tree, top level first. */
export interface PageTableLevel {
  /** pgd, p4d, pud, pmd, pte. */
  readonly name: string;
  /** log2 of the number of entries of a table of this level. */
  readonly bits: number;
  /**
   * Tables of this level that share a page, a power of two: those of neighbouring entries of the level above, which are
   * filled in together (the pairs of Linux on 32-bit ARM). One if not given.
   */
  readonly tablesPerPage?: number;
  /** Where in that page they begin, in bytes: before them the kernel keeps entries of its own. Zero if not given. */
  readonly offsetBytes?: number;
}

/**
 * A radix tree of page tables; the same beside windows that need none; or linear tables with a base and a length
 * register each (VAX). The entries of linear tables are kept as a tree too, whose upper levels stand for what is mapped
 * of the tables; what a walk reads is counted as the hardware does.
 */
export interface Translation {
  readonly kind: 'radix' | 'radix-and-linear-windows' | 'base-and-length';
  readonly levels: readonly PageTableLevel[];
  readonly entryBytes: number;
  /** Levels (indexes into `levels`) whose entry may map memory directly, besides the last. */
  readonly largePageLevels: readonly number[];
  /** Entries can forbid execution. */
  readonly nx: boolean;
  /** The direct map is a window without tables: a constant offset, put into the TLB in pages of this size. */
  readonly linearPageBytes: number | undefined;
  /** Entries that a walk reads for a page in user and in kernel space, where it is not one a level. */
  readonly walkReads: { readonly user: number; readonly kernel: number } | undefined;
}

/** A radix tree of levels that all have as many entries. */
export function radix(
  names: readonly string[],
  bits: number,
  { entryBytes, largePageLevels, nx }: Pick<Translation, 'entryBytes' | 'largePageLevels' | 'nx'>,
): Translation {
  const levels = names.map((name) => ({ name, bits }));
  return { ...RADIX, levels, entryBytes, largePageLevels, nx };
}

/** What a plain tree of page tables has not. */
export const RADIX = { kind: 'radix', linearPageBytes: undefined, walkReads: undefined } as const;

/** Base pages that an entry of each level covers, top level first. */
export function entrySpans({ levels }: Pick<Translation, 'levels'>): number[] {
  return levels.map((_, level) => 2 ** levels.slice(level + 1).reduce((sum, below) => sum + below.bits, 0));
}

/** log2 of the pages that a table of a level takes: 0, unless its entries are more than a page has room for. */
export function tableOrder({ levels, entryBytes }: Translation, level: number, pageShift: number): number {
  const bytes = 2 ** levels[level]!.bits * entryBytes;
  return Math.max(0, Math.ceil(Math.log2(bytes)) - pageShift);
}
