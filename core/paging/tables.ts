/**
 * Page tables: radix trees whose pages are simulated frames, taken from the buddy allocator like any others.
 *
 * A page-table page (or block of pages) is a row of `tables` and a run of `entriesPerTable` rows of `ptes`. The upper half of every
 * tree is the kernel's and the same for all, so it is kept once: kernel addresses are walked from the kernel's
 * own root. (On 32 bits each process would hold copies of those root entries; kernel-entries.ts tells which.)
 * Simplified: a page-table page is freed as soon as its last entry is cleared; the kernel frees those of a
 * process when no neighbouring VMA needs them, and keeps those of the vmalloc area (here until a purge).
 */

import { GFP_KERNEL } from '../event/gfp.ts';
import type { Draft } from '../machine/draft.ts';
import { COUNTER } from '../outcome/counters.ts';
import { FRAME, USE_PAGE_TABLE } from '../phys/frames.ts';
import { allocPages, freePages } from '../phys/page-alloc.ts';
import { makePte, PTE_LARGE, pteFrame, TABLE_FLAGS } from './pte.ts';
import { PAGING_VAR } from './state.ts';
import { entryRow, findLeaf, forEachLeafRun, nextMultiple, pageSpan, tableAt } from './table-walk.ts';

/** Fields of a row of `tables`. Rows are numbered from 1. `pfn` of a free row links the free rows. */
export const TABLE = {
  pfn: 0,
  entries: 1,
  /** Of last-level tables of the kernel's half: how many of them there were when it was made (kernel-entries.ts). */
  number: 2,
} as const;

/** Maps a page (or, at an upper `level`, a large page), making the tables on the way; 0 or a negated reason. */
export function mapPage(draft: Draft, root: number, vpn: number, pte: number, level?: number): number {
  const { mmu } = draft.platform;
  const last = level ?? mmu.levels.length - 1;
  const table = makeTables(draft, root, vpn, last);
  if (table < 0) return table;
  writePte(draft, entryRow(mmu, table, vpn, last), pte);
  return 0;
}

/** The table that maps `vpn` at `level`, made with those above it if need be: its row, or a negated reason. */
export function makeTables(draft: Draft, root: number, vpn: number, level: number): number {
  const { mmu, kernelRoot } = draft.platform;
  let table = root;
  for (let at = 0; at < level; at++) {
    const row = entryRow(mmu, table, vpn, at);
    const entry = draft.ptes.get(row, 0);
    if (entry === 0) {
      const { order, tablesPerPage } = mmu.levels[at + 1]!;
      table = newTable(draft, order);
      if (table < 0) return table;
      linkTable(draft, row, table, tablesPerPage);
      if (at === mmu.levels.length - 2 && root === kernelRoot) numberKernelTable(draft, table);
    } else table = pteFrame(entry);
  }
  return table;
}

/** Fills in the entry that leads to a table, and those that lead to the tables beside it in its page. */
function linkTable(draft: Draft, row: number, table: number, tablesPerPage: number): void {
  const first = row - (row % tablesPerPage);
  for (let at = first; at < first + tablesPerPage; at++)
    if (at === row || draft.ptes.get(at, 0) === 0) writePte(draft, at, makePte(table, TABLE_FLAGS));
}

/** The inverse. */
function unlinkTable(draft: Draft, row: number, table: number, tablesPerPage: number): void {
  const link = makePte(table, TABLE_FLAGS);
  const first = row - (row % tablesPerPage);
  for (let at = first; at < first + tablesPerPage; at++)
    if (draft.ptes.get(at, 0) === link) writePte(draft, at, 0);
}

/**
 * Maps consecutive pages from `vpn` on, as far as `next` gives entries (below zero: it has failed, and so does this).
 * The walk is repeated only where another table begins. 0 or a negated reason; what was mapped stays mapped.
 */
export function mapPages(
  draft: Draft,
  root: number,
  vpn: number,
  nrPages: number,
  next: () => number,
): number {
  const { mmu } = draft.platform;
  const last = mmu.levels.length - 1;
  let row = -1;
  for (let page = vpn; page < vpn + nrPages; page++) {
    const pte = next();
    if (pte < 0) return pte;
    if (row >= 0 && (page & (mmu.leafEntries - 1)) !== 0) row++;
    else {
      const table = makeTables(draft, root, page, last);
      if (table < 0) return table;
      row = entryRow(mmu, table, page, last);
    }
    writePte(draft, row, pte);
  }
  return 0;
}

/** Maps frames at the pages from `vpn` on, where none is yet; 0 or a negated reason, and what was mapped stays mapped. */
export function mapFrames(
  draft: Draft,
  root: number,
  vpn: number,
  pfns: Int32Array,
  nrPages: number,
  flags: number,
): number {
  const { mmu } = draft.platform;
  const last = mmu.levels.length - 1;
  for (let at = 0; at < nrPages; ) {
    const table = makeTables(draft, root, vpn + at, last);
    if (table < 0) return table;
    const row = entryRow(mmu, table, vpn + at, last) - at;
    const end = Math.min(nrPages, nextMultiple(vpn + at, mmu.leafEntries) - vpn);
    draft.tables.add(table, TABLE.entries, end - at);
    for (; at < end; at++) draft.ptes.set(row + at, 0, makePte(pfns[at]!, flags));
  }
  return 0;
}

