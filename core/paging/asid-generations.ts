/**
 * ASIDs as ARM's kernels hand them out, for all cpus together: each address space gets one when it first runs, and keeps it;
 * nobody gives one back. When there are none left a new generation begins: what runs just then keeps its number, everybody
 * else needs a new one, and every cpu empties its TLBs before it runs anything else.
 *
 * Sources: arch/arm/mm/context.c and arch/arm64/mm/context.c (check_and_switch_context, new_context, flush_context,
 * check_update_reserved_asid), v6.1. ASID 0 is for nobody. Left out: pinned ASIDs, pairs of them with page-table isolation.
 */
import type { Draft } from '../machine/draft.ts';
import { COUNTER } from '../outcome/counters.ts';
import { CPUS_VAR } from '../state/cpus.ts';
import { setMmOfAsid } from './asids.ts';
import { dropAll } from './invalidate.ts';

/** Rows of `asidContexts`, by address space: the generation that its number is of, and the number; 0 and 0: none yet. */
const CONTEXT = { generation: 0, asid: 1 } as const;
/** Its row 0: the present generation less one, and the number that was given last (cur_idx). */
const NOW = 0;

/** Rows of `asidCpus`: what each cpu runs, what it ran when the last generation began, whether its TLBs are stale. */
const ON_CPU = { generation: 0, asid: 1, reservedGeneration: 2, reservedAsid: 3, isStale: 4 } as const;

/** check_and_switch_context(): before a cpu loads an address space. */
export function switchContext(draft: Draft, cpu: number, mm: number): void {
  const { asidContexts, asidCpus } = draft;
  if (generationOf(draft, mm) !== presentGeneration(draft)) newContext(draft, mm);
  if (asidCpus.get(cpu, ON_CPU.isStale) !== 0) emptyTlbs(draft, cpu);
  asidCpus.set(cpu, ON_CPU.generation, asidContexts.get(mm, CONTEXT.generation));
  asidCpus.set(cpu, ON_CPU.asid, asidContexts.get(mm, CONTEXT.asid));
}

/** init_new_context(): an address space that takes the place of an ended one begins without a number. */
export function forgetContext({ asidContexts }: Draft, mm: number): void {
  asidContexts.set(mm, CONTEXT.generation, 0);
  asidContexts.set(mm, CONTEXT.asid, 0);
}

function generationOf({ asidContexts }: Draft, mm: number): number {
  return asidContexts.get(mm, CONTEXT.generation);
}

function presentGeneration({ asidContexts }: Draft): number {
  return asidContexts.get(NOW, CONTEXT.generation) + 1;
}

function newContext(draft: Draft, mm: number): void {
  const { asidContexts, asidMap } = draft;
  const old = asidContexts.get(mm, CONTEXT.asid);
  // It was running when the generation began, or nobody has taken its number since: it keeps that.
  const keeps = old !== 0 && (keepReserved(draft, mm, old) || asidMap.get(old, 0) === 0);
  const asid = keeps ? old : freeAsid(draft);
  asidMap.set(asid, 0, 1);
  asidContexts.set(mm, CONTEXT.generation, presentGeneration(draft));
  asidContexts.set(mm, CONTEXT.asid, asid);
}

/** check_update_reserved_asid(): on every cpu, since threads of one address space may have run on several. */
function keepReserved(draft: Draft, mm: number, asid: number): boolean {
  const { asidCpus, vars } = draft;
  let isReserved = false;
  for (let cpu = 0; cpu < vars[CPUS_VAR.cpus]!; cpu++) {
    const isIts =
      asidCpus.get(cpu, ON_CPU.reservedAsid) === asid &&
      asidCpus.get(cpu, ON_CPU.reservedGeneration) === generationOf(draft, mm);
    if (!isIts) continue;
    isReserved = true;
    asidCpus.set(cpu, ON_CPU.reservedGeneration, presentGeneration(draft));
  }
  return isReserved;
}

/** The next free number from the last one that was given on; else a new generation begins. */
function freeAsid(draft: Draft): number {
  const found = nextFree(draft, Math.max(draft.asidContexts.get(NOW, CONTEXT.asid), 1));
  const asid = found ?? firstOfNewGeneration(draft);
  draft.asidContexts.set(NOW, CONTEXT.asid, asid);
  return asid;
}

function nextFree({ asidMap, platform }: Draft, from: number): number | undefined {
  const end = 2 ** platform.mmu.asidBits!;
  for (let asid = from; asid < end; asid++) if (asidMap.get(asid, 0) === 0) return asid;
  return undefined;
}

function firstOfNewGeneration(draft: Draft): number {
  draft.asidContexts.add(NOW, CONTEXT.generation, 1);
  reserveRunning(draft);
  return nextFree(draft, 1)!;
}

/** flush_context(). A cpu that has run nothing else since the last time keeps what it has reserved since then. */
function reserveRunning({ asidCpus, asidMap, platform, vars }: Draft): void {
  for (let asid = 0; asid < 2 ** platform.mmu.asidBits!; asid++) asidMap.set(asid, 0, 0);
  for (let cpu = 0; cpu < vars[CPUS_VAR.cpus]!; cpu++) {
    const active = asidCpus.get(cpu, ON_CPU.asid);
    if (active !== 0) {
      asidCpus.set(cpu, ON_CPU.reservedAsid, active);
      asidCpus.set(cpu, ON_CPU.reservedGeneration, asidCpus.get(cpu, ON_CPU.generation));
      asidCpus.set(cpu, ON_CPU.asid, 0);
      asidCpus.set(cpu, ON_CPU.generation, 0);
    }
    asidMap.set(asidCpus.get(cpu, ON_CPU.reservedAsid), 0, 1);
    asidCpus.set(cpu, ON_CPU.isStale, 1);
  }
}

/** local_flush_tlb_all(): the kernel's entries go too. */
function emptyTlbs(draft: Draft, cpu: number): void {
  const { mmu } = draft.platform;
  draft.asidCpus.set(cpu, ON_CPU.isStale, 0);
  for (let asid = 1; asid <= mmu.nrAsids; asid++) setMmOfAsid(draft, cpu, asid, 0);
  const tlb = draft.tlbs.of(cpu);
  if (tlb === undefined) return;
  dropAll(draft, cpu);
  draft.counters[COUNTER.tlbFlushes]!++;
}
