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

import {
  IA64_KERNEL_REGION,
  IA64_UNCACHED_REGION,
  IA64_USER_REGIONS,
  IA64_VIRTUAL_REGION,
  IA64_WINDOW_BITS,
  ia64,
  ia64KernelBits,
  ia64RegionBase,
  ia64UserBits,
} from '../../arch/ia64.ts';
import { GIB, KIB, MIB } from '../../base/units.ts';
import { LINUX_6_1 } from '../../kernel/linux-6.1.ts';
import type { Family } from '../family.ts';
import { CONTIGUOUS } from '../firmware/memory-map.ts';
import type { AddressRange } from '../layout.ts';
import type { LayoutMember } from '../member.ts';
import { buildPlanned, type LayoutPlan } from '../plan.ts';
import { region } from '../regions.ts';
import { IMAGE_64 } from '../x86/kernel-image.ts';

export const IA64: readonly LayoutMember[] = [
  member('ia64-4k', 12, '320 GiB of user space'),
  member('ia64-8k', 13, '5 TiB of user space'),
  member('ia64-16k', 14, '80 TiB of user space'),
  member('ia64-64k', 16, '20 PiB of user space'),
];

export const IA64_FAMILY: Family = {
  name: 'ia64',
  kernel: LINUX_6_1,
  machine: CONTIGUOUS,
  ports: [{ arch: ia64(12), booted: undefined }],
};

function member(name: string, pageShift: number, space: string): LayoutMember {
  const ground = { arch: ia64(pageShift), physicalBase: 0n };
  return {
    name,
    family: 'ia64',
    title: `IA-64, pages of ${2 ** (pageShift - 10)} KiB: ${space} in five regions, kernel in three`,
    minimumRamBytes: 32n * MIB,
    ...ground,
    kernel: LINUX_6_1,
    booted: undefined,
    machine: CONTIGUOUS,
    build: (input) => buildPlanned(planOf(pageShift), ground, input),
  };
}

/** Regions of the user (Mosberger and Eranian ch. 4); those of the kernel are the processor's (arch/ia64.ts). */
const MMAP_REGION = 1;
const TEXT_REGION = 2;
const STACK_REGION = 3;
/** VMALLOC_START: below it lie the gate page and the kernel's text. */
const VMALLOC_OFFSET = 8n * GIB;
/** KERNEL_STACK_SIZE_ORDER: 32 KiB, or a page if that is more. */
const KERNEL_STACK_BYTES = 32_768;

function planOf(pageShift: number): LayoutPlan {
  const pageBytes = 1n << BigInt(pageShift);
  const userRange = (number: number): AddressRange => {
    const start = ia64RegionBase(number);
    return { start, end: start + (1n << ia64UserBits(pageShift)) - pageBytes };
  };
  const gate = ia64RegionBase(IA64_VIRTUAL_REGION);
  const vmallocEnd = gate + (1n << (ia64KernelBits(pageShift) - 1n));
  const text = userRange(TEXT_REGION);
  const stack = userRange(STACK_REGION);
  return {
    userParts: { text, mmap: userRange(MMAP_REGION), mmapUpwards: true, stack },
    segments: undefined,
    userRegions: Array.from({ length: IA64_USER_REGIONS }, (_, number) => ({
      ...region('user', userRange(number)),
      name: `user space, region ${number}`,
    })),
    pageOffset: ia64RegionBase(IA64_KERNEL_REGION),
    taskSize: gate,
    stackTop: stack.end,
    mmapBase: ia64RegionBase(MMAP_REGION),
    textBase: text.start,
    maxMem: 1n << IA64_WINDOW_BITS,
    lowMemoryEnd: 1n << IA64_WINDOW_BITS,
    memoryEnd: 1n << IA64_WINDOW_BITS,
    lowZones: [{ name: 'DMA32', end: 4n * GIB }],
    vmalloc: { start: gate + VMALLOC_OFFSET, end: vmallocEnd },
    pkmap: undefined,
    fixmap: { start: gate, end: gate + 64n * KIB },
    fixmapTotalStart: gate,
    modules: { start: gate + VMALLOC_OFFSET, end: vmallocEnd },
    otherRegions: [
      region('vmemmap', { start: vmallocEnd, end: gate + (1n << ia64KernelBits(pageShift)) }),
      region('uncached', {
        start: ia64RegionBase(IA64_UNCACHED_REGION),
        end: ia64RegionBase(IA64_UNCACHED_REGION) + (1n << IA64_WINDOW_BITS),
      }),
    ],
    structPageBytes: LINUX_6_1.structPageBytes(8),
    kernelStackBytes: Math.max(KERNEL_STACK_BYTES, 2 ** pageShift),
    kernelImage: IMAGE_64,
  };
}
