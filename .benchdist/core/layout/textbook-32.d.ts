/**
 * The textbook family on 32 bits: the address space as the books draw it.
 *
 *   PAGE_OFFSET | low memory, at most 896 MiB at 3G/1G | the last 128 MiB: vmalloc, kmap, fixmap
 *
 * Sources: Corbet, Rubini, Kroah-Hartman, "Linux Device Drivers" (3rd ed.), ch. 15; Arpaci-Dusseau, "Operating
 * Systems: Three Easy Pieces", ch. 23; Gorman, "Understanding the Linux Virtual Memory Manager", ch. 4.1 and
 * fig. 4.1, for the order inside the last 128 MiB. The addresses there are those of the kernel that Gorman describes:
 * include/asm-i386/pgtable.h, highmem.h and fixmap.h, v2.4. What the books leave open is taken from v6.1: the size of
 * the fixmap, boot options, the kernel image's size. Simplified as they do: RAM is contiguous from 0, without the
 * PCI hole below 4 GiB; there is no PAE, so RAM above 4 GiB is not used.
 */
import type { LayoutFamilyMember } from './family.ts';
export declare const TEXTBOOK_32: readonly LayoutFamilyMember[];
