/** What must hold of TLBs: every entry agrees with its page table, or is of a freed area that waits for its flush. */
import { CPU } from '../state/cpus.ts';
import type { Machine } from '../state/machine.ts';
import { tlbEntryCount, USER_VIEW } from './invalidate.ts';
import { isSwapPte, PTE_DIRTY, PTE_RW } from './pte.ts';
import { findLeaf, pageSpan } from './tables.ts';
import { keyPage, keyTag, tagAsid, tagSizeClass } from './tlb.ts';

export function checkTlbs(machine: Machine, faults: string[]): void {
  const nrEntries = tlbEntryCount(machine.platform.mmu);
  machine.tlbs.forEach((tlb, cpu) => {
    for (let i = 0; tlb !== undefined && i < nrEntries; i++) {
      if (tlb[i] === 0) continue;
      const wrong = wrongEntry(machine, cpu, tlb[i]!);
      if (wrong !== undefined) faults.push(`cpu ${cpu} TLB entry ${i}: ${wrong}`);
    }
  });
}

function wrongEntry(machine: Machine, cpu: number, key: number): string | undefined {
  const { mmu, kernelRoot } = machine.platform;
  const tag = keyTag(key);
  const inUserMode = mmu.kpti && tagAsid(tag) > USER_VIEW;
  const asid = tagAsid(tag) - (inUserMode ? USER_VIEW : 0);
  const mm = asid === 0 ? undefined : machine.records.mms[machine.cpus.get(cpu, CPU.asidMm + asid - 1)];
  if (asid !== 0 && mm === undefined) return `asid ${asid} holds no address space`;
  const level = mmu.levels.length - 1 - tagSizeClass(tag);
  const vpn = keyPage(key) * pageSpan(mmu, level);
  const isKernel = mm === undefined || (mmu.kpti && vpn >= machine.platform.directMapVpn);
  if (isKernel && inUserMode) return `page ${vpn} is the kernel's, and known in user mode`;
  const leaf = findLeaf(machine, isKernel ? kernelRoot : mm.root, vpn);
  if (leaf.pte === 0 || isSwapPte(leaf.pte))
    return awaitsFlush(machine, vpn) ? undefined : `page ${vpn} is not present`;
  if (leaf.level !== level) return `page ${vpn} is mapped at level ${leaf.level}, not ${level}`;
  const knownDirty = PTE_DIRTY | PTE_RW;
  if (key < 0 && (leaf.pte & knownDirty) !== knownDirty) return `page ${vpn} is not dirty`;
  return undefined;
}

function awaitsFlush({ vmallocLazy }: Machine, vpn: number): boolean {
  return vmallocLazy.starts.some((start, i) => start <= vpn && vpn < vmallocLazy.ends[i]!);
}
