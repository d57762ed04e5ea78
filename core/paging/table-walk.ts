/**
 * Walks of page tables that change nothing: from a root down to the entry of a page, or through all entries of a range.
 */
import type { Draft } from '../machine/draft.ts';
import type { MmuGeometry } from './geometry.ts';
import { KERNEL_FLAGS, makePte, PTE_LARGE, pteFrame } from './pte.ts';

/** Whatever a walk reads: a machine or a draft. */
export interface Walkable {
  readonly platform: { readonly mmu: MmuGeometry };
  readonly ptes: {
    get(row: number, field: number): number;
    nextUsed(row: number, endRow: number): number;
  };
}

/** Row of `ptes` that level `level` of a walk reads in `table`. */
export function entryRow(mmu: MmuGeometry, table: number, vpn: number, level: number): number {
  const { scale, mask } = mmu.levels[level]!;
  return table * mmu.entriesPerTable + ((vpn * scale) & mask);
}

/**
 * Calls `visit` with every entry in use of a table at `level` of a tree, ascending; of entries that are filled in
 * together, because their tables share a page, with the first.
 */
export function forEachEntry(
  of: Walkable,
  table: number,
  level: number,
  visit: (entry: number, index: number) => void,
): void {
  const { ptes, platform } = of;
  const firstRow = table * platform.mmu.entriesPerTable;
  const endRow = firstRow + platform.mmu.levels[level]!.mask + 1;
  for (let row = ptes.nextUsed(firstRow, endRow); row < endRow; row = ptes.nextUsed(row + 1, endRow))
    if (!isSameTable(of, row, level)) visit(ptes.get(row, 0), row - firstRow);
}

/** The last-level table on the way to `vpn`; 0 when the tree has none there or a large page is in the way. */
export function leafTable(of: Walkable, root: number, vpn: number): number {
  const { ptes, platform } = of;
  const { levels, entriesPerTable } = platform.mmu;
  const last = levels.length - 1;
  let table = root;
  for (let level = 0; level < last; level++) {
    const { scale, mask } = levels[level]!;
    const entry = ptes.get(table * entriesPerTable + ((vpn * scale) & mask), 0);
    if (entry === 0 || (entry & PTE_LARGE) !== 0) return 0;
    table = pteFrame(entry);
  }
  return table;
}

/** The entry that maps `vpn`, 0 when there is none, and the level where it was found. */
interface Leaf {
  pte: number;
  level: number;
}

/** The level of pages that no entry of a table maps: those of the linear window. */
const NO_LEVEL = -1;

/** Base pages that a page found at `level` covers. */
export function pageSpan({ levels, pageSpans }: MmuGeometry, level: number): number {
  return pageSpans[levels.length - 1 - level]!;
}

/** The entry that maps page `vpn` and its level; entry 0 and the level where the walk ended, if none does. */
export function findLeaf(of: Walkable, root: number, vpn: number): Leaf {
  const { mmu } = of.platform;
  if (mmu.linear !== undefined && vpn >= mmu.linear.startVpn && vpn < mmu.linear.endVpn)
    return linearLeaf(mmu, vpn - mmu.linear.startVpn + mmu.linear.firstPfn);
  const last = mmu.levels.length - 1;
  let table = root;
  for (let level = 0; ; level++) {
    const pte = of.ptes.get(entryRow(mmu, table, vpn, level), 0);
    if (pte === 0 || level === last || (pte & PTE_LARGE) !== 0) return { pte, level };
    table = pteFrame(pte);
  }
}

/** What the kernel puts into the TLB for a page of the linear window, although it is in no table. */
function linearLeaf(mmu: MmuGeometry, pfn: number): Leaf {
  const frame = pfn - (pfn % pageSpan(mmu, NO_LEVEL));
  return { pte: makePte(frame, KERNEL_FLAGS | PTE_LARGE), level: NO_LEVEL };
}

/** Levels above the base page at which the kernel maps `vpn`: 0 for a base page; undefined when it does not. */
export function kernelSizeClass(draft: Draft, vpn: number): number | undefined {
  const { mmu, kernelRoot } = draft.platform;
  const leaf = findLeaf(draft, kernelRoot, vpn);
  return leaf.pte === 0 ? undefined : mmu.levels.length - 1 - leaf.level;
}

/** Calls `visit` with each present last-level entry in [start, end), skipping what has no table. */
export function forEachPte(
  draft: Draft,
  root: number,
  start: number,
  end: number,
  visit: (vpn: number, row: number, pte: number) => void,
): void {
  forEachLeafRun(draft, root, start, end, (vpn, row, endRow) => {
    for (let at = row; at < endRow; at++) {
      const pte = draft.ptes.get(at, 0);
      if (pte !== 0) visit(vpn + at - row, at, pte);
    }
  });
}

/** Calls `visit` with the rows [row, endRow) of each last-level table that map pages of [start, end), from `vpn` on. */
export function forEachLeafRun(
  draft: Draft,
  root: number,
  start: number,
  end: number,
  visit: (vpn: number, row: number, endRow: number) => void,
): void {
  const { mmu } = draft.platform;
  const last = mmu.levels.length - 1;
  for (let vpn = start; vpn < end; ) {
    const table = leafTable(draft, root, vpn);
    const stop = Math.min(end, nextMultiple(vpn, mmu.leafEntries));
    if (table !== 0) {
      const row = entryRow(mmu, table, vpn, last);
      visit(vpn, row, row + stop - vpn);
    }
    vpn = table !== 0 || stop === end ? stop : nextTable(draft, root, vpn);
  }
}

/** The table that a walk for `vpn` reads at `level`; the walk has to get there. */
export function tableAt(of: Walkable, root: number, vpn: number, level: number): number {
  let table = root;
  for (let at = 0; at < level; at++)
    table = pteFrame(of.ptes.get(entryRow(of.platform.mmu, table, vpn, at), 0));
  return table;
}

/** Whether an entry leads to the same page of tables as the one before it, for whoever visits each once. */
export function isSameTable({ ptes, platform }: Walkable, row: number, level: number): boolean {
  const below = platform.mmu.levels[level + 1];
  if (below === undefined || below.tablesPerPage === 1 || row % below.tablesPerPage === 0) return false;
  const entry = ptes.get(row, 0);
  return (entry & PTE_LARGE) === 0 && entry === ptes.get(row - 1, 0);
}

/** Page-table pages of a user tree, the root and those in reserve among them. */
export function tablesOf(of: Walkable, root: number, level = 0): number {
  const { mmu } = of.platform;
  let tables = 2 ** mmu.levels[level]!.order;
  if (level === mmu.levels.length - 1) return tables;
  forEachEntry(of, root, level, (entry) => {
    // For a huge page there is one in reserve.
    if ((entry & PTE_LARGE) !== 0) tables++;
    else tables += tablesOf(of, pteFrame(entry), level + 1);
  });
  return tables;
}

/** The first page above `vpn` that a missing table does not cover. */
function nextTable(draft: Draft, root: number, vpn: number): number {
  const { mmu } = draft.platform;
  let table = root;
  for (let level = 0; ; level++) {
    const entry = draft.ptes.get(entryRow(mmu, table, vpn, level), 0);
    const { span } = mmu.levels[level]!;
    if (entry === 0 || (entry & PTE_LARGE) !== 0) return nextMultiple(vpn, span);
    table = pteFrame(entry);
  }
}

export function nextMultiple(value: number, of: number): number {
  return (Math.floor(value / of) + 1) * of;
}
