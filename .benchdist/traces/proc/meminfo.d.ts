/** /proc/meminfo: totals of the machine (meminfo_proc_show of fs/proc/meminfo.c). */
import { type ProcPlace } from './text.ts';
/** By the kernel's names: KiB (which the kernel writes kB), but HugePages_* are numbers of pages. */
export type Meminfo = Readonly<Record<string, number>>;
/** Names in the order of the file. */
export declare function parseMeminfo(text: string, place?: ProcPlace): Meminfo;
export declare function formatMeminfo(meminfo: Meminfo): string;
