/** Page tables of a fork: what the child gets at once (copy_page_range of mm/memory.c), and what is shared until a store. */

import type { Draft } from '../machine/draft.ts';
import type { Mm } from '../machine/machine.ts';
import { countResident } from '../mm/usage.ts';
import { endVpn, VM_ANON, type Vma } from '../mm/vma.ts';
import { isAnonFrame, mapFrame } from '../pages/frame-refs.ts';
import { mapWhole } from '../pages/huge-parts.ts';
import { shareSwapSlot } from '../pages/swap.ts';
import { isSwapPte, PTE_ACCESSED, PTE_COW, PTE_RW, PTE_SPECIAL, pteFrame } from '../paging/pte.ts';
import { forEachPte } from '../paging/table-walk.ts';
import { freeTable, makeTables, newTable, TABLE } from '../paging/tables.ts';
import { FRAME } from '../phys/frames.ts';
import { forEachSize, mapHuge } from '../thp/entries.ts';

/**
 * vma_needs_copy() (v5.19, and copy_page_range() before): what a fault can fill again is left to faults; shared memory,
 * files and the zero page, as long as the process never had a page of its own there.
 */
export function needsCopy({ flags }: Vma): boolean {
  return (flags & VM_ANON) !== 0;
}

/** The entries of a mapping, in the table of the child too; 0 or a negated reason. */
export function copyPages(draft: Draft, from: Mm, toRoot: number, vma: Vma): number {
  if (draft.platform.thp === undefined) return copyBasePages(draft, from, toRoot, vma.startVpn, endVpn(vma));
  let failure = 0;
  const base = (start: number, end: number): void => {
    if (failure === 0) failure = copyBasePages(draft, from, toRoot, start, end);
  };
  forEachSize(draft, from.root, vma.startVpn, endVpn(vma), base, (vpn, row) => {
    if (failure === 0) failure = copyHuge(draft, toRoot, vpn, row);
  });
  return failure;
}

/** Table by table: the entries of parent and child are at the same places in theirs. */
function copyBasePages(draft: Draft, from: Mm, toRoot: number, start: number, end: number): number {
  const { mmu, costs } = draft.platform;
  let table = 0;
  let copied = 0;
  let resident = 0;
  /** From the entries of the parent's table to those of the child's. */
  let toChild = 0;
  let behind = 0;
  forEachPte(draft, from.root, start, end, (vpn, row) => {
    if (table < 0) return;
    if (row >= behind || row < behind - mmu.entriesPerTable) {
      if (copied > 0) draft.tables.add(table, TABLE.entries, copied);
      copied = 0;
      table = makeTables(draft, toRoot, vpn, mmu.levels.length - 1);
      if (table < 0) return;
      const first = Math.floor(row / mmu.entriesPerTable) * mmu.entriesPerTable;
      behind = first + mmu.entriesPerTable;
      toChild = table * mmu.entriesPerTable - first;
    }
    draft.spend(costs.pteNs);
    // Read again: making the table may have swapped the page out, or dropped it.
    const child = copyPte(draft, row);
    if (child === 0) return;
    draft.ptes.set(row + toChild, 0, child);
    copied++;
    if (!isSwapPte(child) && (child & PTE_SPECIAL) === 0) resident++;
  });
  countResident(draft, toRoot, resident);
  if (copied > 0) draft.tables.add(table, TABLE.entries, copied);
  return Math.min(table, 0);
}

/** One more process maps what this entry of the parent does: the entry of the child, or 0 if there is none. */
function copyPte(draft: Draft, row: number): number {
  const pte = draft.ptes.get(row, 0);
  if (pte === 0) return 0;
  if (isSwapPte(pte)) {
    shareSwapSlot(draft, pteFrame(pte));
    return pte;
  }
  const shared = sharedPte(draft, pte);
  if (shared !== pte) draft.ptes.set(row, 0, shared);
  if ((pte & PTE_SPECIAL) === 0) mapFrame(draft, pteFrame(pte));
  return shared & PTE_ACCESSED ? shared - PTE_ACCESSED : shared;
}

/** A huge page, shared as a whole (copy_huge_pmd); its table in reserve may have to be reclaimed from others. */
function copyHuge(draft: Draft, toRoot: number, vpn: number, row: number): number {
  const pfn = pteFrame(draft.ptes.get(row, 0));
  draft.frames.add(pfn, FRAME.refs, 1);
  draft.spend(draft.platform.costs.pteNs);
  const deposited = newTable(draft);
  const shared = sharedPte(draft, draft.ptes.get(row, 0));
  const child = shared & PTE_ACCESSED ? shared - PTE_ACCESSED : shared;
  const failure = deposited < 0 ? deposited : mapHuge(draft, toRoot, vpn, child, deposited);
  if (failure === 0) {
    draft.ptes.set(row, 0, shared);
    if ((shared & PTE_SPECIAL) === 0) {
      mapWhole(draft, pfn);
      countResident(draft, toRoot, draft.platform.thp!.nrPages);
    }
    return 0;
  }
  if (deposited >= 0) freeTable(draft, deposited);
  draft.frames.add(pfn, FRAME.refs, -1);
  return failure;
}

/** The entry of a private page that two processes map: a store copies, also if mprotect allows it only later. */
function sharedPte(draft: Draft, pte: number): number {
  if ((pte & PTE_RW) !== 0) return pte - PTE_RW + ((pte & PTE_COW) === 0 ? PTE_COW : 0);
  if ((pte & (PTE_COW | PTE_SPECIAL)) !== 0) return pte;
  return isAnonFrame(draft, pteFrame(pte)) ? pte + PTE_COW : pte;
}
