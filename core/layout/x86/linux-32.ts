/**
 * The linux-6.1 family on 32 bits: the kernel's own formulas, from the top of the address space downwards.
 *
 *   FIXADDR_TOP  | fixmap | early ioremap | cpu entry areas | LDT | pkmap | 8 KiB | vmalloc | 8 MiB | low memory
 *
 * What lies there changes with the version: kernel/x86-windows-32.ts. Sources, all v6.1: arch/x86/include/asm/pgtable_32_areas.h (the windows, MAXMEM), asm/fixmap.h
 * (enum fixed_addresses), asm/cpu_entry_area.h, arch/x86/mm/pgtable_32.c (vmalloc=), arch/x86/Kconfig (VMSPLIT_*).
 * The configuration of 6.1 is that of the captured kernels: local APIC and IO-APIC, no paravirtualisation, no PCI
 * memory-mapped configuration, no Intel TXT, no GHES. Left out: reservetop=.
 */

import type { Architecture } from '../../arch/architecture.ts';
import { X86_32, X86_PAE } from '../../arch/x86-32.ts';
import { alignDown, GIB, MIB, PAGE_SIZE } from '../../base/units.ts';
import { LINUX_6_1 } from '../../kernel/linux-6.1.ts';
import { type Fixmap32, permanentPages, type Windows32, windows32 } from '../../kernel/x86-windows-32.ts';
import { PC } from '../firmware/memory-map.ts';
import type { AddressRange } from '../layout.ts';
import type { BuildInput, LayoutBody, LayoutMember } from '../member.ts';
import { region } from '../regions.ts';
import { SPLITS, type Split } from '../splits.ts';
import { vmallocReserve, vmallocStart } from '../vmalloc-window.ts';
import { BOOTED_32, pkmapBase } from './booted-32.ts';
import { image32 } from './kernel-image.ts';
import { build32 } from './x86-32.ts';

interface Kernel32 {
  readonly name: string;
  readonly title: string;
  readonly pageOffset: bigint;
  readonly pae: boolean;
  readonly highmem: boolean;
}

/** Every split with HIGHMEM4G, with PAE (HIGHMEM64G), without high memory, and with PAE but without high memory. */
const KERNELS: readonly Kernel32[] = [
  ...SPLITS.map((split) => kernel(split, false, true)),
  ...SPLITS.filter(({ allowsWideEntries }) => allowsWideEntries).map((split) => kernel(split, true, true)),
  ...SPLITS.map((split) => kernel(split, false, false)),
  ...SPLITS.filter(({ allowsWideEntries }) => allowsWideEntries).map((split) => kernel(split, true, false)),
];

function kernel({ name, title, pageOffset }: Split, pae: boolean, highmem: boolean): Kernel32 {
  return {
    name: `linux-${name}${pae ? '-pae' : ''}${highmem ? '' : '-nohighmem'}`,
    title: `Linux 6.1, ${title}${pae ? ', PAE: 64 GiB of RAM' : ''}${highmem ? '' : ', only low memory'}`,
    ...{ pageOffset, pae, highmem },
  };
}

export const LINUX_32: readonly LayoutMember[] = KERNELS.map((kernel) => ({
  name: kernel.name,
  family: 'linux-6.1',
  title: kernel.title,
  arch: archOf(kernel),
  kernel: LINUX_6_1,
  booted: BOOTED_32,
  physicalBase: 0n,
  minimumRamBytes: 32n * MIB,
  machine: PC,
  build: (input) => buildLinux32(kernel, input),
}));

function archOf({ pae }: Kernel32): Architecture {
  return pae ? X86_PAE : X86_32;
}

