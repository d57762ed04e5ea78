/** Processes: spawn, fork, exec, exit and the context switch. */

import { CLONE_VM } from '../event/clone-flags.ts';
import { GFP_KERNEL } from '../event/gfp.ts';
import type { Draft } from '../machine/draft.ts';
import type { Handler } from '../machine/handler.ts';
import type { Mm, Process } from '../machine/machine.ts';
import { Moved } from '../mm/moved.ts';
import { countMapped } from '../mm/usage.ts';
import { VM_ANON, VM_FORKED, VM_LOCKED, type Vma, vmaWith } from '../mm/vma.ts';
import { Vmas } from '../mm/vmas.ts';
import { COUNTER } from '../outcome/counters.ts';
import { EXISTS, NO_PROCESS, OK } from '../outcome/outcome.ts';
import { flushUser, forgetMm, loadMm, stopUser } from '../paging/flush.ts';
import { PAGING_VAR } from '../paging/state.ts';
import { freeTable, newTable } from '../paging/tables.ts';
import { USE_KERNEL_STACK } from '../phys/frames.ts';
import { allocPages, freePages } from '../phys/page-alloc.ts';
import { CPU, CPUS_VAR } from '../state/cpus.ts';
import { copyPages, needsCopy } from './copy-pages.ts';
import { keepMapping, NO_HEAP, unmapAll } from './mapping.ts';
import { VM_VAR } from './state.ts';

/** THREAD_SIZE_ORDER. */
function stackOrder({ platform: { layout } }: Draft): number {
  return Math.max(0, Math.ceil(Math.log2(layout.kernelStackBytes)) - layout.pageShift);
}

export const spawn: Handler<'spawn'> = (draft, { pid }) => {
  draft.spend(draft.platform.costs.syscallNs);
  if (pid === 0 || draft.records.process(pid) !== undefined) return EXISTS;
  return createProcess(draft, pid, 0, 0);
};

export const fork: Handler<'fork'> = (draft, { cpu, pid }) => copyProcess(draft, cpu, pid, false);

export const clone: Handler<'clone'> = (draft, { cpu, pid, cloneFlags: flags }) =>
  copyProcess(draft, cpu, pid, (flags & CLONE_VM) !== 0);

/** kernel_clone(): the child shares the address space of its parent, or has a copy of it. */
function copyProcess(draft: Draft, cpu: number, pid: number, sharesMm: boolean): number {
  draft.spend(draft.platform.costs.syscallNs);
  const parent = draft.records.process(draft.cpus.get(cpu, CPU.pid));
  if (parent === undefined) return NO_PROCESS;
  if (pid === 0 || draft.records.process(pid) !== undefined) return EXISTS;
  const status = createProcess(draft, pid, parent.pid, sharesMm ? parent.mm : 0);
  if (status !== OK) return status;
  draft.counters[COUNTER.forks]!++;
  if (sharesMm) return OK;
  draft.unborn = pid;
  const failure = copyMm(draft, draft.records.mm(parent.mm), draft.records.process(pid)!.mm);
  draft.unborn = 0;
  flushUser(draft, cpu, parent.mm);
  if (failure < 0) endProcess(draft, cpu, pid);
  return -failure;
}

/** The program changes; the process, and the cpu it runs on, stay. Who shared its address space keeps that. */
export const exec: Handler<'exec'> = (draft, { cpu }) => {
  draft.spend(draft.platform.costs.syscallNs);
  const process = draft.records.process(draft.cpus.get(cpu, CPU.pid));
  if (process === undefined) return NO_PROCESS;
  if (draft.records.mm(process.mm).users > 1) return leaveMm(draft, process);
  unmapAll(draft, process.mm);
  flushUser(draft, cpu, process.mm);
  const kernelTables = draft.vars[PAGING_VAR.kernelTables]!;
  Object.assign(draft.records.editMm(process.mm), {
    heap: NO_HEAP,
    heapPages: 0,
    textEnd: 0,
    kernelTables,
    faultedTables: [],
  });
  return OK;
};

export const exit: Handler<'exit'> = (draft, { cpu }) => {
  draft.spend(draft.platform.costs.syscallNs);
  const pid = draft.cpus.get(cpu, CPU.pid);
  if (draft.records.process(pid) === undefined) return NO_PROCESS;
  endProcess(draft, cpu, pid);
  return OK;
};

/** To a process, or to none (pid 0). The kernel half of the address space is the same for all. */
export const switchTo: Handler<'switch'> = (draft, { cpu, pid }) => {
  const process = draft.records.process(pid);
  if (pid !== 0 && process === undefined) {
    stopUser(draft, cpu);
    return NO_PROCESS;
  }
  draft.counters[COUNTER.contextSwitches]!++;
  draft.spend(draft.platform.costs.contextSwitchNs);
  if (process === undefined) stopUser(draft, cpu);
  else loadMm(draft, cpu, pid, process.mm);
  return OK;
};

/** oom_score_adj_min and _max of include/uapi/linux/oom.h, v6.1; the event tells `adj` without a sign. */
const OOM_SCORE_ADJ_MAX = 1000;

