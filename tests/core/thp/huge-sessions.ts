/** Machines with huge pages, and what can be asked of them. */
import { expect } from 'vitest';
import { checkMachine } from '../../../core/check/invariants.ts';
import type { MachineOptions } from '../../../core/machine/options.ts';
import { PTE_LARGE } from '../../../core/paging/pte.ts';
import { findLeaf } from '../../../core/paging/table-walk.ts';
import { freePagesOf } from '../../../core/phys/free-lists.ts';
import { pcpCount } from '../../../core/phys/pcp-lists.ts';
import type { ThpMode } from '../../../core/thp/settings.ts';
import { MIB, machineOf, mmap, PAGE, RUNNING, Session, type Step } from '../../support/rows.ts';

export const HUGE = 2 * MIB;
export const fork = (pid: number): Step => ({ kind: 'fork', pid });
export const switchTo = (pid: number): Step => ({ kind: 'switch', pid });
export const exit: Step = { kind: 'exit' };

/** Object 1 has 8 MiB: at any alignment three whole huge pages of 2 MiB. */
export function running(
  thp: ThpMode = 'always',
  options: MachineOptions = {},
  layout = 'linux-x86_64',
  mib = 256,
): Session {
  const mode = { mode: thp, usesZeroPage: true };
  return new Session(machineOf(layout, mib, { cpus: 2 }, { thp: mode, ...options })).given(
    ...RUNNING,
    mmap(1, 8 * MIB),
  );
}

/** Offset in the object of its huge page number `n`. */
export function huge(session: Session, n = 0, object = 1): number {
  const mm = session.machine.records.mms[1]!;
  const base = mm.moved.baseOf(object) ?? session.machine.objects.get(object, 1);
  const first = Math.ceil(base / 512) * 512;
  return (first - base) * PAGE + n * HUGE;
}

export function leafOf(session: Session, offset: number, pid = 1, object = 1) {
  const { machine } = session;
  const mm = machine.records.mms[machine.records.processes[pid]!.mm]!;
  const vma = mm.vmas.toArray().find((one) => one.object === object)!;
  return findLeaf(machine, mm.root, vma.startVpn - vma.objectPage + Math.floor(offset / PAGE));
}

export const isHuge = (session: Session, offset: number, pid = 1, object = 1): boolean =>
  (leafOf(session, offset, pid, object).pte & PTE_LARGE) !== 0;
/** Pages that nobody uses, those that wait on the lists of the one cpu included. */
export const free = ({ machine }: Session): number =>
  machine.platform.zones.reduce(
    (sum, { index }) => sum + freePagesOf(machine, index) + pcpCount(machine, 0, index),
    0,
  );
export const counters = (session: Session, ...names: Parameters<Session['counter']>[0][]): number[] =>
  names.map((name) => session.counter(name));

/** Does something, and checks that the machine is sound. */
export function given(session: Session, ...steps: Step[]): Session {
  session.given(...steps);
  expect(checkMachine(session.machine)).toEqual([]);
  return session;
}
