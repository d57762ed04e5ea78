/**
 * arm64 kernels once they are up. Sources, all v6.1: arch/arm64/mm/mmu.c (map_mem, map_kernel, mark_rodata_ro,
 * vmemmap_populate), arch/arm64/include/asm/{memory,fixmap,kernel-pgtable,pgtable-hwdef}.h, arch/arm64/kernel/setup.c
 * (request_standard_resources). With rodata=full, the default, the linear map is made of small pages, so that parts of it
 * can be made read-only; blocks are left where it shows the kernel's own text once more.
 */
import { entrySpans } from '../../arch/translation.ts';
import { addressOf, pfnOf } from '../../base/units.ts';
import type { BootedKernel, KernelConstants, KernelMapping, PageRun } from '../booted.ts';
import { firstPfn } from '../convert.ts';
import { SYSTEM_RAM } from '../firmware/memory-map.ts';
import { nested, type PhysicalResource } from '../firmware/resources.ts';
import type { AddressRange, Layout } from '../layout.ts';
import { endPfn, type PfnRange, subtract, usableFrames } from '../page-frames.ts';
import { regionOfKind } from '../regions.ts';
import { arm64Windows } from './arm-64-windows.ts';
import { slabConstants } from './booted-arm.ts';

export const BOOTED_ARM64: BootedKernel = {
  isChecked: true,
  directMapRuns,
  resources,
  specialRights: (layout) => [{ ...textFrames(layout), writable: false, executable: false }],
  otherMappings: (layout) => [...imageMappings(layout), ...memoryMap(layout)],
  miscounted: () => new Map(),
  emptyTables: () => [],
  unlistedRootEntries: 0,
  hasOtherListing: true,
  markers: () => [],
  constants,
  pkmapMacros: ({ pkmap }) => pkmap,
};

/** Frames of a large page of the last level but one. */
function blockFrames({ arch }: Layout): number {
  return entrySpans(arch.translation).at(-2)!;
}

/** Code and read-only data, up to the start of init. */
function textFrames({ kernelImage, pageShift }: Layout): PfnRange {
  return { start: pfnOf(kernelImage.start, pageShift), end: pfnOf(kernelImage.rodata.end, pageShift) };
}

function directMapRuns(layout: Layout): PageRun[] {
  const text = textFrames(layout);
  const others = subtract(usableFrames(layout, layout.maxLowPfn), text);
  const small = others.map((range) => ({ ...range, pageFrames: 1 }));
  return [...small, ...inBlocks(layout, text)].sort((a, b) => a.start - b.start);
}

/** A range in the largest pages that fit, of the last two levels. */
function inBlocks(layout: Layout, { start, end }: PfnRange): PageRun[] {
  const block = blockFrames(layout);
  const from = Math.min(Math.ceil(start / block) * block, end);
  const to = Math.max(Math.floor(end / block) * block, from);
  return [
    { start, end: from, pageFrames: 1 },
    { start: from, end: to, pageFrames: block },
    { start: to, end, pageFrames: 1 },
  ].filter((run) => run.start < run.end);
}

/** KIMAGE_VADDR, and the image's first frame there: the image begins TEXT_OFFSET_BYTES below _stext. */
const TEXT_OFFSET_BYTES = 0x1_0000n;

/** Where a physical address of the kernel image is mapped inside the vmalloc area. */
function imageAddress({ vmalloc, kernelImage }: Layout, physical: bigint): bigint {
  return vmalloc.start + physical - kernelImage.start + TEXT_OFFSET_BYTES;
}

/** map_kernel(): code, read-only data, data; between the last two lay init, which is given back. */
function imageMappings(layout: Layout): KernelMapping[] {
  const { code, rodata, data, end } = layout.kernelImage;
  const segment = (range: AddressRange, writable: boolean, executable: boolean): KernelMapping[] =>
    inBlocks(layout, {
      start: pfnOf(range.start, layout.pageShift),
      end: pfnOf(range.end, layout.pageShift),
    }).map((run) => ({
      start: imageAddress(layout, addressOf(run.start, layout.pageShift)),
      end: imageAddress(layout, addressOf(run.end, layout.pageShift)),
      pfn: run.start,
      pageFrames: run.pageFrames,
      ...{ writable, executable, uncached: false },
    }));
  return [
    ...segment(code, false, true),
    ...segment(rodata, false, false),
    ...segment({ start: data.start, end }, true, false),
  ];
}

/** vmemmap: the struct pages of every section with RAM, with pages of 4 KiB in blocks. */
function memoryMap(layout: Layout): KernelMapping[] {
  const { pageShift, structPageBytes, arch } = layout;
  const { memoryModel } = arch.port;
  const base = regionOfKind(layout, 'vmemmap')?.start;
  if (base === undefined || memoryModel.kind === 'flat') return [];
  const section = 2 ** (memoryModel.sectionBits - pageShift);
  const pageFrames = pageShift === 12 ? blockFrames(layout) : 1;
  const first = firstPfn(layout);
  const at = (pfn: number): bigint => base + BigInt((pfn - first) * structPageBytes);
  const sections = usableFrames(layout, layout.maxPfn).map(({ start, end }) => ({
    start: Math.floor(start / section) * section,
    end: Math.ceil(end / section) * section,
  }));
  return sections
    .filter(({ start }, i) => start >= (sections[i - 1]?.end ?? 0))
    .map(({ start, end }) => ({
      start: at(start),
      end: at(end),
      pfn: undefined,
      ...{ pageFrames, writable: true, executable: false, uncached: false },
    }));
}

