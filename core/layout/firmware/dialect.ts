/**
 * A dialect: how kernels for one processor tell of themselves, in boot logs, /proc files and their configuration, and which
 * layout of the table such a kernel has. One record for each processor, in the folder of its layouts; catalog/dialects.ts
 * lists them. What all kernels print alike is read once, for all of them (log-facts.ts, log-figures.ts).
 */
import type { Architecture } from '../../arch/architecture.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { LayoutOptions, PhysicalRange } from '../layout.ts';
import type { SplitName } from '../splits.ts';
import type { Facts } from './log-facts.ts';
import type { MemoryReport, SaidFigures } from './memory-report.ts';

/** Of a PC the firmware tells a memory map, of a board its loader or device tree tells banks. */
export type MachineKind = 'PC' | 'board';

/** What a layout follows from. */
export interface LayoutFacts {
  readonly split?: SplitName | undefined;
  /** Page-table entries of 64 bits on a 32-bit processor. */
  readonly wideEntries?: boolean | undefined;
  /** CONFIG_HIGHMEM. */
  readonly highmem?: boolean | undefined;
  /** PAGE_SIZE, where a processor has several. */
  readonly pageBytes?: number | undefined;
  readonly said?: Pick<SaidFigures, 'vmalloc'> | undefined;
  /** Bits of a virtual address, where a kernel chooses them; undefined: as what is said shows. */
  readonly vaBits?: number | undefined;
}

/** What is known of a log before its processor is. */
export interface LogGround {
  readonly facts: Facts;
  readonly physical: readonly PhysicalRange[];
  /** It has a PC's memory map. */
  readonly isPc: boolean;
}

/** What shows whose log it is, surest first: of several dialects the surest sign decides. */
export const SIGNS = ['ownLines', 'release', 'windows', 'memory'] as const;

/** `ownLines`: none else prints them; `release`: the kernel's name; `windows`: where they lie; `memory`: what a PC has of it. */
export type LogSigns = {
  readonly [K in (typeof SIGNS)[number]]?: (log: LogGround) => boolean;
};

export interface LogDialect {
  /** Lines of these kernels alone, by a name of their own; as in log-facts.ts. */
  readonly facts: Readonly<Record<string, RegExp>>;
  /** Which of them are told as they stand, and what people call them. */
  readonly told: readonly (readonly [fact: string, what: string])[];
  readonly signs: LogSigns;
  /** Undefined: not told. */
  wideEntries?(facts: Facts): boolean | undefined;
  /** Where no line that all kernels have tells of high memory. */
  highmem?(facts: Facts): boolean | undefined;
  split?(facts: Facts): SplitName | undefined;
  /** What the name of the layout takes for granted. */
  notes?(facts: Facts): readonly string[];
  /** Of the kernel's build what its figures show. */
  build?(
    report: Pick<MemoryReport, 'nrCpus' | 'said'>,
    kernel: Kernel | undefined,
  ): Pick<LayoutOptions, 'nrCpus' | 'fixmapOptionPages'>;
}

/** Symbols of the configuration, without CONFIG_. */
export interface ConfigDialect {
  /** Set in every kernel for this processor. */
  readonly processor: string;
  readonly wideEntries?: string;
  readonly pageBytes?: readonly (readonly [symbol: string, bytes: number])[];
  readonly vaBits?: string;
}

/** A line of /proc/iomem; `depth`: by how much it is indented. */
export interface IomemEntry extends PhysicalRange {
  readonly line: number;
  readonly depth: number;
}

export interface Dialect {
  /** What kernels call their processor (UTS_MACHINE): `i386`. */
  readonly name: string;
  readonly wordBits: 32 | 64;
  readonly machine: MachineKind;
  /** Those that its kernels run on. */
  readonly architectures: readonly Architecture[];
  /** Page tables of wider entries, of 32-bit kernels that may have them: what they are called, and until when there were. */
  readonly wideEntries?: { readonly name: string; readonly until?: string };
  readonly log: LogDialect;
  /** Whether /proc/iomem of a machine of this kind is such a kernel's, as far as it shows. */
  listsIomem(entries: readonly IomemEntry[]): boolean;
  /** A line of /proc/cpuinfo. */
  readonly cpuinfo: RegExp;
  readonly config: ConfigDialect;
  /** The name that the layout has in the table; what is not told is as most kernels have it. */
  layoutOf(facts: LayoutFacts): string;
  /** What of all that the layout follows from is not told: `split`; undefined: nothing. */
  untold(facts: LayoutFacts): string | undefined;
}

/** The dialect of an architecture; undefined where none is known: no log of such a kernel is read. */
export function dialectOfArchitecture(
  { name }: Pick<Architecture, 'name'>,
  dialects: readonly Dialect[],
): Dialect | undefined {
  return dialects.find(({ architectures }) => architectures.some((arch) => arch.name === name));
}

/** Whether kernels for this processor choose among page sizes. */
export function hasPageSizes({ architectures }: Dialect): boolean {
  return new Set(architectures.map(({ pageShift }) => pageShift)).size > 1;
}

/** Who writes a log: of all dialects the one with the surest sign, of equal ones the first. */
export function dialectOfLog(log: LogGround, dialects: readonly Dialect[]): Dialect | undefined {
  for (const sign of SIGNS) {
    const found = dialects.find(({ log: { signs } }) => signs[sign]?.(log));
    if (found !== undefined) return found;
  }
  return undefined;
}