export const oomScoreAdj: Handler<'oom_score_adj'> = (draft, { pid, adj }) => {
  const process = draft.records.process(pid);
  if (process === undefined) return NO_PROCESS;
  const oomScoreAdj = Math.min(adj, 2 * OOM_SCORE_ADJ_MAX) - OOM_SCORE_ADJ_MAX;
  const { oomScoreAdj: _, ...others } = process;
  draft.records.setProcess(pid, oomScoreAdj === 0 ? others : { ...others, oomScoreAdj });
  return OK;
};

/** A process needs a kernel stack, and the root of its page tables if it has no `sharedMm`; both in low memory. */
function createProcess(draft: Draft, pid: number, parent: number, sharedMm: number): number {
  const stackPfn = allocPages(draft, stackOrder(draft), GFP_KERNEL, USE_KERNEL_STACK, pid);
  if (stackPfn < 0) return -stackPfn;
  const mm = sharedMm === 0 ? createMm(draft) : sharedMm;
  if (mm < 0) {
    freePages(draft, stackPfn);
    return -mm;
  }
  if (sharedMm !== 0) draft.records.editMm(mm).users++;
  const inherited = draft.records.process(parent)?.oomScoreAdj;
  const process = { pid, parent, mm, stackPfn };
  const adjusted = inherited === undefined ? process : { ...process, oomScoreAdj: inherited };
  draft.records.setProcess(pid, adjusted);
  return OK;
}

/**
 * PGD_ALLOCATION_ORDER with page-table isolation (arch/x86/include/asm/pgalloc.h, v6.1): the root for the kernel, and
 * behind it the one for user mode. Its entries, copies of the other's user half, are not stored.
 */
const ISOLATED_ROOT_ORDER = 1;

const NOTHING_FAULTED: Mm['faultedTables'] = [];

/** A new address space, empty: its number, or a negated reason. */
function createMm(draft: Draft): number {
  const { kpti, rootOrder } = draft.platform.mmu;
  const root = newTable(draft, rootOrder + (kpti ? ISOLATED_ROOT_ORDER : 0));
  if (root < 0) return root;
  const mm = ++draft.vars[VM_VAR.mmCount]!;
  const kernelTables = draft.vars[PAGING_VAR.kernelTables]!;
  // Every field by name: a spread object is slower to make, and to read ever after.
  draft.records.setMm(mm, {
    id: mm,
    root,
    vmas: Vmas.EMPTY.edit(),
    heap: NO_HEAP,
    heapPages: 0,
    textEnd: 0,
    moved: Moved.NOTHING,
    kernelTables,
    faultedTables: NOTHING_FAULTED,
    users: 1,
  });
  return mm;
}

/** A process that shared its address space goes on in one of its own. */
function leaveMm(draft: Draft, process: Process): number {
  const mm = createMm(draft);
  if (mm < 0) return -mm;
  draft.records.editMm(process.mm).users--;
  draft.records.setProcess(process.pid, { ...process, mm });
  for (const cpu of cpusRunning(draft, process.pid)) loadMm(draft, cpu, process.pid, mm);
  return OK;
}

/** What exit does, for whoever ends. */
export function endProcess(draft: Draft, cpu: number, pid: number): void {
  const { mm, stackPfn } = draft.records.process(pid)!;
  if (draft.records.mm(mm).users > 1) {
    draft.records.editMm(mm).users--;
    for (const other of cpusRunning(draft, pid)) stopUser(draft, other);
  } else endMm(draft, cpu, mm);
  freePages(draft, stackPfn);
  draft.records.setProcess(pid, undefined);
}

/** The last user of an address space has gone (__mmput). */
function endMm(draft: Draft, cpu: number, mm: number): void {
  unmapAll(draft, mm);
  forgetMm(draft, cpu, mm);
  freeTable(draft, draft.records.mm(mm).root);
  draft.records.setMm(mm, undefined);
}

function cpusRunning(draft: Draft, pid: number): number[] {
  const cpus = Array.from({ length: draft.vars[CPUS_VAR.cpus]! }, (_, cpu) => cpu);
  return cpus.filter((cpu) => draft.cpus.get(cpu, CPU.pid) === pid);
}

/** dup_mmap: the same mappings, none of them merged; private pages become copy-on-write in both. 0 or a negated reason. */
function copyMm(draft: Draft, from: Mm, toId: number): number {
  const to = draft.records.editMm(toId);
  to.heap = from.heap;
  to.heapPages = from.heapPages;
  to.textEnd = from.textEnd;
  to.moved = from.moved;
  const kept = new Set<number>();
  for (const vma of from.vmas) {
    to.vmas.add(inherited(vma));
    countMapped(draft, to.root, vma.nrPages);
    if (!kept.has(vma.object)) keepMapping(draft, vma);
    kept.add(vma.object);
    const failure = needsCopy(vma) ? copyPages(draft, from, to.root, vma) : 0;
    if (failure < 0) return failure;
  }
  return 0;
}

/** Locks are not inherited. */
function inherited(vma: Vma): Vma {
  const flags = (vma.flags & ~VM_LOCKED) | ((vma.flags & VM_ANON) === 0 ? 0 : VM_FORKED);
  return flags === vma.flags ? vma : vmaWith(vma, vma.prot, flags);
}
