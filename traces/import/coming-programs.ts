/** What lines to come of a fault trace tell of the programs that they start. */
import type { SystemCall } from '../strace/call.ts';
import { SeenCalls } from './exec-evidence.ts';
import type { FaultLine } from './fault-lines.ts';
import type { ExecEvidence } from './program-image.ts';

/** Of user mode. */
export interface UserFault {
  readonly address: number;
  readonly isInstruction: boolean;
}

export class ComingPrograms {
  /** By process, the next first. */
  private readonly programs = new Map<number, SeenCalls[]>();
  /** Calls that have not returned. */
  private readonly pending = new Map<number, SystemCall>();

  /** Of every line, before it is its turn. */
  foresee({ name, pid, call, isReturn }: FaultLine, fault: UserFault | undefined): void {
    if (name === 'sched_process_exec')
      this.programs.set(pid, [...(this.programs.get(pid) ?? []), new SeenCalls()]);
    const program = this.programs.get(pid)?.at(-1);
    if (program === undefined) return;
    if (fault !== undefined) program.fault(fault.address, fault.isInstruction);
    if (call === undefined) return;
    if (!isReturn) this.pending.set(pid, call);
    else this.returns(pid, call, program);
  }

  private returns(pid: number, { name, result }: SystemCall, program: SeenCalls): void {
    const begun = this.pending.get(pid);
    this.pending.delete(pid);
    if (begun?.name === name && result !== undefined) program.see(name, begun.args, result);
  }

  /** Of the program that a process starts now. */
  take(pid: number): ExecEvidence {
    return this.programs.get(pid)?.shift() ?? {};
  }
}
