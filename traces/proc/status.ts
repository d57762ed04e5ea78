/** /proc/PID/status: what a process is, and its memory in sums (proc_pid_status of fs/proc/array.c, task_mem of task_mmu.c). */
import { type ProcPlace, ProcText } from './text.ts';

/** Values as the file has them, in its order: `2364 kB`, `1`, `S (sleeping)`. */
export type ProcessStatus = Readonly<Record<string, string>>;

/** All lines, by name. Throws ImportError at the first one that is none. */
export function parseStatus(text: string, place?: ProcPlace): ProcessStatus {
  const lines = new ProcText(text, '/proc/PID/status', place);
  const rows = lines.untilEnd(() => {
    const [, name, value] = lines.expect(/^(\w+):\s*(.*?)\s*$/, "'VmRSS:\\t    1128 kB'");
    return [name!, value!] as const;
  });
  return Object.fromEntries(rows);
}

/** The figure of a line in KiB; 0 where there is none. */
export function statusKb(status: ProcessStatus, name: string): number {
  return Number(/^(\d+) kB$/.exec(status[name] ?? '')?.[1] ?? 0);
}

/** The text of the file; what is in kB is aligned as the kernel does it. */
export function formatStatus(status: ProcessStatus): string {
  return Object.entries(status)
    .map(([name, value]) => `${name}:\t${value.endsWith(' kB') ? value.padStart(11) : value}\n`)
    .join('');
}
