/**
 * 64-bit x86, with four or five levels of page tables. Both families: the windows are constants of the kernel and
 * the books repeat them; only the memory map differs.
 *
 * Sources, all v6.1: Documentation/x86/x86_64/mm.rst, arch/x86/include/asm/pgtable_64_types.h, page_64_types.h,
 * fixmap.h. Configured as the captured kernels: no KASLR (neither base nor memory regions), NR_CPUS does not move
 * anything, no vsyscall emulation (it would make the fixmap 512 pages larger), no paravirtualisation. vmalloc= and
 * highmem= do not exist on 64 bits and are ignored, as the kernel ignores them.
 */

import type { Architecture } from '../../arch/architecture.ts';
import { X86_64, X86_64_LA57 } from '../../arch/x86-64.ts';
import { addressOf, alignUp, GIB, MIB, PAGE_SHIFT, PAGE_SIZE, pfnOf, TIB } from '../../base/units.ts';
import { LINUX_6_1 } from '../../kernel/linux-6.1.ts';
import { TEXTBOOK } from '../../kernel/others.ts';
import { CONTIGUOUS, PC } from '../firmware/memory-map.ts';
import type { AddressRange, Region } from '../layout.ts';
import type { BuildInput, LayoutBody, LayoutMember } from '../member.ts';
import { endPfn, frameLimit, usableFrames, zoneSpans } from '../page-frames.ts';
import { ascending, region } from '../regions.ts';
import { BOOK_64, BOOTED_64 } from './booted-64.ts';
import { IMAGE_64 } from './kernel-image.ts';
import { DMA_END_PFN } from './x86-32.ts';

/** log2 of what an entry of the top level covers, with four and with five levels. */
const PGDIR_SHIFT_L4 = 39n;
const PGDIR_SHIFT_L5 = 48n;

/** What the number of levels decides. */
interface Paging {
  readonly arch: Architecture;
  readonly pageOffset: bigint;
  readonly ldt: AddressRange;
  readonly vmalloc: AddressRange;
  readonly vmemmap: AddressRange;
  readonly taskSize: bigint;
  /** MAX_PHYSMEM_BITS: how much the direct map is wide enough for. */
  readonly physicalBits: bigint;
}

const FOUR_LEVELS: Paging = {
  arch: X86_64,
  pageOffset: 0xffff888000000000n,
  ldt: tableEntry(-240n, PGDIR_SHIFT_L4),
  vmalloc: sized(0xffffc90000000000n, 32n * TIB),
  vmemmap: sized(0xffffea0000000000n, TIB),
  taskSize: (1n << 47n) - PAGE_SIZE,
  physicalBits: 46n,
};

const FIVE_LEVELS: Paging = {
  arch: X86_64_LA57,
  pageOffset: 0xff11000000000000n,
  ldt: tableEntry(-240n, PGDIR_SHIFT_L5),
  vmalloc: sized(0xffa0000000000000n, 12_800n * TIB),
  vmemmap: sized(0xffd4000000000000n, 512n * TIB),
  taskSize: (1n << 56n) - PAGE_SIZE,
  physicalBits: 52n,
};

function sized(start: bigint, bytes: bigint): AddressRange {
  return { start, end: start + bytes };
}

/** What an entry of a page table covers; negative indexes count from the top of the address space. */
function tableEntry(index: bigint, shift: bigint): AddressRange {
  return sized(BigInt.asUintN(64, index << shift), 1n << shift);
}

/** CPU_ENTRY_AREA_PGD: the same with five levels, where it is an entry of a p4d. */
const CPU_ENTRY_AREA = tableEntry(-4n, PGDIR_SHIFT_L4);
/** __START_KERNEL_map: physical address 0 as the kernel image sees it; KERNEL_IMAGE_SIZE without KASLR. */
const KERNEL_MAP = sized(0xffffffff80000000n, 512n * MIB);
const MODULES: AddressRange = { start: KERNEL_MAP.end, end: 0xffffffffff000000n };

