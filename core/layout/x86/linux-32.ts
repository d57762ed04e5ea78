/**
 * The linux-6.1 family on 32 bits: the kernel's own formulas, from the top of the address space downwards.
 *
 *   FIXADDR_TOP  | fixmap | early ioremap | cpu entry areas | LDT | pkmap | 8 KiB | vmalloc | 8 MiB | low memory
 *
 * Sources, all v6.1: arch/x86/include/asm/pgtable_32_areas.h (the windows, MAXMEM), asm/fixmap.h
 * (enum fixed_addresses), asm/cpu_entry_area.h, arch/x86/mm/pgtable_32.c (vmalloc=), arch/x86/Kconfig (VMSPLIT_*).
 * The configuration is that of the captured kernels: local APIC and IO-APIC, no paravirtualisation, no PCI
 * memory-mapped configuration, no Intel TXT, no GHES. Left out: reservetop=.
 */

import type { Architecture } from '../../arch/architecture.ts';
import { X86_32, X86_PAE } from '../../arch/x86-32.ts';
import { alignDown, MIB, PAGE_SIZE } from '../../base/units.ts';
import { LINUX_6_1 } from '../../kernel/linux-6.1.ts';
import { PC } from '../firmware/memory-map.ts';
import { fixmapPages } from '../fixmap.ts';
import type { AddressRange } from '../layout.ts';
import type { BuildInput, LayoutBody, LayoutMember } from '../member.ts';
import { region } from '../regions.ts';
import { vmallocReserve, vmallocStart } from '../vmalloc-window.ts';
import { BOOTED_32, pkmapBase } from './booted-32.ts';
import { CPU_ENTRY_AREA_PAGES_32 } from './cpu-entry-area.ts';
import { image32 } from './kernel-image.ts';
import { build32 } from './x86-32.ts';

interface Split {
  readonly name: string;
  readonly title: string;
  readonly pageOffset: bigint;
  /** Whether PAE can go with it: the kernel's part has to be a multiple of 1 GiB then. */
  readonly allowsPae: boolean;
}

/** VMSPLIT_*. */
const SPLITS: readonly Split[] = [
  { name: '3g1g', title: '3 GiB user, 1 GiB kernel', pageOffset: 0xc0000000n, allowsPae: true },
  {
    name: '3g1g-opt',
    title: '2.75 GiB user: 1 GiB of RAM is low memory (VMSPLIT_3G_OPT)',
    pageOffset: 0xb0000000n,
    allowsPae: false,
  },
  { name: '2g2g', title: '2 GiB user, 2 GiB kernel', pageOffset: 0x80000000n, allowsPae: true },
  {
    name: '2g2g-opt',
    title: '1.875 GiB user: all but 16 MiB of 2 GiB is low memory (VMSPLIT_2G_OPT)',
    pageOffset: 0x78000000n,
    allowsPae: false,
  },
  { name: '1g3g', title: '1 GiB user, 3 GiB kernel', pageOffset: 0x40000000n, allowsPae: true },
];

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
  ...SPLITS.filter(({ allowsPae }) => allowsPae).map((split) => kernel(split, true, true)),
  ...SPLITS.map((split) => kernel(split, false, false)),
  ...SPLITS.filter(({ allowsPae }) => allowsPae).map((split) => kernel(split, true, false)),
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
  const windows = windows32(kernel, input.nrCpus);
  const vmallocEnd = (kernel.highmem ? windows.pkmapBase : windows.ldt.start) - 2n * PAGE_SIZE;
  return build32(
    {
      arch: archOf(kernel),
      pageOffset: kernel.pageOffset,
      highmem: kernel.highmem,
      directMapBytes:
        vmallocEnd - kernel.pageOffset - vmallocReserve(input.kernel.vmalloc, input.vmallocBytes),
      vmallocStart: (highMemory) => vmallocStart(input.kernel.vmalloc, highMemory),
      vmallocEnd,
      pkmap: kernel.highmem
        ? { base: windows.pkmapBase, slots: 2 ** archOf(kernel).translation.levels.at(-1)!.bits }
        : undefined,
      fixmap: windows.fixmap,
      fixmapTotalStart: windows.fixmapTotalStart,
      otherRegions: [region('ldt', windows.ldt), region('cpu_entry_area', windows.cpuEntryArea)],
      kernelImage: image32({ ...kernel, smp: input.nrCpus > 1 }),
    },
    input,
  );
}

interface Windows32 {
  readonly fixmap: AddressRange;
  readonly fixmapTotalStart: bigint;
  readonly cpuEntryArea: AddressRange;
  readonly ldt: AddressRange;
  readonly pkmapBase: bigint;
}

/** FIXADDR_TOP: the last page of the address space stays empty. */
const FIXADDR_TOP = 0xfffff000n;

/** The windows at the top; each starts at a multiple of what a page middle directory entry maps. */
function windows32(kernel: Kernel32, nrCpus: number): Windows32 {
  const { translation, port } = archOf(kernel);
  const entriesPerTable = 2 ** translation.levels.at(-1)!.bits;
  const pmdSize = BigInt(entriesPerTable) * PAGE_SIZE;
  const permanent = fixmapPages(port, nrCpus);
  const earlyEnd = FIXADDR_TOP - BigInt(fixmapTotalPages(permanent, entriesPerTable)) * PAGE_SIZE;
  const entryAreaBytes = BigInt(cpuEntryAreaPages(nrCpus)) * PAGE_SIZE;
  const entryAreaStart = alignDown(earlyEnd - entryAreaBytes, pmdSize);
  const ldtStart = alignDown(entryAreaStart - PAGE_SIZE, pmdSize);
  return {
    fixmap: { start: FIXADDR_TOP - BigInt(permanent) * PAGE_SIZE, end: FIXADDR_TOP },
    fixmapTotalStart: earlyEnd,
    cpuEntryArea: { start: entryAreaStart, end: entryAreaStart + entryAreaBytes },
    ldt: { start: ldtStart, end: ldtStart + pmdSize },
    pkmapBase: pkmapBase(ldtStart, pmdSize),
  };
}

/** TOTAL_FIX_BTMAPS: slots of early_ioremap. */
const BOOT_MAP_PAGES = 512;

/** __end_of_fixed_addresses: the boot-time slots must share one page table; FIX_WP_TEST comes last. */
function fixmapTotalPages(permanent: number, entriesPerTable: number): number {
  const crossesTable = ((permanent ^ (permanent + BOOT_MAP_PAGES - 1)) & -entriesPerTable) !== 0;
  const bootMapStart = crossesTable
    ? permanent + BOOT_MAP_PAGES - (permanent & (BOOT_MAP_PAGES - 1))
    : permanent;
  return bootMapStart + BOOT_MAP_PAGES + 1;
}

/** One read-only page of the IDT comes before the areas of the cpus. */
function cpuEntryAreaPages(nrCpus: number): number {
  return 1 + CPU_ENTRY_AREA_PAGES_32 * nrCpus;
}
