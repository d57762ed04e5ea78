/**
 * Linux on arm64, from the bottom of the kernel's half upwards:
 *
 *   PAGE_OFFSET: linear map | PAGE_END: modules | vmalloc, with the kernel image | fixmap | PCI I/O | vmemmap
 *
 * Sources, all v6.1: arch/arm64/include/asm/{memory,pgtable,vmalloc,fixmap,processor,kernel-pgtable}.h, arch/arm64/mm/init.c
 * (arm64_memblock_init, zone_sizes_init, max_zone_phys), Documentation/arm64/memory.rst. vmalloc= and highmem= do not
 * exist there.
 */
import type { Architecture } from '../../arch/architecture.ts';
import { ARM64_16K_47, ARM64_39, ARM64_48, ARM64_64K_48 } from '../../arch/arm64.ts';
import { addressOf, alignDown, alignUp, GIB, KIB, MIB, pfnOf } from '../../base/units.ts';
import { LINUX_6_1 } from '../../kernel/linux-6.1.ts';
import { CONTIGUOUS } from '../firmware/memory-map.ts';
import type { AddressRange, KernelBuild, RamRange, Region, ZoneSpan } from '../layout.ts';
import type { BuildInput, LayoutBody, LayoutMember } from '../member.ts';
import { endPfn, frameLimit, usableFrames, zoneSpans } from '../page-frames.ts';
import { ascending, region } from '../regions.ts';
import { type Arm64Windows, arm64Windows } from './arm-64-windows.ts';
import { BOOTED_ARM64 } from './booted-arm64.ts';
import { arm64Build } from './builds.ts';
import { ARM64_IMAGE, type ImageOffsets, imageAt } from './images.ts';

/** Where ld puts a program that is linked for a fixed address. */
const TEXT_BASE = 0x40_0000n;
const USUAL_BASE = GIB;

export const LINUX_ARM64: readonly LayoutMember[] = [
  member(ARM64_39, 'pages of 4 KiB, 39 bits: three levels, 512 GiB of user space'),
  member(ARM64_48, 'pages of 4 KiB, 48 bits: four levels, 256 TiB of user space'),
  member(ARM64_16K_47, 'pages of 16 KiB, 47 bits: three levels, 128 TiB of user space'),
  member(ARM64_64K_48, 'pages of 64 KiB, 48 bits: three levels, 256 TiB of user space'),
];

function member(arch: Architecture, title: string): LayoutMember {
  return {
    name: `linux-${arch.name}`,
    family: 'arm',
    title: `Linux 6.1 on arm64, ${title}`,
    arch,
    kernel: LINUX_6_1,
    booted: BOOTED_ARM64,
    physicalBase: USUAL_BASE,
    physicalBaseOf: (ram) => memstart(arch, ram),
    minimumRamBytes: 32n * MIB,
    machine: CONTIGUOUS,
    heedsBuild: true,
    build: (input) => buildArm64(arch, input),
  };
}

/** memstart_addr: the first RAM, rounded down to what the linear map can be laid out with (ARM64_MEMSTART_ALIGN). */
function memstart({ pageShift, port }: Architecture, ram: readonly RamRange[]): bigint {
  const sectionBits = port.memoryModel.kind === 'sparse' ? port.memoryModel.sectionBits : 0;
  return alignDown(ram[0]?.start ?? 0n, 1n << BigInt(Math.max(MEMSTART_SHIFT[pageShift]!, sectionBits)));
}

/** ARM64_MEMSTART_SHIFT: PUD_SHIFT with 4 KiB, CONT_PMD_SHIFT with 16, PMD_SHIFT with 64; by log2 of the page. */
const MEMSTART_SHIFT: Readonly<Record<number, number>> = { 12: 30, 14: 30, 16: 29 };

