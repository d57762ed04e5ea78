/**
 * How kernels of 32-bit x86 tell of themselves. Sources: arch/x86/kernel/e820.c (max_arch_pfn), arch/x86/mm/init_32.c
 * (LOWMEM, HIGHMEM, where windows lie), arch/x86/Kconfig; 2.6 to 7.x.
 */
import { X86_32, X86_PAE } from '../../arch/x86-32.ts';
import { MIB, PAGE_SIZE } from '../../base/units.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { buildOfFixmap, windows32 } from '../../kernel/x86-windows-32.ts';
import type { Dialect } from '../firmware/dialect.ts';
import type { Facts } from '../firmware/log-facts.ts';
import { numberOf, rangeOf } from '../firmware/log-figures.ts';
import type { MemoryReport } from '../firmware/memory-report.ts';
import { type SplitName, splitHolding, splitLeaving, splitNamed } from '../splits.ts';
import { maxArchPfn, PFNS_NARROW, PFNS_PAE, releaseOf, X86_CPUINFO, X86_FACTS } from './dialect.ts';

export const I386_DIALECT: Dialect = {
  name: 'i386',
  wordBits: 32,
  machine: 'PC',
  architectures: [X86_32, X86_PAE],
  /** CONFIG_HIGHMEM64G went in 6.15 (arch/x86/Kconfig). */
  wideEntries: { name: 'PAE', until: '6.15' },
  log: {
    facts: X86_FACTS,
    told: [],
    signs: {
      ownLines: ({ facts }) =>
        (maxArchPfn(facts) ?? Number.POSITIVE_INFINITY) <= PFNS_PAE ||
        facts.lowmemMb !== undefined ||
        facts.highmemMb !== undefined,
      release: ({ facts }) => /i[3-6]86|\b[56]86\b|pae|bigmem/i.test(releaseOf(facts)),
      windows: ({ facts }) => isKmapAboveLowmem(facts),
      memory: ({ facts, isPc }) =>
        isPc && [facts.fixmap, facts.pkmap, facts.lowmem].some((fact) => fact !== undefined),
    },
    wideEntries: paeOf,
    split: splitOf,
    build: buildFigures,
  },
  // Nothing in it is of 32 bits alone.
  listsIomem: () => false,
  cpuinfo: X86_CPUINFO,
  config: { processor: 'X86_32', wideEntries: 'X86_PAE' },
  layoutOf({ split = '3G', wideEntries, highmem }) {
    return `linux-${splitNamed(split).name}${wideEntries ? '-pae' : ''}${highmem === false ? '-nohighmem' : ''}`;
  },
  untold: ({ split }) => (split === undefined ? 'split' : undefined),
};

const FIRST_OF_64_BITS = 1n << 32n;

/** x86 has the kmap window above low memory, and no line for modules. */
function isKmapAboveLowmem(facts: Facts): boolean {
  const [low, other] = [rangeOf(facts.lowmem), rangeOf(facts.pkmap) ?? rangeOf(facts.modules)];
  if (low === undefined || other === undefined || low.value.start >= FIRST_OF_64_BITS) return false;
  return other.value.start >= low.value.start;
}

/** Slots of the kmap window fill one table, which has half as many entries with PAE. */
const PAE_KMAP_BYTES = 2n * MIB;

function paeOf(facts: Facts): boolean | undefined {
  const reach = maxArchPfn(facts);
  if (reach !== undefined) return reach > PFNS_NARROW;
  const kmap = rangeOf(facts.pkmap);
  if (kmap !== undefined) return kmap.value.end - kmap.value.start === PAE_KMAP_BYTES;
  if (facts.nx || /pae|bigmem/i.test(releaseOf(facts))) return true;
  const total = numberOf(facts.lowmemMb) + numberOf(facts.highmemMb);
  return total > 4096 ? true : undefined;
}

/** Kernel space less low memory, in MiB: what vmalloc and the windows at the top take by default. */
const LEAST_WINDOWS_MB = 128;
const MOST_WINDOWS_MB = 176;

function splitOf(facts: Facts): SplitName | undefined {
  const start = (rangeOf(facts.lowmem) ?? rangeOf(facts.text))?.value.start;
  if (start !== undefined) return splitHolding(start);
  if (numberOf(facts.highmemMb) === 0 || facts.lowmemMb === undefined) return undefined;
  return splitLeaving(numberOf(facts.lowmemMb), LEAST_WINDOWS_MB, MOST_WINDOWS_MB);
}

/** NR_CPUS_RANGE_END of arch/x86/Kconfig. */
const MOST_CPUS = 64;

/** NR_CPUS as told, or as the pages of the fixmap show: slots of kmap_atomic() for each cpu are most of it. */
function buildFigures(
  { nrCpus, said: { fixmap } }: Pick<MemoryReport, 'nrCpus' | 'said'>,
  kernel: Kernel | undefined,
): { nrCpus?: number; fixmapOptionPages?: number } {
  const told = nrCpus === undefined ? {} : { nrCpus };
  if (fixmap === undefined || kernel === undefined) return told;
  const pages = Number((fixmap.value.end - fixmap.value.start) / PAGE_SIZE);
  const found = buildOfFixmap(windows32(kernel.version).fixmap, pages, nrCpus ?? MOST_CPUS);
  if (found === undefined || (nrCpus !== undefined && found.nrCpus !== nrCpus)) return told;
  return { nrCpus: found.nrCpus, fixmapOptionPages: found.optionPages };
}
