/**
 * What must hold of TLBs: every entry agrees with its page table, or is of a freed area that waits for its flush. And of page
 * tables: no entry is written where there is no table.
 */

import type { Machine } from '../machine/machine.ts';
import type { HeldEntry } from '../tlb/model.ts';
import { mmOfAsid } from './asids.ts';
import { USER_VIEW } from './invalidate.ts';
import { isSwapPte, PTE_DIRTY, PTE_RW } from './pte.ts';
import { findLeaf } from './table-walk.ts';

export function checkTlbs(machine: Machine, faults: string[]): void {
  const { tlb } = machine.platform.mmu;
  machine.tlbs.forEach((cells, cpu) => {
    for (const entry of cells === undefined ? [] : tlb.describe(cells)) {
      if (entry.part.holds !== 'pages') continue;
      const wrong = wrongEntry(machine, cpu, entry);
      const place = `${entry.part.name} set ${entry.set} way ${entry.way}`;
      if (wrong !== undefined) faults.push(`cpu ${cpu} TLB entry in ${place}: ${wrong}`);
    }
  });
}

/** Rows of tables begin at 1: who takes 0 for one has not found any. */
export function checkNoTable({ ptes, platform }: Machine, faults: string[]): void {
  const { entriesPerTable } = platform.mmu;
  const row = ptes.nextUsed(0, entriesPerTable);
  if (row < entriesPerTable) faults.push(`page table 0: entry ${row} is in use, and there is no such table`);
}

function wrongEntry(machine: Machine, cpu: number, entry: HeldEntry): string | undefined {
  const { mmu, kernelRoot } = machine.platform;
  const { vpn, sizeClass, isDirty } = entry;
  const inUserMode = mmu.kpti && entry.asid > USER_VIEW;
  const asid = entry.asid - (inUserMode ? USER_VIEW : 0);
  const mm = asid === 0 ? undefined : machine.records.mms[mmOfAsid(machine, cpu, asid)];
  if (asid !== 0 && mm === undefined) return `asid ${asid} holds no address space`;
  const level = mmu.levels.length - 1 - sizeClass;
  const isKernel = mm === undefined || (mmu.kpti && vpn >= machine.platform.directMapVpn);
  if (isKernel && inUserMode) return `page ${vpn} is the kernel's, and known in user mode`;
  const leaf = findLeaf(machine, isKernel ? kernelRoot : mm.root, vpn);
  if (leaf.pte === 0 || isSwapPte(leaf.pte))
    return machine.vmallocLazy.has(vpn) ? undefined : `page ${vpn} is not present`;
  if (leaf.level !== level) return `page ${vpn} is mapped at level ${leaf.level}, not ${level}`;
  const knownDirty = PTE_DIRTY | PTE_RW;
  if (isDirty && (leaf.pte & knownDirty) !== knownDirty) return `page ${vpn} is not dirty`;
  return undefined;
}
