/** TLB invalidation: what the kernel does on every cpu after it has changed page tables. */

import type { Draft } from '../machine/draft.ts';
import { COUNTER } from '../outcome/counters.ts';
import { CPU, CPUS_VAR } from '../state/cpus.ts';
import { forgetContext, switchContext } from './asid-generations.ts';
import { asidOf, mmOfAsid, setMmOfAsid } from './asids.ts';
import { dropAll, dropAsid, dropKernelPages, dropNamedPages, dropUserPages } from './invalidate.ts';

/**
 * Forgets [vpn, vpn + nrPages) of an address space; nrPages undefined means all of it. A `stride` above 1 says that all
 * of it was in pages of so many base pages, so that fewer have to be named.
 */
export function flushUser(
  draft: Draft,
  cpu: number,
  mm: number,
  vpn = 0,
  nrPages?: number,
  stride = 1,
): void {
  for (let other = 0; other < draft.tlbs.count; other++) flushOn(draft, other, cpu, mm, vpn, nrPages, stride);
}

/**
 * flush_tlb_page() of a page that this cpu has copied (ptep_clear_flush): the other cpus forget it. This cpu's entry is
 * renewed in place: entries hold no frame, so it stands for the copy as it stood for the page.
 */
export function flushCopied(draft: Draft, mm: number, vpn: number): void {
  draft.counters[COUNTER.tlbFlushes]!++;
  for (let other = 0; other < draft.tlbs.count; other++)
    if (other !== draft.cpu) flushOn(draft, other, draft.cpu, mm, vpn, 1, 1);
}

/** Makes this cpu forget a page, of `span` base pages: what a page fault does to it (Intel SDM vol. 3A, 4.10.4.1). */
export function dropFaulted(draft: Draft, mm: number, vpn: number, span: number): void {
  const asid = asidOf(draft, draft.cpu, mm);
  const tlb = asid === 0 ? undefined : draft.tlbs.of(draft.cpu);
  if (tlb !== undefined) dropUserPages(draft, draft.cpu, asid, vpn - (vpn % span), span, span);
}

function flushOn(
  draft: Draft,
  other: number,
  cpu: number,
  mm: number,
  vpn: number,
  nrPages: number | undefined,
  stride: number,
): void {
  const { mmu, costs } = draft.platform;
  const asid = asidOf(draft, other, mm);
  const tlb = asid === 0 ? undefined : draft.tlbs.of(other);
  if (tlb === undefined) return;
  if (nrPages !== undefined && nrPages <= mmu.invalidation.mostPages * stride) {
    dropNamedPages(draft, other, asid, vpn, nrPages, stride);
  } else dropAsid(draft, other, asid);
  draft.counters[COUNTER.tlbFlushes]!++;
  if (mmu.invalidation.isBroadcast || other === cpu || draft.cpus.get(other, CPU.mm) !== mm) return;
  draft.counters[COUNTER.shootdowns]!++;
  draft.spend(costs.shootdownNs);
}

/** Forgets kernel base pages on every cpu; of many, everything (flush_tlb_kernel_range). */
export function flushKernel(draft: Draft, cpu: number, vpn: number, nrPages: number): void {
  const { mmu, costs } = draft.platform;
  for (let other = 0; other < draft.tlbs.count; other++) {
    const tlb = draft.tlbs.of(other);
    if (tlb === undefined) continue;
    if (nrPages <= mmu.invalidation.mostPages) dropKernelPages(draft, other, vpn, nrPages);
    else dropAll(draft, other);
    draft.counters[COUNTER.tlbFlushes]!++;
    if (mmu.invalidation.isBroadcast || other === cpu) continue;
    draft.counters[COUNTER.shootdowns]!++;
    draft.spend(costs.shootdownNs);
  }
}

/** Forgets a kernel base page on this cpu only (flush_tlb_one_kernel). */
export function flushOneKernelPage(draft: Draft, cpu: number, vpn: number): void {
  const tlb = draft.tlbs.of(cpu);
  if (tlb === undefined) return;
  dropKernelPages(draft, cpu, vpn, 1);
  draft.counters[COUNTER.tlbFlushes]!++;
}

/** Ends an address space: no cpu keeps it, or anything of it. */
export function forgetMm(draft: Draft, cpu: number, mm: number): void {
  flushUser(draft, cpu, mm);
  for (let other = 0; other < draft.vars[CPUS_VAR.cpus]!; other++) {
    const asid = asidOf(draft, other, mm);
    if (asid !== 0) setMmOfAsid(draft, other, asid, 0);
    if (draft.cpus.get(other, CPU.mm) === mm) stopUser(draft, other);
  }
  if (draft.platform.mmu.asidBits !== undefined) forgetContext(draft, mm);
}

/** The cpu runs no process any more. */
export function stopUser(draft: Draft, cpu: number): void {
  draft.cpus.set(cpu, CPU.pid, 0);
  draft.cpus.set(cpu, CPU.mm, 0);
  draft.cpus.set(cpu, CPU.asid, 0);
  draft.cpus.set(cpu, CPU.userMode, 0);
}

/**
 * Loads an address space (switch_mm): under the asid that still holds its entries, or under the next one, whose
 * entries go; on ARM a new generation of ASIDs may have emptied the TLBs before. Without PCID there is one asid, so every other address space flushes the user half; the kernel's
 * global entries stay either way.
 */
export function loadMm(draft: Draft, cpu: number, pid: number, mm: number): void {
  const { cpus, platform, vars } = draft;
  vars[CPUS_VAR.cpus] = Math.max(vars[CPUS_VAR.cpus]!, cpu + 1);
  if (platform.mmu.asidBits !== undefined) switchContext(draft, cpu, mm);
  let asid = asidOf(draft, cpu, mm);
  if (asid === 0) {
    const { nrAsids } = platform.mmu;
    const next = cpus.get(cpu, CPU.nextAsid) % nrAsids;
    asid = next + 1;
    cpus.set(cpu, CPU.nextAsid, (next + 1) % nrAsids);
    const tlb = mmOfAsid(draft, cpu, asid) === 0 ? undefined : draft.tlbs.of(cpu);
    if (tlb !== undefined) {
      // Without PCID, and without global pages, a write of CR3 leaves nothing.
      if (!platform.mmu.globalPages && !platform.mmu.pcid) dropAll(draft, cpu);
      else dropAsid(draft, cpu, asid);
      draft.counters[COUNTER.tlbFlushes]!++;
    }
    setMmOfAsid(draft, cpu, asid, mm);
  }
  cpus.set(cpu, CPU.pid, pid);
  cpus.set(cpu, CPU.mm, mm);
  cpus.set(cpu, CPU.asid, asid);
}
