/**
 * The kernel's conversions between addresses and its tests of them, with the answers that the real functions give:
 * `__pa` of a vmalloc address is a number without meaning, and `virt_addr_valid` believes what only looks like the
 * direct map. Those that follow from the layout alone; convert-mapped.ts has those that look at what is mapped.
 *
 * Sources, all v6.1: asm/page.h, asm/page_64.h, asm/page_32.h, arch/x86/mm/physaddr.c and physaddr.h, mm/vmalloc.c,
 * include/linux/mmzone.h, asm/sparsemem.h. Addresses are bigint, wrapped to the width of a register.
 */
import { pfnOf } from '../base/units.ts';
import type { AddressRange, Layout, Region } from './layout.ts';

/**
 * __pa(), virt_to_phys(): a subtraction, of __START_KERNEL_map above that and of PAGE_OFFSET below; where an address
 * has a region (arch/ia64/include/asm/page.h), the rest of it.
 */
export function pa(layout: Layout, address: bigint): bigint {
  const { arch, pageOffset, physicalBase } = layout;
  if (arch.regionShift !== undefined) return BigInt.asUintN(arch.regionShift, address);
  const image = kernelImage(layout);
  const isImage = image !== undefined && address >= image.start;
  const offset = isImage ? image.start : pageOffset - physicalBase;
  return BigInt.asUintN(arch.wordBits, address - offset);
}

/** __va(), phys_to_virt(): an addition. */
export function va({ arch, pageOffset, physicalBase }: Layout, physical: bigint): bigint {
  return BigInt.asUintN(arch.wordBits, physical + pageOffset - physicalBase);
}

/** virt_to_page(), as the PFN of the struct page that it points to, if there is one. */
export function virtToPfn(layout: Layout, address: bigint): bigint {
  return pa(layout, address) >> BigInt(layout.pageShift);
}

/** VMALLOC_END, which on some processors is the last byte of the area. */
export function vmallocEnd({ vmalloc, arch }: { vmalloc: AddressRange; arch: Layout['arch'] }): bigint {
  return arch.port.vmallocEndIsLastByte ? vmalloc.end - 1n : vmalloc.end;
}

/** is_vmalloc_addr(): where VMALLOC_END is the last byte of the area, that is not part of it for this test. */
export function isVmallocAddress(layout: Layout, address: bigint): boolean {
  return layout.vmalloc.start <= address && address < vmallocEnd(layout);
}

/** virt_addr_valid(): whether `__pa` looks as if it had meant something. */
export function virtAddrValid(layout: Layout, address: bigint): boolean {
  const { arch, pageOffset, highMemory, fixmap } = layout;
  const space = {
    pageOffset,
    highMemory,
    fixmapStart: fixmap.start,
    physicalEnd: BigInt(physicalLimit(layout)),
    image: kernelImage(layout),
    pa: (virtual: bigint) => pa(layout, virtual),
    isVmalloc: (virtual: bigint) => isVmallocAddress(layout, virtual),
    hasStructPage: (physical: bigint) => pfnValid(layout, physical >> BigInt(layout.pageShift)),
  };
  return arch.port.virtAddrValid(space, address);
}

/**
 * pfn_valid(): whether there is a struct page. In flat memory there is one for every frame up to the last, holes
 * included; in sparse memory (SPARSEMEM_VMEMMAP) for all of every section that has any RAM.
 */
export function pfnValid(layout: Layout, pfn: bigint): boolean {
  const { memoryModel } = layout.arch.port;
  if (memoryModel.kind === 'flat') return pfn >= BigInt(firstPfn(layout)) && pfn < BigInt(layout.maxPfn);
  return sectionHasRam(layout, pfn, memoryModel.sectionBits);
}

/** Whether the section of a frame has RAM. */
function sectionHasRam({ ram, pageShift }: Layout, pfn: bigint, sectionBits: number): boolean {
  const bits = BigInt(sectionBits);
  const section = (pfn << BigInt(pageShift)) >> bits;
  return ram.some(({ start, end }) => section >= start >> bits && section <= (end - 1n) >> bits);
}

/** ARCH_PFN_OFFSET: where physical memory begins, as a PFN. */
export function firstPfn({ physicalBase, pageShift }: Pick<Layout, 'physicalBase' | 'pageShift'>): number {
  return pfnOf(physicalBase, pageShift);
}

/** First physical address that a page-table entry, or phys_addr_valid(), does not let through. */
export function physicalLimit({ arch }: Layout): number {
  return 2 ** arch.physicalBits;
}

/** The second mapping of the RAM that holds the kernel; 32-bit kernels have none. */
function kernelImage({ regions }: Layout): Region | undefined {
  return regions.find(({ kind }) => kind === 'kernel_image');
}
