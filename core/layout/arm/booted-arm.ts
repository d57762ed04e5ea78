/**
 * 32-bit ARM kernels once they are up. Sources, all v6.1: arch/arm/mm/mmu.c (map_lowmem, create_mapping, devicemaps_init),
 * arch/arm/mm/init.c (fix_kernmem_perms, section_perms), arch/arm/kernel/setup.c (request_standard_resources),
 * arch/arm/mm/ptdump_debugfs.c and dump.c (address_markers).
 */
import type { Architecture } from '../../arch/architecture.ts';
import { entrySpans } from '../../arch/translation.ts';
import { addressOf, alignDown, alignUp, PAGE_SIZE, pfnOf } from '../../base/units.ts';
import type { BootedKernel, KernelConstants, KernelMapping, PageRun, Rights } from '../booted.ts';
import { firstPfn } from '../convert.ts';
import { SYSTEM_RAM } from '../firmware/memory-map.ts';
import { nested, type PhysicalResource } from '../firmware/resources.ts';
import { KMAP_LOCAL_SLOTS } from '../fixmap.ts';
import type { Layout } from '../layout.ts';
import { endPfn, type PfnRange, usableFrames } from '../page-frames.ts';
import { regionOfKind } from '../regions.ts';
import { PMD_BYTES } from './lowmem.ts';

/** PCI_IO_VIRT_BASE (asm/io.h): 2 MiB inside the vmalloc area. */
const PCI_IO_BASE = 0xfee0_0000n;

/** SECTION_SIZE: what a large page maps, 1 MiB or with LPAE 2 MiB. */
export function sectionBytes({ translation, pageShift }: Architecture): bigint {
  return addressOf(entrySpans(translation).at(-2)!, pageShift);
}

export const BOOTED_ARM: BootedKernel = {
  isChecked: true,
  directMapRuns,
  resources,
  specialRights,
  otherMappings: (layout) => [...deviceTree(layout), ...vectors()],
  miscounted: () => new Map(),
  emptyTables: () => [],
  unlistedRootEntries: 0,
  hasOtherListing: true,
  markers: () => [],
  constants,
  pkmapMacros: ({ pkmap }) => pkmap,
};

/**
 * map_lowmem(): RAM in steps of what a pair of entries covers (2 MiB), each in sections if its ends are multiples of one,
 * else in small pages. Of the first RAM what lies below a multiple of 2 MiB is not mapped at all (MEMBLOCK_NOMAP).
 */
function directMapRuns(layout: Layout): PageRun[] {
  const section = pfnOf(sectionBytes(layout.arch));
  const step = pfnOf(PMD_BYTES);
  const frames = usableFrames(layout, layout.maxLowPfn).filter(({ end }) => end > firstPfn(layout));
  const runs: PageRun[] = [];
  for (const [index, range] of frames.entries()) {
    const from = index === 0 ? Math.ceil(range.start / step) * step : range.start;
    for (let start = from; start < range.end; ) {
      const end = Math.min(range.end, (Math.floor(start / step) + 1) * step);
      const isWhole = start % section === 0 && end % section === 0;
      addRun(runs, { start, end, pageFrames: isWhole ? section : 1 });
      start = end;
    }
  }
  return runs;
}

function addRun(runs: PageRun[], run: PageRun): void {
  const last = runs.at(-1);
  if (last !== undefined && last.end === run.start && last.pageFrames === run.pageFrames)
    runs[runs.length - 1] = { ...last, end: run.end };
  else runs.push(run);
}

/** section_perms, in whole sections: code from _stext on, read-only data; all else is data. */
function specialRights({ kernelImage, arch }: Layout): Rights[] {
  const section = sectionBytes(arch);
  const { code, rodata } = kernelImage;
  const codeStart = alignUp(code.start, section);
  const codeEnd = alignUp(code.end, section);
  const frames = (start: bigint, end: bigint): PfnRange => ({ start: pfnOf(start), end: pfnOf(end) });
  return [
    { ...frames(codeStart, codeEnd), writable: false, executable: true },
    { ...frames(codeEnd, rodata.end), writable: false, executable: false },
  ].filter(({ start, end }) => start < end);
}

/** Two sections, in which the tree of the firmware lies somewhere (MT_ROM). */
function deviceTree(layout: Layout): KernelMapping[] {
  const { start, end } = regionOfKind(layout, 'device_tree')!;
  const pageFrames = pfnOf(sectionBytes(layout.arch));
  const readOnly = { writable: false, executable: false, uncached: false };
  return [{ start, end, pfn: undefined, pageFrames, ...readOnly }];
}

/** The vectors, which user mode may read for the kernel's helpers, and their stubs. */
function vectors(): KernelMapping[] {
  const page = { pfn: undefined, pageFrames: 1, writable: false, executable: true, uncached: false };
  const at = 0xffff_0000n;
  return [
    { ...page, start: at, end: at + PAGE_SIZE, user: true },
    { ...page, start: at + PAGE_SIZE, end: at + 2n * PAGE_SIZE },
  ];
}

