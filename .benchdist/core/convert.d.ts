/**
 * The kernel's conversions between addresses and its tests of them, with the answers that the real functions give:
 * `__pa` of a vmalloc address is a number without meaning, and `virt_addr_valid` believes what only looks like the
 * direct map. Those that follow from the layout alone; convert-mapped.ts has those that look at what is mapped.
 *
 * Sources, all v6.1: asm/page.h, asm/page_64.h, asm/page_32.h, arch/x86/mm/physaddr.c and physaddr.h, mm/vmalloc.c,
 * include/linux/mmzone.h, asm/sparsemem.h. Addresses are bigint, wrapped to the width of a register.
 */
import type { Layout } from './layout/layout.ts';
/** __pa(), virt_to_phys(): a subtraction, of __START_KERNEL_map above that and of PAGE_OFFSET below. */
export declare function pa(layout: Layout, address: bigint): bigint;
/** __va(), phys_to_virt(): an addition. */
export declare function va(layout: Layout, physical: bigint): bigint;
/** virt_to_page(), as the PFN of the struct page that it points to, if there is one. */
export declare function virtToPfn(layout: Layout, address: bigint): bigint;
/** is_vmalloc_addr(). On 64 bits VMALLOC_END is the last byte of the area, and not part of it for this test. */
export declare function isVmallocAddress({ vmalloc, wordBits }: Layout, address: bigint): boolean;
/** virt_addr_valid(): whether `__pa` looks as if it had meant something. */
export declare function virtAddrValid(layout: Layout, address: bigint): boolean;
/**
 * pfn_valid(): whether there is a struct page. On 32 bits (FLATMEM) there is one for every frame up to the last, holes
 * included; on 64 (SPARSEMEM_VMEMMAP) for all of every section of 128 MiB that has any RAM.
 */
export declare function pfnValid(layout: Layout, pfn: bigint): boolean;
/** First physical address that a page-table entry, or phys_addr_valid(), does not let through. */
export declare function physicalLimit({ translation }: Layout): number;
