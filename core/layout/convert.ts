/**
 * The kernel's conversions between addresses and its tests of them, with the answers that the real functions give:
 * `__pa` of a vmalloc address is a number without meaning, and `virt_addr_valid` believes what only looks like the
 * direct map. Those that follow from the layout alone; convert-mapped.ts has those that look at what is mapped.
 *
 * Sources, all v6.1: asm/page.h, asm/page_64.h, asm/page_32.h, arch/x86/mm/physaddr.c and physaddr.h, mm/vmalloc.c,
 * include/linux/mmzone.h, asm/sparsemem.h. Addresses are bigint, wrapped to the width of a register.
 */
import type { Layout, Region } from './layout.ts';

/** The bits above this are the region, which __pa and __va of IA-64 clear and set (arch/ia64/include/asm/page.h). */
const IA64_REGION_SHIFT = 61;

/** __pa(), virt_to_phys(): a subtraction, of __START_KERNEL_map above that and of PAGE_OFFSET below. */
export function pa(layout: Layout, address: bigint): bigint {
  if (layout.family === 'ia64') return BigInt.asUintN(IA64_REGION_SHIFT, address);
  const image = kernelImage(layout);
  const base = image !== undefined && address >= image.start ? image.start : layout.pageOffset;
  return BigInt.asUintN(layout.wordBits, address - base);
}

/** __va(), phys_to_virt(): an addition. */
export function va(layout: Layout, physical: bigint): bigint {
  return BigInt.asUintN(layout.wordBits, physical + layout.pageOffset);
}

/** virt_to_page(), as the PFN of the struct page that it points to, if there is one. */
export function virtToPfn(layout: Layout, address: bigint): bigint {
  return pa(layout, address) >> BigInt(layout.pageShift);
}

/** is_vmalloc_addr(). On 64 bits VMALLOC_END is the last byte of the area, and not part of it for this test. */
export function isVmallocAddress({ vmalloc, wordBits, family }: Layout, address: bigint): boolean {
  const end = wordBits === 64 && family !== 'ia64' ? vmalloc.end - 1n : vmalloc.end;
  return vmalloc.start <= address && address < end;
}

/** virt_addr_valid(): whether `__pa` looks as if it had meant something. */
export function virtAddrValid(layout: Layout, address: bigint): boolean {
  if (layout.family === 'ia64') return pfnValid(layout, virtToPfn(layout, address));
  if (layout.wordBits === 64) return virtAddrValid64(layout, address);
  if (address < layout.pageOffset || isVmallocAddress(layout, address)) return false;
  return address < layout.fixmap.start && pfnValid(layout, virtToPfn(layout, address));
}

function virtAddrValid64(layout: Layout, address: bigint): boolean {
  const image = kernelImage(layout);
  if (image !== undefined && address >= image.start)
    return address < image.end && pfnValid(layout, virtToPfn(layout, address));
  const physical = pa(layout, address);
  if (address < layout.pageOffset || physical >= BigInt(physicalLimit(layout))) return false;
  return pfnValid(layout, physical >> BigInt(layout.pageShift));
}

/** SECTION_SIZE_BITS on 64 bits. */
const SECTION_BITS = 27n;

/**
 * pfn_valid(): whether there is a struct page. On 32 bits (FLATMEM) there is one for every frame up to the last, holes
 * included; on 64 (SPARSEMEM_VMEMMAP) for all of every section of 128 MiB that has any RAM.
 */
export function pfnValid(layout: Layout, pfn: bigint): boolean {
  if (layout.wordBits === 32) return pfn < BigInt(layout.maxPfn);
  const section = (pfn << BigInt(layout.pageShift)) >> SECTION_BITS;
  return layout.ram.some(
    ({ start, end }) => section >= start >> SECTION_BITS && section <= (end - 1n) >> SECTION_BITS,
  );
}

/** Address bits of the captured processor (QEMU's, `address sizes` in /proc/cpuinfo), which wide entries can hold. */
const PHYSICAL_BITS = 40;

/** First physical address that a page-table entry, or phys_addr_valid(), does not let through. */
export function physicalLimit({ translation }: Layout): number {
  return 2 ** (translation.entryBytes === 4 ? 32 : PHYSICAL_BITS);
}

/** The second mapping of the RAM that holds the kernel; 32-bit kernels have none. */
function kernelImage({ regions }: Layout): Region | undefined {
  return regions.find(({ kind }) => kind === 'kernel_image');
}
