/**
 * 32-bit x86: what both families share once they have said where the windows at the top of the address space
 * lie. Low memory is mapped at PAGE_OFFSET; vmalloc takes what is left below those windows.
 */
import { UsageError } from '../../base/errors.ts';
import { addressOf, formatSize, GIB, MIB, PAGE_SHIFT, PAGE_SIZE, pfnOf } from '../../base/units.ts';
import type { AddressRange, KernelImage, Region, Translation, ZoneSpan } from '../layout.ts';
import { type BuildInput, type LayoutBody, STACK_GAP } from '../member.ts';
import {
  endPfn,
  type LowmemSplit,
  type PfnRange,
  splitLowmem,
  usableFrames,
  zoneSpans,
} from '../page-frames.ts';
import { ascending, region } from '../regions.ts';

/** Two levels; a page directory entry can map 4 MiB (PSE). */
export const TWO_LEVELS: Translation = {
  kind: 'radix',
  levels: [
    { name: 'pgd', bits: 10 },
    { name: 'pte', bits: 10 },
  ],
  entryBytes: 4,
  largePageLevels: [0],
  nx: false,
  linearPageBytes: undefined,
  walkReads: undefined,
};

/** PAE: three levels of 64-bit entries; a page middle directory entry can map 2 MiB. */
export const PAE_LEVELS: Translation = {
  kind: 'radix',
  levels: [
    { name: 'pgd', bits: 2 },
    { name: 'pmd', bits: 9 },
    { name: 'pte', bits: 9 },
  ],
  entryBytes: 8,
  largePageLevels: [1],
  nx: true,
  linearPageBytes: undefined,
  walkReads: undefined,
};

/** What one kernel build fixes, whatever the amount of RAM. */
interface Build32 {
  readonly translation: Translation;
  readonly pageOffset: bigint;
  /** RAM above this does not exist for the kernel: 4 GiB, or 64 GiB with PAE. */
  readonly physicalLimit: bigint;
  /** CONFIG_HIGHMEM. */
  readonly highmem: boolean;
  /** MAXMEM: how much RAM the direct map has room for. */
  readonly directMapBytes: bigint;
  readonly vmallocStart: (highMemory: bigint) => bigint;
  readonly vmallocEnd: bigint;
  readonly pkmap: LayoutBody['pkmap'];
  readonly fixmap: AddressRange;
  readonly fixmapTotalStart: bigint;
  /** Regions above vmalloc that are neither pkmap nor fixmap. */
  readonly otherRegions: readonly Region[];
  readonly kernelImage: KernelImage;
}

/** sizeof(struct page) of every 32-bit oracle machine: (page - mem_map) / pfn in `alloc_pages`. */
const STRUCT_PAGE_BYTES = 32;
/** THREAD_SIZE (arch/x86/include/asm/page_32_types.h, v6.1). */
const KERNEL_STACK_BYTES = 8192;
/** MAX_DMA_PFN: ISA devices address 16 MiB (arch/x86/include/asm/dma.h, v6.1). */
export const DMA_END_PFN = pfnOf(16n * MIB);
/** Where ld puts a 32-bit program that is linked for a fixed address (its default text segment). */
const TEXT_BASE = 0x08048000n;
/** Physical addresses that page table entries can hold (MAX_ARCH_PFN, arch/x86/kernel/e820.c, v6.1). */
export const PHYSICAL_LIMIT_32 = 4n * GIB;
export const PHYSICAL_LIMIT_PAE = 64n * GIB;

/** FIX_HOLE, FIX_DBGP_BASE, FIX_EARLYCON_MEM_BASE, FIX_APIC_BASE, then MAX_IO_APICS (64 on 32 bits). */
export const FIXMAP_DEVICE_PAGES = 4 + 64;
/** KM_MAX_IDX: kmap_local slots of a cpu (include/asm-generic/kmap_size.h, v6.1). */
export const KMAP_LOCAL_SLOTS = 16;

