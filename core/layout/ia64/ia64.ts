/**
 * IA-64 under Linux: the upper three bits of an address choose one of eight regions.
 *
 *   0-4 user (text in 2, mmap in 1, stack in 3) | 5 kernel virtual, mapped by page tables | 6 all of physical memory,
 *   uncached | 7 all of physical memory, cached: kernel logical addresses
 *
 * Regions 6 and 7 need no page tables: a TLB miss there makes an entry by arithmetic. Tables are one page of entries of
 * 8 bytes, so that the page size decides how much three levels map. A user table of the top level is shared by all
 * regions, an eighth for each; that of region 5 has the whole of one.
 * Sources: Mosberger, Eranian, "IA-64 Linux Kernel", ch. 4; arch/ia64/include/asm/{page,pgtable,processor,ustack,elf,
 * thread_info}.h and meminit.h, v6.1. Left out: the kernel's own text in region 5, the gate page, huge pages in region 4.
 */

import { GIB, KIB, MIB } from '../../base/units.ts';
import { CONTIGUOUS } from '../firmware/memory-map.ts';
import type { AddressRange, PageWindow, Translation } from '../layout.ts';
import type { LayoutFamilyMember } from '../member.ts';
import { buildPlanned, type LayoutPlan } from '../plan.ts';
import { region } from '../regions.ts';
import { IMAGE_64 } from '../x86/kernel-image.ts';

export const IA64: readonly LayoutFamilyMember[] = [
  member('ia64-4k', 12, '320 GiB of user space'),
  member('ia64-8k', 13, '5 TiB of user space'),
  member('ia64-16k', 14, '80 TiB of user space'),
  member('ia64-64k', 16, '20 PiB of user space'),
];

function member(name: string, pageShift: number, space: string): LayoutFamilyMember {
  return {
    name,
    family: 'ia64',
    title: `IA-64, pages of ${2 ** (pageShift - 10)} KiB: ${space} in five regions, kernel in three`,
    minimumRamBytes: 32n * MIB,
    maximumCpus: 512,
    machine: CONTIGUOUS,
    build: (input) => buildPlanned(planOf(pageShift), input),
  };
}

/** Region numbers (RGN_ of arch/ia64/include/asm/page.h, v6.1; Mosberger and Eranian ch. 4 for those of the user). */
const USER_REGIONS = 5;
const MMAP_REGION = 1;
const TEXT_REGION = 2;
const STACK_REGION = 3;
const VIRTUAL_REGION = 5;
const UNCACHED_REGION = 6;
const KERNEL_REGION = 7;
/** VMALLOC_START: below it lie the gate page and the kernel's text. */
const VMALLOC_OFFSET = 8n * GIB;
/** IA64_GRANULE_SIZE: what one TLB entry of regions 6 and 7 maps. */
const GRANULE_BYTES = 2 ** 24;
/** KERNEL_STACK_SIZE_ORDER: 32 KiB, or a page if that is more. */
const KERNEL_STACK_BYTES = 32_768;

function planOf(pageShift: number): LayoutPlan {
  const pageBytes = 1n << BigInt(pageShift);
  const userRange = (number: number): AddressRange => {
    const start = regionBase(number);
    return { start, end: start + (1n << userBits(pageShift)) - pageBytes };
  };
  const gate = regionBase(VIRTUAL_REGION);
  const vmallocEnd = gate + (1n << (kernelBits(pageShift) - 1n));
  const text = userRange(TEXT_REGION);
  const stack = userRange(STACK_REGION);
  return {
    wordBits: 64,
    virtualBits: Number(kernelBits(pageShift)),
    pageShift,
    translation: translation(pageShift),
    pageWindows: pageWindows(pageShift),
    userParts: { text, mmap: userRange(MMAP_REGION), mmapUpwards: true, stack },
    segments: undefined,
    userRegions: Array.from({ length: USER_REGIONS }, (_, number) => ({
      ...region('user', userRange(number)),
      name: `user space, region ${number}`,
    })),
    pageOffset: regionBase(KERNEL_REGION),
    taskSize: gate,
    stackTop: stack.end,
    mmapBase: regionBase(MMAP_REGION),
    textBase: text.start,
    maxMem: 1n << PHYSICAL_BITS,
    lowMemoryEnd: 1n << PHYSICAL_BITS,
    memoryEnd: 1n << PHYSICAL_BITS,
    lowZones: [{ name: 'DMA32', end: 4n * GIB }],
    vmalloc: { start: gate + VMALLOC_OFFSET, end: vmallocEnd },
    pkmap: undefined,
    fixmap: { start: gate, end: gate + 64n * KIB },
    fixmapTotalStart: gate,
    modules: { start: gate + VMALLOC_OFFSET, end: vmallocEnd },
    otherRegions: [
      region('vmemmap', { start: vmallocEnd, end: gate + (1n << kernelBits(pageShift)) }),
      region('uncached', {
        start: regionBase(UNCACHED_REGION),
        end: regionBase(UNCACHED_REGION) + (1n << PHYSICAL_BITS),
      }),
    ],
    structPageBytes: 64,
    kernelStackBytes: Math.max(KERNEL_STACK_BYTES, 2 ** pageShift),
    kernelImage: IMAGE_64,
  };
}

/** IA64_MAX_PHYS_BITS. */
const PHYSICAL_BITS = 50n;

function regionBase(number: number): bigint {
  return BigInt(number) << 61n;
}

/** RGN_MAP_SHIFT: what three levels map, of whose top one a user region has an eighth. */
function userBits(pageShift: number): bigint {
  return kernelBits(pageShift) - 3n;
}

/** The same with a whole top level, as region 5 has it. */
function kernelBits(pageShift: number): bigint {
  return BigInt(4 * pageShift - 9);
}

function translation(pageShift: number): Translation {
  const bits = pageShift - 3;
  return {
    kind: 'radix-and-linear-windows',
    levels: ['pgd', 'pmd', 'pte'].map((name) => ({ name, bits })),
    entryBytes: 8,
    largePageLevels: [],
    nx: true,
    linearPageBytes: GRANULE_BYTES,
    walkReads: undefined,
  };
}

/**
 * Page numbers with which the index of each level is a field of the number: user regions lie side by side in one tree;
 * each kernel region begins at a multiple of what a tree maps.
 */
function pageWindows(pageShift: number): PageWindow[] {
  const userPages = 2 ** Number(userBits(pageShift) - BigInt(pageShift));
  const treePages = 8 * userPages;
  const window = (number: number, vpn: number, bits: bigint): PageWindow => {
    const start = regionBase(number);
    return { start, end: start + (1n << bits), vpn };
  };
  return [
    ...Array.from({ length: USER_REGIONS }, (_, number) =>
      window(number, number * userPages, userBits(pageShift)),
    ),
    window(VIRTUAL_REGION, treePages, kernelBits(pageShift)),
    window(UNCACHED_REGION, 4 * treePages, PHYSICAL_BITS),
    window(KERNEL_REGION, 8 * treePages, PHYSICAL_BITS),
  ];
}
