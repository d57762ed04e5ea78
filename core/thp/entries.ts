/**
 * Entries that map huge pages of a process, each with a page table in reserve: finding, setting, clearing and splitting
 * them (mm/huge_memory.c, v6.1: __split_huge_pmd_locked, zap_huge_pmd, vma_adjust_trans_huge).
 */

import type { Draft } from '../machine/draft.ts';
import type { Mm } from '../machine/machine.ts';
import { COUNTER } from '../outcome/counters.ts';
import { putFrame } from '../pages/frame-refs.ts';
import { splitWhole } from '../pages/huge-parts.ts';
import { depositTable, withdrawTable } from '../paging/deposit.ts';
import { flushUser } from '../paging/flush.ts';
import {
  makePte,
  PTE_DIRTY,
  PTE_LARGE,
  PTE_SPECIAL,
  pteFlags,
  pteFrame,
  TABLE_FLAGS,
} from '../paging/pte.ts';
import { entryRow, type Walkable } from '../paging/table-walk.ts';
import { freeTable, mapPage, TABLE, writePte } from '../paging/tables.ts';
import { FRAME } from '../phys/frames.ts';
import type { HugePages } from './settings.ts';

type Tables = Walkable & { readonly platform: { readonly thp: HugePages | undefined } };

/** Row of the entry that maps, or would map, the huge page around `vpn`; 0 when no table has it yet. */
export function hugeRow(of: Tables, root: number, vpn: number): number {
  const { mmu, thp } = of.platform;
  let table = root;
  for (let level = 0; level < thp!.level; level++) {
    const entry = of.ptes.get(entryRow(mmu, table, vpn, level), 0);
    if (entry === 0) return 0;
    table = pteFrame(entry);
  }
  return entryRow(mmu, table, vpn, thp!.level);
}

/** The entry there: 0 for nothing at all, with PTE_LARGE for a huge page, else it points to a table of base pages. */
export function hugeEntry(of: Tables, root: number, vpn: number): number {
  const row = hugeRow(of, root, vpn);
  return row === 0 ? 0 : of.ptes.get(row, 0);
}

/** First page of the huge page that would contain `vpn`. */
export function hugeStart({ nrPages }: HugePages, vpn: number): number {
  return vpn - (vpn % nrPages);
}

/**
 * Goes through [start, end): `small` gets each range without huge pages that begin there, `huge` the first page and the row
 * of the entry of each that does, all ascending. One that an end of the range cuts in two is of several objects: its turn is
 * that of the first of them, and whoever goes through base pages passes over it.
 */
export function forEachSize(
  draft: Draft,
  root: number,
  start: number,
  end: number,
  small: (start: number, end: number) => void,
  huge: (vpn: number, row: number) => void,
): void {
  const { thp } = draft.platform;
  let from = start;
  if (thp !== undefined) {
    for (let vpn = Math.ceil(start / thp.nrPages) * thp.nrPages; vpn < end; vpn += thp.nrPages) {
      const row = hugeRow(draft, root, vpn);
      if (row === 0 || (draft.ptes.get(row, 0) & PTE_LARGE) === 0) continue;
      if (from < vpn) small(from, vpn);
      huge(vpn, row);
      from = vpn + thp.nrPages;
    }
  }
  if (from < end) small(from, end);
}

/** Maps a huge page, with `deposited` in reserve. 0 or a negated reason. */
export function mapHuge(draft: Draft, root: number, vpn: number, pte: number, deposited: number): number {
  const failure = mapPage(draft, root, vpn, pte, draft.platform.thp!.level);
  if (failure < 0) return failure;
  depositTable(draft, tableOf(draft, hugeRow(draft, root, vpn)), deposited);
  return 0;
}

/** Clears the entry of a huge page, and gives back the table that was in reserve for it. */
export function clearHuge(draft: Draft, row: number): void {
  freeTable(draft, takeHuge(draft, row));
}

/** The same; the table is the caller's. */
export function takeHuge(draft: Draft, row: number): number {
  writePte(draft, row, 0);
  return withdrawTable(draft, tableOf(draft, row));
}

function tableOf({ platform }: Draft, row: number): number {
  return Math.floor(row / platform.mmu.entriesPerTable);
}

/**
 * Splits the entry of a huge page into those of its base pages; the pages stay where they are, in their block. The
 * new entries are clean, as the kernel makes them. A store through one of the old ones must not be taken for one
 * through a new one, so TLBs forget the old one first.
 */
export function splitHuge(draft: Draft, { id, root }: Mm, vpn: number): void {
  const { thp, mmu, costs } = draft.platform;
  const first = hugeStart(thp!, vpn);
  const row = hugeRow(draft, root, vpn);
  const entry = draft.ptes.get(row, 0);
  const table = withdrawTable(draft, tableOf(draft, row));
  const isZero = (entry & PTE_SPECIAL) !== 0;
  const flags = pteFlags(entry) & ~(PTE_LARGE | PTE_DIRTY);
  const pfn = isZero ? draft.platform.zeroPfn : pteFrame(entry);
  for (let i = 0; i < thp!.nrPages; i++)
    draft.ptes.set(table * mmu.entriesPerTable + i, 0, makePte(isZero ? pfn : pfn + i, flags));
  draft.tables.set(table, TABLE.entries, thp!.nrPages);
  draft.ptes.set(row, 0, makePte(table, TABLE_FLAGS));
  if (isZero) putFrame(draft, pteFrame(entry));
  else {
    draft.frames.add(pfn, FRAME.refs, thp!.nrPages - 1);
    splitWhole(draft, pfn, thp!.nrPages);
  }
  draft.counters[COUNTER.thpSplitPmd]!++;
  draft.spend(costs.pteNs * thp!.nrPages);
  flushUser(draft, draft.cpu, id, first, thp!.nrPages);
}

/** Splits the huge pages that [start, end) would cut in two at its ends. */
export function splitAround(draft: Draft, mmId: number, start: number, end: number): void {
  const { thp } = draft.platform;
  if (thp === undefined) return;
  const mm = draft.records.mm(mmId);
  for (const vpn of [start, end]) {
    if (vpn % thp.nrPages === 0) continue;
    if ((hugeEntry(draft, mm.root, vpn) & PTE_LARGE) !== 0) splitHuge(draft, mm, vpn);
  }
}