/** __end_of_permanent_fixed_addresses (enum fixed_addresses, arch/x86/include/asm/fixmap.h, v6.1). */
export function fixmapPages(nrCpus: number): number {
  return FIXMAP_DEVICE_PAGES + KMAP_LOCAL_SLOTS * nrCpus;
}

/** Low memory that holds the kernel and leaves it something to work with. */
const MINIMUM_LOWMEM_BYTES = 32n * MIB;

export function build32(build: Build32, input: BuildInput): LayoutBody {
  checkReserve(build, input);
  const frames = usableFrames(input.ram, pfnOf(build.physicalLimit));
  const split = splitLowmem({
    maxPfn: endPfn(frames),
    directMapPages: pfnOf(build.directMapBytes),
    highmem: build.highmem,
    highmemPages: input.highmemBytes === undefined ? undefined : pfnOf(input.highmemBytes),
  });
  const highMemory = build.pageOffset + addressOf(split.maxLowPfn);
  const vmalloc = { start: build.vmallocStart(highMemory), end: build.vmallocEnd };
  return {
    wordBits: 32,
    virtualBits: 32,
    pageShift: PAGE_SHIFT,
    pageWindows: undefined,
    userParts: undefined,
    segments: undefined,
    translation: build.translation,
    pageOffset: build.pageOffset,
    taskSize: build.pageOffset,
    stackTop: build.pageOffset,
    mmapBase: build.pageOffset - STACK_GAP,
    textBase: TEXT_BASE,
    ...split,
    highMemory,
    maxMem: build.directMapBytes,
    highstartPfn: build.highmem ? split.maxLowPfn : undefined,
    zones: zones32(frames, split),
    vmalloc,
    pkmap: build.pkmap,
    fixmap: build.fixmap,
    fixmapTotalStart: build.fixmapTotalStart,
    modules: vmalloc,
    regions: regions32(build, highMemory, vmalloc),
    structPageBytes: STRUCT_PAGE_BYTES,
    kernelStackBytes: KERNEL_STACK_BYTES,
    kernelImage: build.kernelImage,
  };
}

/** The kernel takes any vmalloc= and then fails to boot; here it is refused. */
function checkReserve(build: Build32, { vmallocBytes = 0n }: BuildInput): void {
  if (build.directMapBytes < MINIMUM_LOWMEM_BYTES) {
    throw new UsageError(
      `vmalloc=${formatSize(vmallocBytes)} leaves no room for the direct map; expected at least ` +
        `${formatSize(MINIMUM_LOWMEM_BYTES)} of low memory: reserve less, or choose a split with more kernel space`,
    );
  }
  const worstStart = build.vmallocStart(build.pageOffset + build.directMapBytes);
  if (worstStart >= build.vmallocEnd) {
    throw new UsageError(
      `vmalloc=${formatSize(vmallocBytes)} leaves no vmalloc area; expected more than ` +
        `${formatSize(vmallocBytes + worstStart - build.vmallocEnd)}: reserve more`,
    );
  }
}

/** zone_sizes_init, arch/x86/mm/init.c, v6.1: no DMA32 on 32 bits. */
function zones32(frames: readonly PfnRange[], { maxLowPfn, maxPfn }: LowmemSplit): ZoneSpan[] {
  return zoneSpans(frames, [
    { name: 'DMA', endPfn: Math.min(DMA_END_PFN, maxLowPfn) },
    { name: 'Normal', endPfn: maxLowPfn },
    { name: 'HighMem', endPfn: maxPfn },
  ]);
}

function regions32(build: Build32, highMemory: bigint, vmalloc: AddressRange): Region[] {
  const { pageOffset, pkmap, fixmap, otherRegions } = build;
  const regions = [
    region('user', { start: 0n, end: pageOffset }),
    region('direct', { start: pageOffset, end: highMemory }),
    region('vmalloc', vmalloc),
    region('fixmap', fixmap),
    ...otherRegions,
  ];
  if (pkmap)
    regions.push(region('pkmap', { start: pkmap.base, end: pkmap.base + BigInt(pkmap.slots) * PAGE_SIZE }));
  return ascending(regions);
}