function buildArm64(arch: Architecture, input: BuildInput): LayoutBody {
  const { kernel, physicalBase } = input;
  const { pageShift } = arch;
  const build = arm64Build(input.build);
  const windows = arm64Windows(arch, input.fixmapOptionPages);
  const reach = physicalBase + (windows.pageEnd - windows.pageOffset);
  const ram = input.ram
    .map(({ start, end }) => ({ start, end: end > reach ? reach : end }))
    .filter(({ start, end }) => start < end);
  const frames = usableFrames({ ram, kernel, arch, pageShift }, frameLimit(arch));
  const maxPfn = endPfn(frames);
  const highMemory = windows.pageOffset + addressOf(maxPfn, pageShift) - physicalBase;
  const { taskSize, fixmap, modules, vmalloc } = windows;
  return {
    userParts: undefined,
    segments: undefined,
    physicalBase,
    build,
    pageOffset: windows.pageOffset,
    taskSize,
    stackTop: taskSize,
    mmapBase: taskSize - kernel.userSpace.stackGapBytes,
    mmapLegacyBase: taskSize / 4n,
    textBase: TEXT_BASE,
    highMemory,
    maxLowPfn: maxPfn,
    maxPfn,
    maxMem: windows.pageEnd - windows.pageOffset,
    highstartPfn: undefined,
    zones: zonesOf(arch, frames, ram, build),
    vmalloc,
    pkmap: undefined,
    fixmap,
    fixmapTotalStart: fixmap.start,
    modules,
    regions: regionsOf(windows, highMemory),
    structPageBytes: build.structPageBytes ?? kernel.structPageBytes(arch.pointerBytes),
    kernelStackBytes: Math.max(Number(16n * KIB), 2 ** pageShift),
    kernelImage: imageAt(imageBase(ram, physicalBase, ARM64_IMAGE[pageShift]!), ARM64_IMAGE[pageShift]!),
  };
}

function regionsOf(windows: Arm64Windows, highMemory: bigint): Region[] {
  const { pageOffset, taskSize, modules, vmalloc, fixmap, pciIo, vmemmap } = windows;
  return ascending([
    region('user', { start: 0n, end: taskSize }),
    region('direct', { start: pageOffset, end: highMemory }),
    region('modules', modules),
    region('vmalloc', vmalloc),
    region('fixmap', fixmap),
    region('pci_io', pciIo),
    region('vmemmap', vmemmap),
  ]);
}

/** max_zone_phys(): what so many address bits reach, of RAM that begins within their reach; else 4 GiB. */
function maxZonePhys(ram: readonly AddressRange[], limit: bigint): bigint {
  const [start, end] = [ram[0]?.start ?? 0n, ram.at(-1)?.end ?? 0n];
  const reach = start >= 4n * GIB ? end : start >= limit ? 4n * GIB : limit;
  return reach < end ? reach : end;
}

function zonesOf(
  { pageShift }: Architecture,
  frames: Parameters<typeof zoneSpans>[0],
  ram: readonly AddressRange[],
  { zoneDma, dmaZoneBytes = 4n * GIB }: KernelBuild,
): ZoneSpan[] {
  const endOf = (limit: bigint): number => pfnOf(maxZonePhys(ram, limit), pageShift);
  return zoneSpans(frames, [
    ...(zoneDma ? [{ name: 'DMA' as const, endPfn: endOf(dmaZoneBytes) }] : []),
    { name: 'DMA32', endPfn: endOf(4n * GIB) },
    { name: 'Normal', endPfn: endPfn(frames) },
  ]);
}

/**
 * The loader puts the image at the first multiple of 2 MiB at which RAM holds all of it, wherever the linear map begins
 * (Documentation/arm64/booting.rst): firmware may keep holes at the start of RAM.
 */
function imageBase(ram: readonly RamRange[], physicalBase: bigint, { text, end }: ImageOffsets): bigint {
  const first = alignUp(ram[0]?.start ?? physicalBase, IMAGE_ALIGN);
  const bases = ram.map(({ start }) => (start - text > first ? alignUp(start - text, IMAGE_ALIGN) : first));
  return bases.find((base, i) => base + end <= ram[i]!.end) ?? first;
}

const IMAGE_ALIGN = 2n * MIB;