/** RAM, and the kernel in it: code with its read-only data up to init, then data with bss. */
function resources(layout: Layout): PhysicalResource[] {
  const { physical, kernelImage } = layout;
  const { start, rodata, data, end } = kernelImage;
  return nested([
    ...physical.filter(({ name }) => name === SYSTEM_RAM),
    ...physical.filter(({ name }) => name !== SYSTEM_RAM),
    { name: 'Kernel code', start, end: rodata.end },
    { name: 'Kernel data', start: data.start, end },
  ]);
}

/** log2 of the entries that one TLB entry may stand for (CONFIG_ARM64_CONT_PTE_SHIFT, CONT_PMD_SHIFT), by page shift. */
const CONT_PTES: Readonly<Record<number, number>> = { 12: 4, 14: 7, 16: 5 };
const CONT_PMDS: Readonly<Record<number, number>> = { 12: 4, 14: 5, 16: 5 };

function constants(layout: Layout): KernelConstants {
  const { arch, fixmap, pageShift, physicalBase, structPageBytes } = layout;
  const { vaBits, pageEnd, pageOffset, modules, vmalloc, pciIo, vmemmap, taskSize } = arm64Windows(arch);
  const { memoryModel, ioremap } = arch.port;
  const page = 1n << BigInt(pageShift);
  const block = BigInt(blockFrames(layout)) * page;
  const sectionBits = memoryModel.kind === 'sparse' ? memoryModel.sectionBits : 0;
  const memstartShift = BigInt(Math.max(pageShift === 16 ? 29 : 30, sectionBits));
  const fdtPages = BigInt(2 ** (22 - pageShift));
  const slot = (index: bigint): bigint => fixmap.end - index * page;
  const vmemmapShift = BigInt(pageShift - 6);
  return {
    PAGE_END: pageEnd,
    VA_BITS: vaBits,
    VA_BITS_MIN: vaBits,
    vabits_actual: vaBits,
    KIMAGE_VADDR: vmalloc.start,
    MODULES_VSIZE: modules.end - modules.start,
    VMEMMAP_START: vmemmap.start,
    VMEMMAP_END: vmemmap.end,
    VMEMMAP_SIZE: (pageEnd - pageOffset) >> vmemmapShift,
    VMEMMAP_SHIFT: vmemmapShift,
    vmemmap: vmemmap.start - (physicalBase >> BigInt(pageShift)) * BigInt(structPageBytes),
    PCI_IO_START: pciIo.start,
    PCI_IO_END: pciIo.end,
    PCI_IO_SIZE: pciIo.end - pciIo.start,
    pci_io_base_PCI_IOBASE: pciIo.start,
    memstart_addr: physicalBase,
    PHYS_OFFSET: physicalBase,
    memblock_start_of_DRAM: addressOf(usableFrames(layout, layout.maxPfn)[0]?.start ?? 0, pageShift),
    memblock_end_of_DRAM: addressOf(endPfn(usableFrames(layout, layout.maxPfn)), pageShift),
    min_low_pfn: BigInt(usableFrames(layout, layout.maxPfn)[0]?.start ?? 0),
    TASK_SIZE_64: taskSize,
    DEFAULT_MAP_WINDOW: taskSize,
    DEFAULT_MAP_WINDOW_64: taskSize,
    CONT_PTE_SIZE: page << BigInt(CONT_PTES[pageShift]!),
    CONT_PMD_SIZE: block << BigInt(CONT_PMDS[pageShift]!),
    SECTION_SIZE_BITS: BigInt(sectionBits),
    MIN_THREAD_SHIFT: 14n,
    ARM64_MEMSTART_SHIFT: memstartShift,
    ARM64_MEMSTART_ALIGN: 1n << memstartShift,
    __end_of_permanent_fixed_addresses: (fixmap.end - fixmap.start) / page,
    FIX_FDT_vaddr: slot(fdtPages),
    FIX_EARLYCON_MEM_BASE_vaddr: slot(fdtPages + 1n),
    zone_dma_bits: 32n,
    PAGE_SHIFT: BigInt(pageShift),
    CONFIG_PGTABLE_LEVELS: BigInt(arch.translation.levels.length),
    sizeof_pgd_t: 8n,
    sizeof_pmd_t: 8n,
    sizeof_phys_addr_t: 8n,
    ...foldedLevels(layout),
    ...slabConstants(layout),
    IOREMAP_MAX_ORDER: BigInt(Math.log2(ioremap.alignBytes ?? 1)),
  };
}

/** With three levels there is no pud: its shift is the root's. */
function foldedLevels({ arch }: Layout): KernelConstants {
  const { translation, pageShift } = arch;
  if (translation.levels.length > 3) return {};
  const shift = BigInt(Math.log2(entrySpans(translation)[0]!) + pageShift);
  return { PGDIR_SHIFT: shift, PUD_SHIFT: shift };
}
