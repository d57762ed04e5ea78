/**
 * What a boot log tells of the kernel and its machine beside the memory map, by a table: a name, the form of the line, and
 * what of it is the value. Of several lines that tell the same the first one counts.
 *
 * Sources: init/main.c and kernel/printk (version, command line), arch/x86/kernel/e820.c (last_pfn), arch/x86/mm/init_32.c
 * (LOWMEM, HIGHMEM, the layout of virtual memory), kernel/smp.c and mm/percpu.c (cpus), arch/arm/mm/{init,mmu}.c,
 * mm/page_alloc.c (Memory:), mm/cma.c.
 */
import type { LogLine } from './log-text.ts';

/** Of kernels for any processor; what only those of one print its dialect has. */
export const FACTS = {
  kernel: /Linux version (\d{1,3}\.\d{1,3}(?:\.\d{1,6})?)/,
  release: /Linux version (\S{1,80})/,
  commandLine: /(?:Kernel c|C)ommand line: (.{0,4096})$/,
  lastPfn: /last_pfn = 0x([0-9a-f]{1,16})/,
  lowmemMb: /(\d{1,6})MB LOWMEM available/,
  highmemMb: /(\d{1,6})MB HIGHMEM available/,
  wantsHighmem: /(Use a HIGHMEM enabled kernel|Consider using a HIGHMEM enabled kernel)/,
  fixmap: /\bfixmap *: 0x([0-9a-f]{8,16}) *- *0x([0-9a-f]{8,16})/,
  pkmap: /\bpkmap *: 0x([0-9a-f]{8}) *- *0x([0-9a-f]{8})/,
  vmalloc: /\bvmalloc *: 0x([0-9a-f]{8,16}) *- *0x([0-9a-f]{8,16})/,
  lowmem: /\b(?:lowmem|memory) *: 0x([0-9a-f]{8,16}) *- *0x([0-9a-f]{8,16})/,
  modules: /\bmodules *: 0x([0-9a-f]{8,16}) *- *0x([0-9a-f]{8,16})/,
  text: /\.text *: 0x([0-9a-f]{8,16}) *- *0x([0-9a-f]{8,16})/,
  nrCpus: /\bNR_CPUS[:=] ?(\d{1,5})/,
  possibleCpus: /\bnr_cpu_ids[:=] ?(\d{1,5})/,
  allowedCpus: /Allowing (\d{1,4}) CPUs, (\d{1,4}) hotplug CPUs/,
  /** The same since 6.10. */
  presentCpus: /Allowing (\d{1,4}) present CPUs plus (\d{1,4}) hotplug CPUs/,
  broughtUp: /(?:Brought up (?:\d{1,4} nodes?, )?|Total of |SMP: Total of )(\d{1,4}) (?:CPUs?|processors?)\b/,
  machine: /Machine(?: model)?: (.{1,80})$/,
  memory: /Memory: (\d{1,12})[kK]\/(\d{1,12})[kK] available \((.{0,400})/,
} as const satisfies Readonly<Record<string, RegExp>>;

export type FactName = keyof typeof FACTS;

export interface Fact {
  readonly line: number;
  /** The groups of the form. */
  readonly groups: readonly string[];
}

/** By name; those of a dialect beside those of every kernel. */
export type Facts = { readonly [K in FactName]?: Fact } & { readonly [own: string]: Fact | undefined };

/** `own`: forms of the dialects. */
export function factsOf(lines: readonly LogLine[], own: readonly Readonly<Record<string, RegExp>>[]): Facts {
  const forms: [string, RegExp][] = Object.entries(Object.assign({}, FACTS, ...own));
  const facts: { [name: string]: Fact } = {};
  for (const { text, number } of lines) {
    for (const [name, form] of forms) {
      const match = facts[name] === undefined ? form.exec(text) : null;
      if (match !== null) facts[name] = { line: number, groups: match.slice(1) };
    }
  }
  return facts as Facts;
}
