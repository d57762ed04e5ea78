/** What a text tells of a machine: its RAM, and whatever else of its kernel and its processor can be found there. */
import type { PhysicalRange } from '../layout.ts';
import type { BootOptions } from './boot-options.ts';

export type MachineArch = 'i386' | 'x86_64' | 'arm' | 'arm64';
/** VMSPLIT_*. */
export type SplitName = '3G' | '3G_OPT' | '2G' | '2G_OPT' | '1G';

/** One thing that was found, for people. */
export interface Finding {
  readonly what: string;
  readonly value: string;
  /** Line of the file, from 1. */
  readonly line: number;
}

/** A figure that the kernel printed of itself, and where. */
export interface Said<T> {
  readonly value: T;
  readonly line: number;
}

export interface SaidRange {
  readonly start: bigint;
  readonly end: bigint;
}

/** Sizes as printed, in MiB rounded down; addresses as printed. */
export interface SaidFigures {
  readonly lowmemMb?: Said<number>;
  readonly highmemMb?: Said<number>;
  readonly maxPfn?: Said<number>;
  readonly vmalloc?: Said<SaidRange>;
  readonly pkmap?: Said<SaidRange>;
  readonly fixmap?: Said<SaidRange>;
  readonly lowmem?: Said<SaidRange>;
  readonly modules?: Said<SaidRange>;
}

export interface MemoryReport {
  readonly source: 'boot log' | '/proc/iomem' | 'device tree';
  /** A PC with its firmware, or a board; undefined: it does not show. */
  readonly machine: 'PC' | 'board' | undefined;
  /** Of the kernel that wrote it. */
  readonly arch: MachineArch | undefined;
  /** `2.6.31`; undefined: not told. */
  readonly kernel: string | undefined;
  readonly split: SplitName | undefined;
  /** Three levels of tables on 32 bits: PAE, LPAE. */
  readonly pae: boolean | undefined;
  readonly lpae: boolean | undefined;
  /** CONFIG_HIGHMEM. */
  readonly highmem: boolean | undefined;
  /** PAGE_SIZE, which arm64 has three of. */
  readonly pageBytes: number | undefined;
  /** CONFIG_NR_CPUS, cpus that are present, that came up, and that may come. */
  readonly nrCpus: number | undefined;
  readonly cpus: number | undefined;
  readonly onlineCpus: number | undefined;
  readonly possibleCpus: number | undefined;
  readonly options: BootOptions;
  /** RAM and what else of physical memory is told, ascending; empty: none is. */
  readonly physical: readonly PhysicalRange[];
  /** How much RAM there is, where no line tells where it lies. */
  readonly ramBytes: bigint | undefined;
  /** Kept for contiguous buffers. */
  readonly cma: readonly SaidRange[];
  readonly said: SaidFigures;
  readonly findings: readonly Finding[];
  /** What a reader should know: several boots, lines that were left out, what is estimated. */
  readonly notes: readonly string[];
}

export const PAGE_OFFSETS: Readonly<Record<SplitName, bigint>> = {
  '3G': 0xc0000000n,
  '3G_OPT': 0xb0000000n,
  '2G': 0x80000000n,
  '2G_OPT': 0x78000000n,
  '1G': 0x40000000n,
};

const FIRST_OF_39_BITS = 0xffff_ff80_0000_0000n;

/** What a layout follows from. */
export interface LayoutFacts
  extends Pick<MemoryReport, 'arch' | 'split' | 'pae' | 'lpae' | 'highmem' | 'pageBytes'> {
  readonly said?: Pick<SaidFigures, 'vmalloc'> | undefined;
  /** Bits of a virtual address of arm64; undefined: as what is said shows. */
  readonly vaBits?: number | undefined;
}

/** The layout of the table that a machine has: `linux-3g1g-pae`; undefined where the text tells too little. */
export function layoutNameOf(report: LayoutFacts): string | undefined {
  const { arch, split = '3G', pae, lpae, highmem } = report;
  if (arch === 'x86_64') return 'linux-x86_64';
  if (arch === 'arm64') return arm64LayoutOf(report);
  if (arch === undefined) return undefined;
  const name = LAYOUT_SPLITS[split];
  const large = arch === 'arm' ? (lpae ? '-lpae' : '') : pae ? '-pae' : '';
  return `linux-${arch === 'arm' ? 'arm-' : ''}${name}${large}${highmem === false ? '-nohighmem' : ''}`;
}

/** With 39 bits the kernel's half begins there; distributions have pages of 4 KiB and 48 bits. */
function arm64LayoutOf({ pageBytes, said, vaBits }: LayoutFacts): string {
  if (pageBytes === 65536) return 'linux-arm64-64k-48';
  if (pageBytes === 16384) return 'linux-arm64-16k-47';
  const vmalloc = said?.vmalloc?.value;
  const has39 = vaBits === 39 || (vmalloc !== undefined && vmalloc.start >= FIRST_OF_39_BITS);
  return has39 ? 'linux-arm64-39' : 'linux-arm64-48';
}

const LAYOUT_SPLITS: Readonly<Record<SplitName, string>> = {
  '3G': '3g1g',
  '3G_OPT': '3g1g-opt',
  '2G': '2g2g',
  '2G_OPT': '2g2g-opt',
  '1G': '1g3g',
};
