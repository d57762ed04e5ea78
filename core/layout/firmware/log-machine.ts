/** From the facts of a boot log to the machine: which processor, which page tables, which split, and what it printed. */
import type { PhysicalRange } from '../layout.ts';
import type { Fact, Facts } from './log-facts.ts';
import {
  type MachineArch,
  PAGE_OFFSETS,
  type Said,
  type SaidFigures,
  type SaidRange,
  type SplitName,
} from './memory-report.ts';

interface Known {
  readonly facts: Facts;
  readonly physical: readonly PhysicalRange[];
  /** It has a PC's memory map. */
  readonly isPc: boolean;
}

/** Frames that page tables can name: MAX_ARCH_PFN of arch/x86/kernel/e820.c. */
const PFNS_32 = 0x100000;
const PFNS_PAE = 0x1000000;
/** What PAE reaches, so that more RAM is a 64-bit kernel's. */
const PAE_REACH = 1n << 36n;

export function archOf({ facts, physical, isPc }: Known): MachineArch | undefined {
  if (facts.arm64Cpu) return 'arm64';
  if (facts.armCpu || facts.vector) return 'arm';
  const reach = maxArchPfn(facts);
  if (reach !== undefined) return reach <= PFNS_PAE ? 'i386' : 'x86_64';
  if (facts.lowmemMb || facts.highmemMb) return 'i386';
  const release = facts.release?.groups[0] ?? '';
  if (/x86_64|amd64/.test(release)) return 'x86_64';
  if (/i[3-6]86|\b[56]86\b|pae|bigmem/i.test(release)) return 'i386';
  const below = belowLowmem(facts);
  if (below !== undefined) return below ? 'arm' : 'i386';
  if (!isPc) return undefined;
  if (
    facts.zoneDma32 ||
    facts.wide ||
    physical.some(({ start, name }) => name === 'System RAM' && start >= PAE_REACH)
  )
    return 'x86_64';
  return facts.fixmap || facts.pkmap || facts.lowmem ? 'i386' : undefined;
}

/** ARM has modules and kmap below low memory, x86 has kmap above it and no line for modules. */
function belowLowmem({ lowmem, pkmap, modules }: Facts): boolean | undefined {
  const [low, other] = [rangeOf(lowmem), rangeOf(pkmap) ?? rangeOf(modules)];
  if (low === undefined || other === undefined || low.value.start >= FIRST_OF_64_BITS) return undefined;
  return other.value.start < low.value.start;
}

const FIRST_OF_64_BITS = 1n << 32n;

function maxArchPfn({ maxArchPfn }: Facts): number | undefined {
  return maxArchPfn && Number.parseInt(maxArchPfn.groups[0]!, 16);
}

/** Slots of the kmap window fill one table, which has half as many entries with PAE. */
const PAE_KMAP_BYTES = 2n << 20n;

export function paeOf(facts: Facts, arch: MachineArch | undefined): boolean | undefined {
  if (arch !== 'i386') return undefined;
  const reach = maxArchPfn(facts);
  if (reach !== undefined) return reach > PFNS_32;
  const kmap = rangeOf(facts.pkmap);
  if (kmap !== undefined) return kmap.value.end - kmap.value.start === PAE_KMAP_BYTES;
  if (facts.nx || /pae|bigmem/i.test(facts.release?.groups[0] ?? '')) return true;
  const total = numberOf(facts.lowmemMb) + numberOf(facts.highmemMb);
  return total > 4096 ? true : undefined;
}

function numberOf(fact: Fact | undefined): number {
  return Number(fact?.groups[0] ?? 0);
}

/** SCTLR.AFE, which kernels with LPAE set (arch/arm/mm/proc-v7-3level.S, v7_crval). */
const ACCESS_FLAG = 1 << 29;

export function lpaeOf({ armCpu }: Facts, arch: MachineArch | undefined): boolean | undefined {
  if (arch !== 'arm' || armCpu === undefined) return undefined;
  return (Number.parseInt(armCpu.groups[1]!, 16) & ACCESS_FLAG) !== 0;
}

/**
 * Since 3.11 ARM kernels with high memory tell how much of it there is, if it is none (mem_init_print_info); those that list
 * their windows (2.6.32 to 5.0, arch/arm/mm/init.c) list that of kmap.
 */
