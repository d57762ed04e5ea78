/**
 * Page-table isolation (KPTI): in user mode a cpu runs on a second root, which lacks the kernel's pages, so that
 * every way into the kernel and out of it writes CR3 (Documentation/x86/pti.rst, arch/x86/mm/pti.c, v6.1).
 *
 * Kernel pages are not global then (probe_page_size_mask, arch/x86/mm/init.c): their TLB entries belong to the
 * address space, under its asid; those of user mode have an asid of their own. Without PCID every write of CR3
 * empties the TLBs. A cpu is in user mode from an access in user mode to the next thing that the kernel does;
 * system calls return, other work of the kernel lasts until the next access in user mode. A cpu that runs no
 * process stays in the kernel.
 * Simplified: the few pages that user mode needs to get into the kernel (entry code, cpu_entry_area) are not there.
 */

import { EXECUTE, KERNEL_MODE } from '../event/access-mode.ts';
import type { Draft } from '../machine/draft.ts';
import type { Platform } from '../machine/machine.ts';
import { COUNTER } from '../outcome/counters.ts';
import { CPU } from '../state/cpus.ts';
import { keyBase } from '../tlb/keys.ts';
import { REF_KERNEL, type Run } from '../tlb/run.ts';
import { dropAll, USER_VIEW } from './invalidate.ts';

/** Gives the keys of a run the asids under which the cpu that the draft is on knows pages in the mode that it is in. */
export function tagKeys({ cpus, cpu }: Draft, { keys, refs, count }: Run): void {
  const shiftTo = (asid: number): number => keyBase(asid, 0) - keyBase(0, 0);
  const kernel = shiftTo(cpus.get(cpu, CPU.asid));
  const user = shiftTo(cpus.get(cpu, CPU.userMode) !== 0 ? USER_VIEW : 0);
  for (let k = 0; k < count; k++) keys[k]! += (refs[k]! & REF_KERNEL) !== 0 ? kernel : user;
}

/**
 * Whether an access is the kernel's, to run user code: then its own root forbids it, which has execute-disable in the
 * upper entries of the user half lest a way back to user mode forgets CR3 (__pti_set_user_pgtbl; PAE's have no such bit).
 */
export function forbidsFetch(platform: Pick<Platform, 'layout' | 'mmu'>, mode: number): boolean {
  return mode === (EXECUTE | KERNEL_MODE) && isUserHalfNx(platform);
}

export function isUserHalfNx({ layout, mmu }: Pick<Platform, 'layout' | 'mmu'>): boolean {
  return mmu.kpti && mmu.nx && layout.arch.port.isolation?.userHalfNoExecute === true;
}

/** Takes the cpu into the kernel, if it is not there. */
function enterKernel(draft: Draft): void {
  if (draft.cpus.get(draft.cpu, CPU.userMode) !== 0) writeCr3(draft, 0);
}

/** Takes the cpu back to the process that it runs. */
function leaveKernel(draft: Draft): void {
  const { cpus, cpu } = draft;
  if (cpus.get(cpu, CPU.mm) !== 0 && cpus.get(cpu, CPU.userMode) === 0) writeCr3(draft, 1);
}

function writeCr3(draft: Draft, userMode: number): void {
  const { cpu, counters, platform } = draft;
  draft.cpus.set(cpu, CPU.userMode, userMode);
  counters[COUNTER.kptiSwitches]!++;
  draft.spend(platform.costs.cr3WriteNs);
  const tlb = platform.mmu.pcid ? undefined : draft.tlbs.of(cpu);
  if (tlb === undefined) return;
  dropAll(draft, cpu);
  counters[COUNTER.tlbFlushes]!++;
}

/** Before an event that the kernel does: a system call comes from user mode, and goes back there. */
export function beginKernelWork(draft: Draft, isSystemCall: boolean): void {
  if (isSystemCall) leaveKernel(draft);
  enterKernel(draft);
}

/** After it. */
export function endKernelWork(draft: Draft, isSystemCall: boolean): void {
  if (isSystemCall) leaveKernel(draft);
}

/** Before an access is translated: `nrFaults` traps were needed to make it possible (or to refuse it). */
export function beginAccess(draft: Draft, kernelMode: boolean, nrFaults: number): void {
  if (kernelMode) {
    enterKernel(draft);
    return;
  }
  leaveKernel(draft);
  for (let fault = 0; fault < nrFaults; fault++) {
    enterKernel(draft);
    leaveKernel(draft);
  }
}