/** VSYSCALL_ADDR (uapi/asm/vsyscall.h), and FIXADDR_TOP above it (asm/fixmap.h, v6.1). */
const VSYSCALL_ADDR = 0xffffffffff600000n;
const FIXADDR_TOP = alignUp(VSYSCALL_ADDR + PAGE_SIZE, 2n * MIB) - PAGE_SIZE;
/** FIX_DBGP_BASE, FIX_EARLYCON_MEM_BASE, FIX_APIC_BASE, then MAX_IO_APICS (128 on 64 bits). */
const FIXMAP_PAGES = 3n + 128n;
/** __end_of_fixed_addresses: the 512 slots of early_ioremap must share one page table, so they start at its first. */
const FIXMAP_TOTAL_PAGES = 512n + 512n;
const FIXMAP: AddressRange = { start: FIXADDR_TOP - FIXMAP_PAGES * PAGE_SIZE, end: FIXADDR_TOP };

/** DEFAULT_MAP_WINDOW: under five levels too, mmap and the stack stay below 47 bits unless asked otherwise. */
const MAP_WINDOW = (1n << 47n) - PAGE_SIZE;
/** Where ld puts a program that is linked for a fixed address. */
const TEXT_BASE = 0x400000n;
/** MAX_DMA32_PFN. */
const DMA32_END_PFN = pfnOf(4n * GIB);
export const TEXTBOOK_64: readonly LayoutMember[] = [
  {
    name: 'x86_64',
    family: 'textbook',
    title: 'Textbook x86-64: 128 TiB user, all of RAM in the direct map',
    minimumRamBytes: 32n * MIB,
    arch: X86_64,
    kernel: TEXTBOOK,
    booted: BOOK_64,
    physicalBase: 0n,
    machine: CONTIGUOUS,
    build: (input) => build64(FOUR_LEVELS, input),
  },
];

export const LINUX_64: readonly LayoutMember[] = [
  linux('linux-x86_64', 'Linux 6.1 on x86-64, four levels of page tables', FOUR_LEVELS),
  linux('linux-x86_64-la57', 'Linux 6.1 on x86-64, five levels of page tables', FIVE_LEVELS),
];

function linux(name: string, title: string, paging: Paging): LayoutMember {
  return {
    name,
    family: 'linux-6.1',
    title,
    minimumRamBytes: 32n * MIB,
    arch: paging.arch,
    kernel: LINUX_6_1,
    booted: BOOTED_64,
    physicalBase: 0n,
    machine: PC,
    build: (input) => build64(paging, input),
  };
}

function build64(paging: Paging, { ram, kernel }: BuildInput): LayoutBody {
  const { arch } = paging;
  const frames = usableFrames({ ram, kernel, pageShift: PAGE_SHIFT }, frameLimit(arch));
  const maxPfn = endPfn(frames);
  const highMemory = paging.pageOffset + addressOf(maxPfn);
  return {
    userParts: undefined,
    segments: undefined,
    pageOffset: paging.pageOffset,
    taskSize: paging.taskSize,
    stackTop: MAP_WINDOW,
    mmapBase: MAP_WINDOW - kernel.userSpace.stackGapBytes,
    textBase: TEXT_BASE,
    highMemory,
    maxLowPfn: maxPfn,
    maxPfn,
    maxMem: 1n << paging.physicalBits,
    highstartPfn: undefined,
    zones: zoneSpans(frames, [
      { name: 'DMA', endPfn: DMA_END_PFN },
      { name: 'DMA32', endPfn: DMA32_END_PFN },
      { name: 'Normal', endPfn: maxPfn },
    ]),
    vmalloc: paging.vmalloc,
    pkmap: undefined,
    fixmap: FIXMAP,
    fixmapTotalStart: FIXADDR_TOP - FIXMAP_TOTAL_PAGES * PAGE_SIZE,
    modules: MODULES,
    regions: regions64(paging, highMemory),
    structPageBytes: kernel.structPageBytes(arch.pointerBytes),
    kernelStackBytes: kernel.kernelStackBytes(arch.pointerBytes),
    kernelImage: IMAGE_64,
  };
}

function regions64(paging: Paging, highMemory: bigint): Region[] {
  return ascending([
    region('user', { start: 0n, end: paging.taskSize }),
    region('ldt', paging.ldt),
    region('direct', { start: paging.pageOffset, end: highMemory }),
    region('vmalloc', paging.vmalloc),
    region('vmemmap', paging.vmemmap),
    region('cpu_entry_area', CPU_ENTRY_AREA),
    region('kernel_image', KERNEL_MAP),
    region('modules', MODULES),
    region('fixmap', FIXMAP),
  ]);
}
