/** Page tables of processes, as NR_PAGETABLE and VmPTE count them. */

import type { Machine } from '../../core/machine/machine.ts';
import { PTE_LARGE, pteFrame } from '../../core/paging/pte.ts';
import { entryRow, isSameTable } from '../../core/paging/table-walk.ts';

/** pte tables, and pmd tables if those are not the roots (pgtable_pte_page_ctor, pgtable_pmd_page_ctor, v6.1). */
export function processTablePages(machine: Machine): number {
  return Object.values(machine.records.mms).reduce(
    (sum, { root }) => sum + tablesBelow(machine, root, 0, NR_PAGETABLE_LEVELS),
    0,
  );
}

/**
 * VmPTE in KiB (mm_pgtables_bytes, v6.1): pte, pmd and pud tables. On PAE a kernel has its pmd tables from the start
 * (pgd_prepopulate_pmd), where this machine makes them when they are needed.
 */
export function pageTableKb(machine: Machine, mmId: number): number {
  const { root } = machine.records.mms[mmId]!;
  return (tablesBelow(machine, root, 0, VM_PTE_LEVELS) * 2 ** machine.platform.layout.pageShift) / 1024;
}

/** Levels that are counted, from the lowest up. */
const NR_PAGETABLE_LEVELS = 2;
const VM_PTE_LEVELS = 3;

/** Counted tables that entries of a table at `level` lead to. */
function tablesBelow(machine: Machine, table: number, level: number, nrCounted: number): number {
  const { mmu } = machine.platform;
  const levels = mmu.levels.length;
  if (level === levels - 1) return 0;
  const isCounted = level + 1 >= levels - nrCounted;
  let count = 0;
  const { span, mask } = mmu.levels[level]!;
  for (let index = 0; index <= mask; index++) {
    const row = entryRow(mmu, table, index * span, level);
    // Neighbouring tables may share a page.
    if (isSameTable(machine, row, level)) continue;
    const entry = machine.ptes.get(row, 0);
    // For a huge page there is a pte table in reserve.
    if ((entry & PTE_LARGE) !== 0) count++;
    else if (entry !== 0)
      count += (isCounted ? 1 : 0) + tablesBelow(machine, pteFrame(entry), level + 1, nrCounted);
  }
  return count;
}
