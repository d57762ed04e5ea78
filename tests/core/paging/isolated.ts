/** Machines with page-table isolation, and a process of one in user mode. */
import { WRITE } from '../../../core/event/access-mode.ts';
import type { Machine } from '../../../core/machine/machine.ts';
import type { MmuOptions } from '../../../core/tlb/options.ts';
import { access, kmalloc, machineOf, mmap, PAGE, RUNNING, RW, Session } from '../../support/rows.ts';

export const isolated = (mmu: Partial<MmuOptions> = {}): Machine =>
  machineOf('linux-x86_64', 256, { cpus: 4 }, { mmu: { kpti: true, ...mmu } });

/** Process 1 in user mode, with a page that it has written, and a kernel object. */
export function inUserMode(machine: Machine): Session {
  return new Session(machine).given(
    ...RUNNING,
    kmalloc(9, 64),
    mmap(1, 8 * PAGE, RW),
    access(1, 0, 8, WRITE),
  );
}