/** RAM as memblock has it, and the kernel in it: code with its read-only data up to init, then data with bss. */
function resources(layout: Layout): PhysicalResource[] {
  const { physical, kernelImage, maxPfn, physicalBase, arch } = layout;
  const { code, rodata, data, end } = kernelImage;
  const last = arch.physAddrBytes === 4 ? 0xffff_ffffn : 1n << 40n;
  const limit = highestUsed(layout, last);
  const ram = physical
    .filter(({ name }) => name === SYSTEM_RAM)
    .map((range) => ({
      ...range,
      start: range.start < physicalBase ? physicalBase : alignUp(range.start, PAGE_SIZE),
      end: range.end > limit ? limit : alignDown(range.end, PAGE_SIZE),
    }))
    .filter(({ start, end }) => start < end);
  const others = physical.filter(({ name, start }) => name !== SYSTEM_RAM && start < last);
  return maxPfn === 0
    ? []
    : nested([
        ...ram,
        ...others,
        { name: 'Kernel code', start: code.start, end: rodata.end },
        { name: 'Kernel data', start: data.start, end },
      ]);
}

/** Without high memory RAM ends where low memory does; else where phys_addr_t does. */
function highestUsed({ highstartPfn, maxLowPfn }: Layout, last: bigint): bigint {
  return highstartPfn === undefined ? addressOf(maxLowPfn) : last;
}

function constants(layout: Layout): KernelConstants {
  const { arch, physicalBase, fixmap, pkmap, nrCpus, pageShift, maxLowPfn } = layout;
  const isShort = arch.translation.levels.length === 2;
  const section = sectionBytes(arch);
  const top = fixmap.end - PAGE_SIZE;
  const slot = (index: number): bigint => top - addressOf(index);
  const slots = KMAP_LOCAL_SLOTS * nrCpus;
  const { alignBytes = 0 } = nrCpus === 1 ? (arch.port.ioremapUp ?? arch.port.ioremap) : arch.port.ioremap;
  return {
    ...(isShort && SHORT_TABLES),
    arm_lowmem_limit: addressOf(maxLowPfn),
    PHYS_OFFSET: physicalBase,
    PHYS_PFN_OFFSET: BigInt(firstPfn(layout)),
    memblock_start_of_DRAM: physicalBase,
    memblock_end_of_DRAM: dramEnd(layout),
    STACK_TOP_MAX: layout.taskSize,
    PAGE_SHIFT: BigInt(pageShift),
    VMALLOC_OFFSET: 8n << 20n,
    FIXADDR_TOP: top,
    FIXADDR_END: fixmap.end,
    VECTORS_BASE: regionOfKind(layout, 'vectors')!.start,
    FDT_FIXED_BASE: regionOfKind(layout, 'device_tree')!.start,
    pci_io_base_PCI_IOBASE: PCI_IO_BASE,
    SECTION_SIZE: section,
    SECTION_SHIFT: BigInt(section.toString(2).length - 1),
    ...(isShort && { SUPERSECTION_SIZE: 16n << 20n }),
    MAX_DMA_ADDRESS: 0xffff_ffffn,
    __end_of_permanent_fixed_addresses: 1n,
    __end_of_fixmap_region: BigInt(FIXMAP_TEXT_PAGES + 1 + slots),
    __end_of_early_ioremap_region: BigInt(1 + EARLY_IOREMAP_SLOTS),
    FIX_EARLYCON_MEM_BASE_vaddr: slot(0),
    CONFIG_PGTABLE_LEVELS: BigInt(arch.translation.levels.length),
    sizeof_pgd_t: 8n,
    sizeof_pmd_t: BigInt(arch.translation.entryBytes),
    sizeof_phys_addr_t: BigInt(arch.physAddrBytes),
    ...slabConstants(layout),
    IOREMAP_MAX_ORDER: BigInt(Math.log2(alignBytes)),
    ...(pkmap && {
      PKMAP_BASE: pkmap.base,
      LAST_PKMAP: BigInt(pkmap.slots),
      KM_MAX_IDX: BigInt(KMAP_LOCAL_SLOTS),
      FIX_KMAP_BEGIN_vaddr: slot(1),
      FIX_KMAP_END_vaddr: slot(slots),
    }),
  };
}

/** What devices that do not see the caches ask of the slab allocator. */
export function slabConstants({ arch: { port } }: Layout): KernelConstants {
  return {
    L1_CACHE_BYTES: BigInt(port.cacheLineBytes),
    cache_line_size: BigInt(port.cacheLineBytes),
    KMALLOC_MIN_SIZE: BigInt(port.kmallocMinBytes),
    ARCH_KMALLOC_MINALIGN: BigInt(port.kmallocMinBytes),
  };
}

/** FIX_TEXT_POKE0 and 1; NR_FIX_BTMAPS * FIX_BTMAPS_SLOTS. */
const FIXMAP_TEXT_PAGES = 2;
const EARLY_IOREMAP_SLOTS = 32 * 7;

/** Linux's view of the pairs (asm/pgtable-2level.h): 2,048 entries of 2 MiB, tables of 512. */
const SHORT_TABLES: KernelConstants = {
  PGDIR_SHIFT: 21n,
  PUD_SHIFT: 21n,
  PMD_SHIFT: 21n,
  PTRS_PER_PGD: 2048n,
  PTRS_PER_PMD: 1n,
  PTRS_PER_PTE: 512n,
};

/** Where RAM ends, in bytes: with 32 bits the last byte below 4 GiB is not counted. */
function dramEnd(layout: Layout): bigint {
  const all = usableFrames(layout, layout.maxPfn);
  const end = addressOf(endPfn(all));
  return layout.arch.physAddrBytes === 4 && end === 0xffff_f000n ? 0xffff_ffffn : end;
}
