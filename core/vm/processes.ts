/** Processes of a machine, for whoever asks about one by its number. */
import { UsageError } from '../base/errors.ts';
import type { Machine, Process } from '../machine/machine.ts';
import { CPU } from '../state/cpus.ts';

/**
 * The process of this number; without one, that on cpu 0, else the only one, else none. A number that is not alive is
 * a UsageError that lists those that are.
 */
export function processOf({ records, cpus }: Machine, pid: number | undefined): Process | undefined {
  const all = Object.values(records.processes);
  if (pid === undefined)
    return records.processes[cpus.get(0, CPU.pid)] ?? (all.length === 1 ? all[0] : undefined);
  const found = records.processes[pid];
  if (found !== undefined) return found;
  throw new UsageError(`process ${pid}: not alive at this moment, expected a live process (${living(all)})`);
}

/** The same, when one is needed. */
export function oneProcessOf(machine: Machine, pid: number | undefined): Process {
  const found = processOf(machine, pid);
  if (found !== undefined) return found;
  const all = Object.values(machine.records.processes);
  throw new UsageError(`found no process on cpu 0, expected --pid of a live process (${living(all)})`);
}

function living(all: readonly Process[]): string {
  return all.length === 0 ? 'there are none' : `there are ${all.map(({ pid }) => pid).join(', ')}`;
}