function buildLinux32(kernel: Kernel32, input: BuildInput): LayoutBody {
  const rules = windows32(input.kernel.version);
  const windows = windowsOf(kernel, rules, input);
  const below = windows.ldt ?? windows.cpuEntryArea ?? windows.fixmap;
  const vmallocEnd = (kernel.highmem ? windows.pkmapBase : below.start) - 2n * PAGE_SIZE;
  const reserveEnd = rules.reserveEndsAt === 'vmalloc-end' ? vmallocEnd : 4n * GIB;
  return build32(
    {
      arch: archOf(kernel),
      pageOffset: kernel.pageOffset,
      highmem: kernel.highmem,
      directMapBytes:
        reserveEnd - kernel.pageOffset - vmallocReserve(input.kernel.vmalloc, input.vmallocBytes),
      vmallocStart: (highMemory) => vmallocStart(input.kernel.vmalloc, highMemory),
      vmallocEnd,
      pkmap: kernel.highmem
        ? { base: windows.pkmapBase, slots: 2 ** archOf(kernel).translation.levels.at(-1)!.bits }
        : undefined,
      fixmap: windows.fixmap,
      fixmapTotalStart: windows.fixmapTotalStart,
      otherRegions: [
        ...(windows.ldt ? [region('ldt', windows.ldt)] : []),
        ...(windows.cpuEntryArea ? [region('cpu_entry_area', windows.cpuEntryArea)] : []),
      ],
      kernelImage: image32({ ...kernel, smp: input.nrCpus > 1 }),
    },
    input,
  );
}

interface TopWindows {
  readonly fixmap: AddressRange;
  readonly fixmapTotalStart: bigint;
  readonly cpuEntryArea: AddressRange | undefined;
  readonly ldt: AddressRange | undefined;
  readonly pkmapBase: bigint;
}

/** FIXADDR_TOP: the last page of the address space stays empty. */
const FIXADDR_TOP = 0xfffff000n;

/** The windows at the top; each starts at a multiple of what a page middle directory entry maps. */
function windowsOf(
  kernel: Kernel32,
  rules: Windows32,
  { nrCpus, fixmapOptionPages }: BuildInput,
): TopWindows {
  const { translation } = archOf(kernel);
  const entriesPerTable = 2 ** translation.levels.at(-1)!.bits;
  const pmdSize = BigInt(entriesPerTable) * PAGE_SIZE;
  const permanent = permanentPages(rules.fixmap, nrCpus, fixmapOptionPages);
  const totalStart =
    FIXADDR_TOP - BigInt(fixmapTotalPages(rules.fixmap, permanent, entriesPerTable)) * PAGE_SIZE;
  const cpuEntryArea = entryAreaBelow(totalStart, rules, nrCpus, pmdSize);
  const ldt = rules.hasLdtRemap && cpuEntryArea ? pmdBelow(cpuEntryArea.start, pmdSize) : undefined;
  const lowest = ldt ?? cpuEntryArea;
  return {
    fixmap: { start: FIXADDR_TOP - BigInt(permanent) * PAGE_SIZE, end: FIXADDR_TOP },
    fixmapTotalStart: totalStart,
    cpuEntryArea,
    ldt,
    pkmapBase: lowest
      ? pkmapBase(lowest.start, pmdSize)
      : alignDown(totalStart - pmdSize - PAGE_SIZE, pmdSize),
  };
}

function pmdBelow(end: bigint, pmdSize: bigint): AddressRange {
  const start = alignDown(end - PAGE_SIZE, pmdSize);
  return { start, end: start + pmdSize };
}

/** One read-only page of the IDT comes before the areas of the cpus. */
function entryAreaBelow(
  end: bigint,
  { entryAreaPages }: Windows32,
  nrCpus: number,
  pmdSize: bigint,
): AddressRange | undefined {
  if (entryAreaPages === undefined) return undefined;
  const bytes = BigInt(1 + entryAreaPages * nrCpus) * PAGE_SIZE;
  const start = alignDown(end - bytes, pmdSize);
  return { start, end: start + bytes };
}

/** __end_of_fixed_addresses: the boot-time slots must share one page table; FIX_WP_TEST comes last. */
function fixmapTotalPages(
  { bootPages, bootAlignment }: Fixmap32,
  permanent: number,
  entriesPerTable: number,
): number {
  const crossesTable = ((permanent ^ (permanent + bootPages - 1)) & -entriesPerTable) !== 0;
  const isAligned = bootAlignment === 'always' || (bootAlignment === 'within-a-table' && crossesTable);
  const bootMapStart = isAligned ? permanent + bootPages - (permanent & (bootPages - 1)) : permanent;
  return bootMapStart + bootPages + 1;
}
