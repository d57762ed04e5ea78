/** Who refers to frames and swap slots: every page table and the page cache, counted anew and compared. */

import { dmaPins, iommuRoots } from '../dma/invariants.ts';
import type { Machine } from '../machine/machine.ts';
import { PAGES_VAR } from '../pages/state.ts';
import { SWAP } from '../pages/swap.ts';
import { isSwapPte, PTE_LARGE, PTE_RW, PTE_SPECIAL, pteFrame } from '../paging/pte.ts';
import { PAGING_VAR } from '../paging/state.ts';
import { forEachEntry } from '../paging/table-walk.ts';
import { TABLE } from '../paging/tables.ts';
import {
  blockOf,
  FRAME,
  frameOwner,
  USE_ANON,
  USE_NAMES,
  USE_PAGE_CACHE,
  USE_PAGE_TABLE,
} from '../phys/frames.ts';
import { forEachBlock } from '../phys/invariants.ts';
import { checkDeposits, checkHugePages } from '../thp/invariants.ts';

export interface References {
  /** PFN (of a huge page the first) to number of PTEs and caches that refer to it. */
  readonly counts: Map<number, number>;
  /** PFNs that some PTE may write to. */
  readonly writable: Set<number>;
  /** Slot of the swap area to number of entries that refer to it. */
  readonly slots: Map<number, number>;
  /** PFNs of pages in the swap cache, which has a reference to each of them. */
  readonly swapCached: Set<number>;
}

/** Walks every page table and the page cache. */
export function countReferences(machine: Machine, faults: string[]): References {
  const references: References = {
    ...{ counts: new Map(), writable: new Set(), slots: new Map(), swapCached: new Set() },
  };
  countEntries(machine, references, faults);
  machine.pageCache.forEachLeaf((leaf) => {
    for (const cell of leaf) {
      if (cell > 0) countOne(references.counts, cell - 1);
      else if (cell < 0) countOne(references.slots, -cell);
    }
  });
  for (let slot = 1; slot <= machine.vars[PAGES_VAR.swapSlots]!; slot++) {
    const cached = machine.swapMap.get(slot, SWAP.cache) - 1;
    if (cached < 0) continue;
    countOne(references.counts, cached);
    references.swapCached.add(cached);
  }
  return references;
}

function countOne(counts: Map<number, number>, key: number): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** Of the tables of processes; those of the kernel and of IOMMUs refer to frames without a count. */
function countEntries(machine: Machine, references: References, faults: string[]): void {
  const tablesSeen = new Set<number>();
  const { kernelRoot, mmu } = machine.platform;
  const visitTable = (table: number, level: number, isUser: boolean): void => {
    tablesSeen.add(table);
    let nrHuge = 0;
    forEachEntry(machine, table, level, (pte) => {
      if (level < mmu.levels.length - 1 && (pte & PTE_LARGE) === 0)
        visitTable(pteFrame(pte), level + 1, isUser);
      else if (isUser) {
        countEntry(machine, pte, references);
        if ((pte & PTE_LARGE) !== 0) nrHuge++;
      }
    });
    checkTable(machine, table, level, faults);
    if (isUser) for (const row of checkDeposits(machine, table, nrHuge, faults)) tablesSeen.add(row);
  };
  visitTable(kernelRoot, 0, false);
  for (const root of iommuRoots(machine)) visitTable(root, 0, false);
  for (const mm of Object.values(machine.records.mms)) visitTable(mm.root, 0, true);
  const tablesLeft = machine.vars[PAGING_VAR.tableRows]! - freeTableRows(machine);
  if (tablesSeen.size !== tablesLeft)
    faults.push(`${tablesLeft} page tables are live, ${tablesSeen.size} can be reached`);
}

function countEntry(
  { platform, frames }: Machine,
  pte: number,
  { counts, writable, slots }: References,
): void {
  const pfn = pteFrame(pte);
  if (isSwapPte(pte)) countOne(slots, pfn);
  else if ((pte & PTE_SPECIAL) === 0) {
    countOne(counts, platform.thp === undefined ? pfn : blockOf(frames, pfn));
    if ((pte & PTE_RW) !== 0) writable.add(pfn);
  }
}

function checkTable(machine: Machine, table: number, level: number, faults: string[]): void {
  const { tables, frames } = machine;
  const used = entriesInUse(machine, table, level);
  const counted = tables.get(table, TABLE.entries);
  if (used !== counted) faults.push(`page table ${table}: ${used} entries in use, ${counted} counted`);
  const pfn = tables.get(table, TABLE.pfn);
  const owned = frames.get(pfn, FRAME.use) === USE_PAGE_TABLE && frameOwner(frames, pfn) === table;
  if (!owned) faults.push(`page table ${table}: frame ${pfn} is not its own`);
}

/** Each for itself: also those that are filled in together. */
function entriesInUse({ ptes, platform }: Machine, table: number, level: number): number {
  const firstRow = table * platform.mmu.entriesPerTable;
  const endRow = firstRow + platform.mmu.levels[level]!.mask + 1;
  let used = 0;
  for (let row = ptes.nextUsed(firstRow, endRow); row < endRow; row = ptes.nextUsed(row + 1, endRow)) used++;
  return used;
}

function freeTableRows(machine: Machine): number {
  let rows = 0;
  for (let at = machine.vars[PAGING_VAR.freeTable]!; at !== 0; rows++) at = machine.tables.get(at, TABLE.pfn);
  return rows;
}

/** Every frame has as many references as were found, and a private one that several have is writable by none. */
export function checkReferences(
  machine: Machine,
  { counts, writable, swapCached }: References,
  faults: string[],
): void {
  const pins = dmaPins(machine);
  checkHugePages(machine, pins, faults);
  const strays = new Set(counts.keys());
  forEachBlock(machine, (pfn, use) => {
    strays.delete(pfn);
    const found = counts.get(pfn) ?? 0;
    const refs = machine.frames.get(pfn, FRAME.refs);
    const shareable = use === USE_ANON || use === USE_PAGE_CACHE;
    const pinned = pins.get(pfn) ?? 0;
    if (shareable && found + pinned !== refs)
      faults.push(`PFN ${pfn}: ${refs} references counted, ${found + pinned} found`);
    if (!shareable && found !== 0) faults.push(`PFN ${pfn}: ${USE_NAMES[use]} is mapped by a process`);
    const isHuge = machine.frames.get(pfn, FRAME.order) > 0;
    const sharers = found - (swapCached.has(pfn) ? 1 : 0);
    if (use === USE_ANON && !isHuge && sharers > 1 && writable.has(pfn))
      faults.push(`PFN ${pfn}: private, shared by ${sharers}, writable`);
  });
  for (const pfn of strays) faults.push(`PFN ${pfn}: mapped, but not the first frame of a block`);
}
