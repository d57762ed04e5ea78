/** The processes of each lane at a moment, and where they run: to choose one of them. */

import type { Machine } from '../../../core/machine/machine.ts';
import { CPU, CPUS_VAR } from '../../../core/state/cpus.ts';
import type { Scene } from './scene.ts';

export interface ProcessRow {
  readonly pid: number;
  /** Number of its address space; threads of one process have the same. */
  readonly mm: number;
  /** The cpu that runs it; undefined: none does. */
  readonly cpu: number | undefined;
}

/** By lane, ascending by pid. */
export function processesOf({ lanes }: Scene, _params: undefined): ProcessRow[][] {
  return lanes.map(({ machine }) => rowsOf(machine));
}

function rowsOf(machine: Machine): ProcessRow[] {
  const running = runningOn(machine);
  return Object.values(machine.records.processes)
    .map(({ pid, mm }) => ({ pid, mm, cpu: running.get(pid) }))
    .sort((a, b) => a.pid - b.pid);
}

function runningOn({ cpus, vars }: Machine): ReadonlyMap<number, number> {
  const running = new Map<number, number>();
  for (let cpu = 0; cpu < vars[CPUS_VAR.cpus]!; cpu++) running.set(cpus.get(cpu, CPU.pid), cpu);
  return running;
}
