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
import { UsageError } from '../../base/errors.ts';
import { addressOf, GIB, MIB, PAGE_SHIFT, PAGE_SIZE, pfnOf, TIB } from '../../base/units.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { LINUX_6_1 } from '../../kernel/linux-6.1.ts';
import { TEXTBOOK } from '../../kernel/others.ts';
import { isSince, type LinuxVersion, versionText } from '../../kernel/version.ts';
import { windows64 } from '../../kernel/x86-windows-64.ts';
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
  /** Undefined: the LDT lies elsewhere. */
  readonly ldt: AddressRange | undefined;
  readonly vmalloc: AddressRange;
  readonly vmemmap: AddressRange;
  readonly taskSize: bigint;
  /** MAX_PHYSMEM_BITS: how much the direct map is wide enough for. */
  readonly physicalBits: bigint;
}

const FIRST_WITH_FIVE: LinuxVersion = { major: 4, minor: 14, patch: 0 };
const FIVE_LEVEL_LDT = tableEntry(-240n, PGDIR_SHIFT_L5);

function fourLevels({ version }: Kernel): Paging {
  const { pageOffset, physicalBits, vmalloc, vmemmap, ldtEntry } = windows64(version);
  return {
    arch: X86_64,
    pageOffset: pageOffset.four,
    ldt: ldtEntry === undefined ? undefined : tableEntry(ldtEntry, PGDIR_SHIFT_L4),
    vmalloc,
    vmemmap,
    taskSize: (1n << 47n) - PAGE_SIZE,
    physicalBits,
  };
}

/** Five levels are of 4.14 (arch/x86/Kconfig, X86_5LEVEL). @throws UsageError under an older kernel */
function fiveLevels({ version }: Kernel): Paging {
  if (!isSince(version, FIRST_WITH_FIVE))
    throw new UsageError(
      `Linux ${versionText(version)} has four levels of page tables, expected 4.14 or later for five: take ` +
        'linux-x86_64, or a newer kernel',
    );
  const { pageOffset } = windows64(version);
  return {
    arch: X86_64_LA57,
    pageOffset: pageOffset.five,
    ldt: FIVE_LEVEL_LDT,
    vmalloc: sized(0xffa0000000000000n, 12_800n * TIB),
    vmemmap: sized(0xffd4000000000000n, 512n * TIB),
    taskSize: (1n << 56n) - PAGE_SIZE,
    physicalBits: 52n,
  };
}

function sized(start: bigint, bytes: bigint): AddressRange {
  return { start, end: start + bytes };
}

/** What an entry of a page table covers; negative indexes count from the top of the address space. */
function tableEntry(index: bigint, shift: bigint): AddressRange {
  return sized(BigInt.asUintN(64, index << shift), 1n << shift);
}

/** CPU_ENTRY_AREA_PGD: the same with five levels, where it is an entry of a p4d. */
const CPU_ENTRY_AREA = tableEntry(-4n, PGDIR_SHIFT_L4);
/** __START_KERNEL_map: physical address 0 as the kernel image sees it; its size without KASLR is KERNEL_IMAGE_SIZE. */
const START_KERNEL_MAP = 0xffffffff80000000n;

/** FIX_DBGP_BASE, FIX_EARLYCON_MEM_BASE, FIX_APIC_BASE, then MAX_IO_APICS (128 on 64 bits). */
const FIXMAP_PAGES = 3n + 128n;
/** __end_of_fixed_addresses: the 512 slots of early_ioremap must share one page table, so they start at its first. */
const FIXMAP_TOTAL_PAGES = 512n + 512n;

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
    build: (input) => build64(fourLevels(input.kernel), input),
  },
];

export const LINUX_64: readonly LayoutMember[] = [
  linux('linux-x86_64', 'Linux 6.1 on x86-64, four levels of page tables', X86_64, fourLevels),
  linux('linux-x86_64-la57', 'Linux 6.1 on x86-64, five levels of page tables', X86_64_LA57, fiveLevels),
];

function linux(
  name: string,
  title: string,
  arch: Architecture,
  pagingOf: (kernel: Kernel) => Paging,
): LayoutMember {
  return {
    name,
    family: 'linux-6.1',
    title,
    minimumRamBytes: 32n * MIB,
    arch,
    kernel: LINUX_6_1,
    booted: BOOTED_64,
    physicalBase: 0n,
    machine: PC,
    build: (input) => build64(pagingOf(input.kernel), input),
  };
}

function build64(paging: Paging, { ram, kernel }: BuildInput): LayoutBody {
  const { arch } = paging;
  const { imageBytes, modulesEnd, fixaddrTop } = windows64(kernel.version);
  const image = sized(START_KERNEL_MAP, imageBytes);
  const modules = { start: image.end, end: modulesEnd };
  const fixmap = { start: fixaddrTop - FIXMAP_PAGES * PAGE_SIZE, end: fixaddrTop };
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
    fixmap,
    fixmapTotalStart: fixaddrTop - FIXMAP_TOTAL_PAGES * PAGE_SIZE,
    modules,
    regions: regions64(paging, kernel, highMemory, [
      region('kernel_image', image),
      // Up to 2.6.38 the constant goes beyond the fixmap, which takes its part.
      region('modules', {
        start: modules.start,
        end: fixmap.start < modules.end ? fixmap.start : modules.end,
      }),
      region('fixmap', fixmap),
    ]),
    structPageBytes: kernel.structPageBytes(arch.pointerBytes),
    kernelStackBytes: kernel.kernelStackBytes(arch.pointerBytes),
    kernelImage: IMAGE_64,
  };
}

function regions64(
  { taskSize, ldt, pageOffset, vmalloc, vmemmap }: Paging,
  { version }: Kernel,
  highMemory: bigint,
  upper: readonly Region[],
): Region[] {
  return ascending([
    region('user', { start: 0n, end: taskSize }),
    ...(ldt ? [region('ldt', ldt)] : []),
    region('direct', { start: pageOffset, end: highMemory }),
    region('vmalloc', vmalloc),
    region('vmemmap', vmemmap),
    ...(windows64(version).hasEntryArea ? [region('cpu_entry_area', CPU_ENTRY_AREA)] : []),
    ...upper,
  ]);
}
