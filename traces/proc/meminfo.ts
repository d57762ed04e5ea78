/** /proc/meminfo: totals of the machine (meminfo_proc_show of fs/proc/meminfo.c). */
import { type ProcPlace, ProcText } from './text.ts';

/** By the kernel's names: KiB (which the kernel writes kB), but HugePages_* are numbers of pages. */
export type Meminfo = Readonly<Record<string, number>>;

const LINE = /^(\w+(?:\(\w+\))?): +(\d+)( kB)?$/;

/** Names in the order of the file. */
export function parseMeminfo(text: string, place?: ProcPlace): Meminfo {
  const lines = new ProcText(text, '/proc/meminfo', place);
  const rows = lines.untilEnd(() => {
    const [, name, value, unit] = lines.expect(LINE, "'MemFree:         1022348 kB'");
    if (name!.startsWith('HugePages_') === (unit !== undefined))
      lines.reject("'kB' behind sizes, and nothing behind the counts of HugePages_*");
    return [name!, Number(value)] as const;
  });
  return Object.fromEntries(rows);
}

/** Text as the kernel prints it; figures are in KiB. */
export function formatMeminfo(meminfo: Meminfo): string {
  const line = ([name, value]: [string, number]): string =>
    `${`${name}:`.padEnd(16)}${String(value).padStart(8)}${name.startsWith('HugePages_') ? '' : ' kB'}\n`;
  return Object.entries(meminfo).map(line).join('');
}
