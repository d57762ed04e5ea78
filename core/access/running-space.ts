/** The address space that a cpu runs in, as translation needs it: its root tables, and the faults taken on the way. */
import { fail } from '../base/errors.ts';
import type { Draft } from '../machine/draft.ts';
import { FAULT_MASK, FAULT_SHIFT, FAULT_VMALLOC, type OutcomesDraft } from '../outcome/outcome.ts';
import { copyKernelEntry, lacksKernelEntry } from '../paging/kernel-entries.ts';
import { CPU } from '../state/cpus.ts';
import { pageFault } from '../vm/fault.ts';
import type { AddressSpace } from './walk.ts';

export class RunningSpace implements AddressSpace {
  private readonly draft: Draft;
  private readonly out: OutcomesDraft;
  readonly kernelRoot: number;
  userRoot = 0;
  /** 0: the cpu runs no process. */
  mm = 0;
  /** Page faults since whoever counts them set it to zero. */
  faults = 0;

  constructor(draft: Draft, out: OutcomesDraft) {
    this.draft = draft;
    this.out = out;
    this.kernelRoot = draft.platform.kernelRoot;
  }

  /** Says on which cpu the next accesses happen. */
  enter(cpu: number): void {
    const { draft } = this;
    draft.onCpu(cpu);
    this.mm = draft.cpus.get(cpu, CPU.mm);
    this.userRoot = this.mm === 0 ? 0 : draft.records.mm(this.mm).root;
  }

  /** AddressSpace: a fault that cannot fail, as whoever filled the run saw to it. */
  fault(vpn: number, store: boolean, event: number): void {
    const kind = pageFault(this.draft, this.mm, vpn, store);
    if (kind <= 0) fail(`page fault at page ${vpn} failed with ${kind} in a run that had headroom`);
    this.noteFault(event, kind);
  }

  /** AddressSpace: vmalloc_fault(), if the tables of the process lack the entry. */
  kernelFault(vpn: number, event: number): void {
    if (this.mm === 0 || !lacksKernelEntry(this.draft, this.draft.records.mm(this.mm), vpn)) return;
    copyKernelEntry(this.draft, this.mm, vpn);
    this.noteFault(event, FAULT_VMALLOC);
  }

  /** Tells the kind of a fault that an event took. */
  noteFault(event: number, kind: number): void {
    const { flags } = this.out;
    this.faults++;
    flags[event] = (flags[event]! & ~FAULT_MASK) | (kind << FAULT_SHIFT);
  }
}
