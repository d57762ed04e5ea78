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

import { X86_32 } from '../../arch/x86-32.ts';
import { GIB, MIB, PAGE_SIZE } from '../../base/units.ts';
import { TEXTBOOK } from '../../kernel/others.ts';
import { CONTIGUOUS } from '../firmware/memory-map.ts';
import { fixmapPages } from '../fixmap.ts';
import type { BuildInput, LayoutBody, LayoutMember } from '../member.ts';
import { vmallocReserve, vmallocStart } from '../vmalloc-window.ts';
import { BOOK_32 } from './booted-32.ts';
import { IMAGE_3G, movedTo } from './kernel-image.ts';
import { build32 } from './x86-32.ts';

export const TEXTBOOK_32: readonly LayoutMember[] = [
  textbook('3g1g', 0xc0000000n, 'Textbook 3 GiB user, 1 GiB kernel: 896 MiB of low memory'),
  textbook('2g2g', 0x80000000n, 'Textbook 2 GiB user, 2 GiB kernel: 1920 MiB of low memory'),
  textbook('1g3g', 0x40000000n, 'Textbook 1 GiB user, 3 GiB kernel: 2944 MiB of low memory'),
];

function textbook(name: string, pageOffset: bigint, title: string): LayoutMember {
  return {
    name,
    family: 'textbook',
    title,
    arch: X86_32,
    kernel: TEXTBOOK,
    booted: BOOK_32,
    physicalBase: 0n,
    minimumRamBytes: 16n * MIB,
    machine: CONTIGUOUS,
    build: (input) => buildTextbook32(pageOffset, input),
  };
}

/** Where the kernel is loaded (Gorman, ch. 3). */
const KERNEL_START = MIB;
/** vmalloc ends two pages below the slots of kmap. */
const PKMAP_BASE = 0xfe000000n;
const PKMAP_SLOTS = 1024;
const FIXADDR_TOP = 0xffffe000n;

function buildTextbook32(pageOffset: bigint, input: BuildInput): LayoutBody {
  const fixmapStart = FIXADDR_TOP - BigInt(fixmapPages(X86_32.port, input.nrCpus)) * PAGE_SIZE;
  return build32(
    {
      arch: X86_32,
      pageOffset,
      highmem: true,
      directMapBytes: 4n * GIB - pageOffset - vmallocReserve(input.kernel.vmalloc, input.vmallocBytes),
      vmallocStart: (highMemory) => vmallocStart(input.kernel.vmalloc, highMemory),
      vmallocEnd: PKMAP_BASE - 2n * PAGE_SIZE,
      pkmap: { base: PKMAP_BASE, slots: PKMAP_SLOTS },
      fixmap: { start: fixmapStart, end: FIXADDR_TOP },
      fixmapTotalStart: fixmapStart,
      otherRegions: [],
      kernelImage: movedTo(KERNEL_START, IMAGE_3G),
    },
    input,
  );
}
