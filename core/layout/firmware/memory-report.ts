/** What a text tells of a machine: its RAM, and whatever else of its kernel and its processor can be found there. */
import type { PhysicalRange } from '../layout.ts';
import type { SplitName } from '../splits.ts';
import type { BootOptions } from './boot-options.ts';
import type { Dialect, LayoutFacts, MachineKind } from './dialect.ts';

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
  readonly machine: MachineKind | undefined;
  /** Of the kernel that wrote it, which tells its processor. */
  readonly dialect: Dialect | undefined;
  /** `2.6.31`; undefined: not told. */
  readonly kernel: string | undefined;
  readonly split: SplitName | undefined;
  /** Page-table entries of 64 bits on a 32-bit processor. */
  readonly wideEntries: boolean | undefined;
  /** CONFIG_HIGHMEM. */
  readonly highmem: boolean | undefined;
  /** PAGE_SIZE, as the tables that boot makes show it. */
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

/** The layout of the table that a machine has: `linux-3g1g-pae`; undefined where the text tells too little. */
export function layoutNameOf(report: Pick<MemoryReport, 'dialect'> & LayoutFacts): string | undefined {
  return report.dialect?.layoutOf(report);
}
