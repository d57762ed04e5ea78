/**
 * 32-bit x86: what both families share once they have said where the windows at the top of the address space
 * lie. Low memory is mapped at PAGE_OFFSET; vmalloc takes what is left below those windows.
 */
import type { Architecture } from '../../arch/architecture.ts';
import { UsageError } from '../../base/errors.ts';
import { addressOf, formatSize, MIB, PAGE_SIZE, pfnOf } from '../../base/units.ts';
import type { AddressRange, KernelImage, Region, ZoneSpan } from '../layout.ts';
import type { BuildInput, LayoutBody } from '../member.ts';
import {
  endPfn,
  frameLimit,
  type LowmemSplit,
  type PfnRange,
  splitLowmem,
  usableFrames,
  zoneSpans,
} from '../page-frames.ts';
import { ascending, region } from '../regions.ts';

/** What one kernel build fixes, whatever the amount of RAM. */
interface Build32 {
  readonly arch: Architecture;
  readonly pageOffset: bigint;
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

/** MAX_DMA_PFN: ISA devices address 16 MiB (arch/x86/include/asm/dma.h, v6.1). */
export const DMA_END_PFN = pfnOf(16n * MIB);
/** Where ld puts a 32-bit program that is linked for a fixed address (its default text segment). */
const TEXT_BASE = 0x08048000n;
/** Low memory that holds the kernel and leaves it something to work with. */
const MINIMUM_LOWMEM_BYTES = 32n * MIB;

export function build32(build: Build32, input: BuildInput): LayoutBody {
  checkReserve(build, input);
  const { arch } = build;
  const { kernel } = input;
  const { pageShift } = arch;
  // RAM above what entries can name does not exist for the kernel: 4 GiB, or 64 GiB with PAE.
  const frames = usableFrames({ ram: input.ram, kernel, pageShift }, frameLimit(arch));
  const split = splitLowmem({
    maxPfn: endPfn(frames),
    directMapPages: pfnOf(build.directMapBytes),
    highmem: build.highmem,
    highmemPages: input.highmemBytes === undefined ? undefined : pfnOf(input.highmemBytes),
  });
  const highMemory = build.pageOffset + addressOf(split.maxLowPfn);
  const vmalloc = { start: build.vmallocStart(highMemory), end: build.vmallocEnd };
  return {
    userParts: undefined,
    segments: undefined,
    pageOffset: build.pageOffset,
    taskSize: build.pageOffset,
    stackTop: build.pageOffset,
    mmapBase: build.pageOffset - kernel.userSpace.stackGapBytes,
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
    structPageBytes: kernel.structPageBytes(arch.pointerBytes),
    kernelStackBytes: kernel.kernelStackBytes(arch.pointerBytes),
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