/** Writes an entry and keeps its table's count of entries in use. */
export function writePte(draft: Draft, row: number, pte: number): void {
  const leaf = draft.ptes.toWrite(row);
  const at = draft.ptes.cellOf(row);
  if ((leaf[at] === 0) !== (pte === 0)) {
    const table = Math.floor(row / draft.platform.mmu.entriesPerTable);
    draft.tables.add(table, TABLE.entries, pte === 0 ? -1 : 1);
  }
  leaf[at] = pte;
}

/** Clears the present last-level entries in [start, end), and frees the tables that are left empty. */
export function clearPtes(draft: Draft, root: number, start: number, end: number, give?: GiveEntries): void {
  clearEntries(draft, root, start, end, give);
  freeEmptyTables(draft, root, start, end);
}

/** Clears the large pages that begin in [start, end). */
export function clearLargePages(draft: Draft, root: number, start: number, end: number): void {
  const { mmu } = draft.platform;
  for (let vpn = start; vpn < end; ) {
    const { pte, level } = findLeaf(draft, root, vpn);
    if ((pte & PTE_LARGE) !== 0)
      writePte(draft, entryRow(mmu, tableAt(draft, root, vpn, level), vpn, level), 0);
    vpn = nextMultiple(vpn, pageSpan(mmu, level));
  }
}

/** Entries that were cleared in one table, ascending; for using now. */
export type GiveEntries = (entries: Float64Array, count: number) => void;

let entries = new Float64Array(512);

/** Clears the present last-level entries in [start, end), giving those of each table together. */
export function clearEntries(
  draft: Draft,
  root: number,
  start: number,
  end: number,
  give?: GiveEntries,
): void {
  const { entriesPerTable, leafEntries } = draft.platform.mmu;
  if (entries.length < leafEntries) entries = new Float64Array(leafEntries);
  forEachLeafRun(draft, root, start, end, (_vpn, row, endRow) => {
    const count = clearRows(draft, row, endRow);
    if (count === 0) return;
    draft.tables.add(Math.floor(row / entriesPerTable), TABLE.entries, -count);
    give?.(entries, count);
  });
}

/** Clears rows of `ptes`, keeping in `entries` what they held; how many held anything. */
function clearRows({ ptes }: Draft, row: number, endRow: number): number {
  let count = 0;
  for (let at = row; at < endRow; at++) {
    const pte = ptes.get(at, 0);
    if (pte === 0) continue;
    ptes.set(at, 0, 0);
    entries[count++] = pte;
  }
  return count;
}

/** Frees the tables between [start, end) that have no entry left, bottom up. The root stays. */
export function freeEmptyTables(draft: Draft, root: number, start: number, end: number): void {
  const { mmu } = draft.platform;
  for (let depth = mmu.levels.length - 1; depth > 0; depth--) {
    const { span } = mmu.levels[depth - 1]!;
    for (let vpn = start; vpn < end; vpn = nextMultiple(vpn, span)) freeIfEmpty(draft, root, vpn, depth);
  }
}

/** A new page-table page (of a root with page-table isolation: a block of two): its row, or a negated reason. */
export function newTable(draft: Draft, order = 0): number {
  const { vars, tables, counters } = draft;
  const pfn = allocPages(draft, order, GFP_KERNEL, USE_PAGE_TABLE, 0);
  if (pfn < 0) return pfn;
  // Only now: the allocation may have ended a process, and freed its tables.
  const reused = vars[PAGING_VAR.freeTable]!;
  const row = reused === 0 ? vars[PAGING_VAR.tableRows]! + 1 : reused;
  draft.frames.set(pfn, FRAME.owner, row);
  if (reused === 0) vars[PAGING_VAR.tableRows] = row;
  else vars[PAGING_VAR.freeTable] = tables.get(row, TABLE.pfn);
  tables.set(row, TABLE.pfn, pfn);
  tables.set(row, TABLE.entries, 0);
  counters[COUNTER.pageTablePages]! += 1 << order;
  const live = counters[COUNTER.pageTablePages]!;
  if (live > counters[COUNTER.pageTablePagesPeak]!) counters[COUNTER.pageTablePagesPeak] = live;
  return row;
}

/** A last-level table of the kernel's half; at once known to every process where the kernel copies its entry at once. */
function numberKernelTable(draft: Draft, table: number): void {
  draft.tables.set(table, TABLE.number, ++draft.vars[PAGING_VAR.kernelTables]!);
  const { costs, kernelEntries } = draft.platform;
  if (kernelEntries === 'eager') draft.spend(draft.records.mmIds().length * costs.pteNs);
}

/** Gives back a page-table page that has no entries. */
export function freeTable(draft: Draft, row: number): void {
  const { vars, tables } = draft;
  const pfn = tables.get(row, TABLE.pfn);
  draft.counters[COUNTER.pageTablePages]! -= 1 << draft.frames.get(pfn, FRAME.order);
  freePages(draft, pfn);
  tables.set(row, TABLE.pfn, vars[PAGING_VAR.freeTable]!);
  vars[PAGING_VAR.freeTable] = row;
}

/** Frees the table at `depth` on the way to `vpn` if it is empty. */
function freeIfEmpty(draft: Draft, root: number, vpn: number, depth: number): void {
  const { mmu } = draft.platform;
  let table = root;
  let row = 0;
  for (let level = 0; level < depth; level++) {
    row = entryRow(mmu, table, vpn, level);
    const entry = draft.ptes.get(row, 0);
    if (entry === 0 || (entry & PTE_LARGE) !== 0) return;
    table = pteFrame(entry);
  }
  if (draft.tables.get(table, TABLE.entries) !== 0) return;
  unlinkTable(draft, row, table, mmu.levels[depth]!.tablesPerPage);
  freeTable(draft, table);
}