export function highmemOf(facts: Facts, arch: MachineArch | undefined): boolean | undefined {
  if (facts.wantsHighmem) return false;
  if (facts.highmemMb || facts.pkmap || /\d[kK] highmem/.test(facts.memory?.groups[2] ?? '')) return true;
  if (arch !== 'arm') return undefined;
  if (facts.memory && /kernel code/.test(facts.memory.groups[2] ?? '')) return false;
  if (facts.lowmem && facts.vector) return false;
  return undefined;
}

const SPLITS = Object.entries(PAGE_OFFSETS) as [SplitName, bigint][];
/** Kernel space less low memory, in MiB: what vmalloc and the windows at the top take by default. */
const LEAST_WINDOWS_MB = 128;
const MOST_WINDOWS_MB = 176;

export function splitOf(facts: Facts, arch: MachineArch | undefined): SplitName | undefined {
  if (arch === 'x86_64' || arch === 'arm64') return undefined;
  // Below PAGE_OFFSET ARM has modules and, above those, kmap.
  const below = arch === 'arm' ? (rangeOf(facts.pkmap) ?? rangeOf(facts.modules)) : undefined;
  const start = (rangeOf(facts.lowmem) ?? rangeOf(facts.text))?.value.start ?? below?.value.end;
  if (start !== undefined) return SPLITS.find(([, pageOffset]) => pageOffset <= start)?.[0];
  if (arch === 'arm') return armSplitOf(facts);
  if (arch !== 'i386' || numberOf(facts.highmemMb) === 0 || facts.lowmemMb === undefined) return undefined;
  return splitLeaving(numberOf(facts.lowmemMb), LEAST_WINDOWS_MB, MOST_WINDOWS_MB);
}

function splitLeaving(lowMb: number, least: number, most: number): SplitName | undefined {
  return SPLITS.find(([, pageOffset]) => {
    const windows = Number((1n << 32n) - pageOffset) / 2 ** 20 - lowMb;
    return windows >= least && windows <= most;
  })?.[0];
}

/** vmalloc_size, the hole below it and what lies above VMALLOC_END, in MiB, by version (arch/arm/mm/mmu.c). */
const ARM_WINDOWS_MB = 240 + 8 + 8;
const ARM_SLACK_MB = 8;

/** With high memory low memory is full: its size tells the split. Pools of either kind may not be counted as high yet. */
function armSplitOf({ memory, commandLine }: Facts): SplitName | undefined {
  const [, total, rest = ''] = memory?.groups ?? [];
  const high = kibIn(/(\d{1,12})[kK] highmem/, rest);
  if (high === 0 || /\bvmalloc=/.test(commandLine?.groups[0] ?? '')) return undefined;
  const least = ARM_WINDOWS_MB - ARM_SLACK_MB;
  const low = [Number(total) - high, Number(total) - high - kibIn(/(\d{1,12})[kK] cma-reserved/, rest)];
  const splits = low.map((kib) => splitLeaving(kib / 1024, least, ARM_WINDOWS_MB + ARM_SLACK_MB));
  return splits.find((split) => split !== undefined);
}

function kibIn(form: RegExp, text: string): number {
  return Number(form.exec(text)?.[1] ?? 0);
}

export function saidFigures(facts: Facts): SaidFigures {
  const { lowmemMb, highmemMb, lastPfn } = facts;
  return {
    ...said('lowmemMb', lowmemMb && { value: numberOf(lowmemMb), line: lowmemMb.line }),
    ...said('highmemMb', highmemMb && { value: numberOf(highmemMb), line: highmemMb.line }),
    ...said('maxPfn', lastPfn && { value: Number.parseInt(lastPfn.groups[0]!, 16), line: lastPfn.line }),
    ...said('vmalloc', rangeOf(facts.vmalloc)),
    ...said('pkmap', rangeOf(facts.pkmap)),
    ...said('fixmap', rangeOf(facts.fixmap)),
    ...said('lowmem', rangeOf(facts.lowmem)),
    ...said('modules', rangeOf(facts.modules)),
  };
}

function said<K extends keyof SaidFigures>(name: K, figure: SaidFigures[K] | undefined): SaidFigures {
  return figure === undefined ? {} : { [name]: figure };
}

/** The range of a line such as `lowmem  : 0xc0000000 - 0xe0000000`. */
export function rangeOf(fact: Fact | undefined): Said<SaidRange> | undefined {
  if (fact === undefined) return undefined;
  const [start, end] = fact.groups;
  return { value: { start: BigInt(`0x${start}`), end: BigInt(`0x${end}`) }, line: fact.line };
}
