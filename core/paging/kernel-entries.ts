/**
 * The kernel's half of a process's page tables on x86 with 32 bits: upper entries that are copies of the reference
 * table's (init_mm), made when the process is. Whatever vmalloc adds to the reference table later has to get there too.
 *
 * Up to Linux 5.7 a fault brings it: the first access under an address space that lacks the entry faults, and the
 * kernel copies the entry (vmalloc_fault, vmalloc_sync_one of arch/x86/mm/fault.c, v5.4). From 5.8 on whoever adds an
 * entry copies it to all address spaces at once (arch_sync_kernel_mappings, v6.1), and vmalloc_fault is left for a race
 * between two cpus that this machine, which does one thing at a time, does not have.
 *
 * No copies are stored: the kernel's half is walked from the kernel's own root. Last-level tables of that root are
 * numbered as they are made, so that an address space has the first so many, and those that faults brought since.
 * Nobody copies where entries are shared: PAE's one page of kernel PMDs (SHARED_KERNEL_PMD, without page-table
 * isolation), and 64 bits, where all top entries of the window are there from boot on (preallocate_vmalloc_pages, v6.1).
 * Simplified: a cpu without a process runs on the reference table, where a kernel thread borrows the one before it.
 */

import type { Layout } from '../layout/layout.ts';
import type { Draft } from '../machine/draft.ts';
import type { Machine, Mm } from '../machine/machine.ts';
import { COUNTER } from '../outcome/counters.ts';
import { leafTable } from './table-walk.ts';
import { TABLE } from './tables.ts';

/** How an entry of the kernel's half comes into the tables of processes that are there already. */
export type KernelEntrySync = 'shared' | 'eager' | 'fault';

/** `kpti`: page-table isolation, with which PAE shares nothing. */
export function kernelEntrySync({ arch, kernel }: Layout, kpti: boolean): KernelEntrySync {
  const { kernelHalf } = arch.port;
  const copies = kernelHalf === 'copied' || (kernelHalf === 'copied-when-isolated' && kpti);
  return copies ? (arch.port.kernelEntrySync ?? kernel.kernelEntrySync) : 'shared';
}

/** Whether a walk for a kernel page ends at an entry that this address space has not got yet. */
export function lacksKernelEntry(of: Draft | Machine, mm: Mm, vpn: number): boolean {
  if (of.platform.kernelEntries !== 'fault') return false;
  const table = leafTable(of, of.platform.kernelRoot, vpn);
  if (table === 0) return false;
  const number = of.tables.get(table, TABLE.number);
  return number > mm.kernelTables && !mm.faultedTables.includes(number);
}

/** vmalloc_fault(): copies the entry. */
export function copyKernelEntry(draft: Draft, mmId: number, vpn: number): void {
  const number = draft.tables.get(leafTable(draft, draft.platform.kernelRoot, vpn), TABLE.number);
  const mm = draft.records.editMm(mmId);
  mm.faultedTables = [...mm.faultedTables, number];
  draft.counters[COUNTER.vmallocFaults]!++;
  draft.spend(draft.platform.costs.faultNs);
}
