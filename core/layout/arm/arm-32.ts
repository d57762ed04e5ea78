/**
 * Linux on 32-bit ARM, from the bottom of the kernel's part upwards:
 *
 *   modules | pkmap | PAGE_OFFSET: low memory | up to 8 MiB | vmalloc | device tree | fixmap | vectors
 *
 * Sources, all v6.1: arch/arm/include/asm/{memory,pgtable,pgtable-nommu,fixmap,highmem,processor}.h, arch/arm/Kconfig
 * (VMSPLIT_*), arch/arm/mm/init.c (find_limits, zone_sizes_init, setup_dma_zone), lowmem.ts. Not in Thumb-2, where the
 * module area is half as large.
 */
import type { Architecture } from '../../arch/architecture.ts';
import { ARM, ARM_LPAE } from '../../arch/arm.ts';
import { UsageError } from '../../base/errors.ts';
import { alignDown, alignUp, formatSize, GIB, KIB, MIB, PAGE_SIZE, pfnOf } from '../../base/units.ts';
import { type ArmWindows, armWindows } from '../../kernel/arm-windows.ts';
import { LINUX_6_1 } from '../../kernel/linux-6.1.ts';
import { CONTIGUOUS } from '../firmware/memory-map.ts';
import type { AddressRange, KernelBuild, RamRange, Region, ZoneSpan } from '../layout.ts';
import type { BuildInput, LayoutBody, LayoutMember } from '../member.ts';
import { endPfn, frameLimit, usableFrames, zoneSpans } from '../page-frames.ts';
import { ascending, region } from '../regions.ts';
import { SPLITS, type Split } from '../splits.ts';
import { BOOTED_ARM, sectionBytes } from './booted-arm.ts';
import { armBuild } from './builds.ts';
import { ARM_IMAGE, imageAt, LPAE_IMAGE } from './images.ts';
import {
  clip,
  type LowmemBounds,
  lowmemBounds,
  PMD_BYTES,
  physOffset,
  VMALLOC_HOLE,
  vmallocSize,
} from './lowmem.ts';

/** VMSPLIT_2G_OPT is of x86 alone. */
const ARM_SPLITS = SPLITS.filter(({ name }) => name !== '2g2g-opt');

interface ArmKernel {
  readonly name: string;
  readonly title: string;
  readonly arch: Architecture;
  readonly pageOffset: bigint;
  readonly highmem: boolean;
}

function kernel({ name, title, pageOffset }: Split, lpae: boolean, highmem: boolean): ArmKernel {
  const isLpae = lpae ? ', LPAE: 40 physical address bits' : '';
  return {
    name: `linux-arm-${name}${lpae ? '-lpae' : ''}${highmem ? '' : '-nohighmem'}`,
    title: `Linux 6.1 on ARM, ${title}${isLpae}${highmem ? '' : ', only low memory'}`,
    arch: lpae ? ARM_LPAE : ARM,
    ...{ pageOffset, highmem },
  };
}

const LPAE_SPLITS = ARM_SPLITS.filter(({ allowsWideEntries }) => allowsWideEntries);

/** Every split with high memory, with LPAE, without high memory, and with LPAE but without high memory. */
const KERNELS: readonly ArmKernel[] = [true, false].flatMap((highmem) => [
  ...ARM_SPLITS.map((split) => kernel(split, false, highmem)),
  ...LPAE_SPLITS.map((split) => kernel(split, true, highmem)),
]);

/** Where QEMU's `virt` and many boards have their RAM; a memory map says where others do. */
const USUAL_BASE = GIB;

export const LINUX_ARM: readonly LayoutMember[] = KERNELS.map((kernel) => ({
  name: kernel.name,
  family: 'arm',
  title: kernel.title,
  arch: kernel.arch,
  kernel: LINUX_6_1,
  booted: BOOTED_ARM,
  physicalBase: USUAL_BASE,
  physicalBaseOf: physOffset,
  minimumRamBytes: 32n * MIB,
  machine: CONTIGUOUS,
  heedsBuild: true,
  build: (input) => buildArm(kernel, input),
}));

/** STACK_TOP minus the module area: TASK_SIZE. */
const MODULE_AREA_BYTES = 16n * MIB;
/** VECTORS_BASE: the vectors and behind them their stubs. */
const VECTORS: AddressRange = { start: 0xffff_0000n, end: 0xffff_2000n };
/** LAST_PKMAP: a pair of tables, or one of LPAE. */
const PKMAP_SLOTS = 512;
/** Where ld puts a program that is linked for a fixed address. */
const TEXT_BASE = 64n * KIB;

function buildArm(kernel: ArmKernel, input: BuildInput): LayoutBody {
  const { arch, pageOffset, highmem } = kernel;
  const { physicalBase } = input;
  const build = armBuild(input.build);
  const ram = wholePages(clip(input.ram, physicalBase, reachOf(arch)));
  const tops = armWindows(input.kernel.version);
  const { vmallocEnd, fixmap } = tops;
  const vmallocBytes = vmallocSize({ pageOffset, vmallocEnd }, input.vmallocBytes);
  const ground = { pageOffset, physicalBase, vmallocBytes, vmallocEnd };
  const before = lowmemBounds(ram, ground);
  checkLowmem(kernel, before, ram);
  // Without CONFIG_HIGHMEM what lies above is not kept as anything (memblock_remove); then all is computed again.
  const isCut = !highmem && ram.at(-1)!.end > before.lowmemLimit;
  const used = isCut ? clip(ram, physicalBase, before.memblockLimit) : ram;
  const bounds = lowmemBounds(used, ground);
  const frames = usableFrames({ ram: used, kernel: input.kernel, arch, pageShift: 12 }, frameLimit(arch));
  const maxPfn = endPfn(frames);
  const maxLowPfn = Math.min(pfnOf(bounds.lowmemLimit), maxPfn);
  const highMemory = pageOffset + bounds.lowmemLimit - physicalBase;
  const taskSize = pageOffset - MODULE_AREA_BYTES;
  const windows = windowsOf(kernel, highMemory, vmallocEnd);
  return {
    userParts: undefined,
    segments: undefined,
    physicalBase,
    build,
    pageOffset,
    taskSize,
    stackTop: taskSize,
    mmapBase: taskSize - input.kernel.userSpace.stackGapBytes,
    mmapLegacyBase: alignUp(taskSize / 3n, 16n * MIB),
    textBase: TEXT_BASE,
    maxLowPfn,
    maxPfn,
    highMemory,
    maxMem: bounds.vmallocLimit - physicalBase,
    highstartPfn: highmem ? maxLowPfn : undefined,
    zones: zonesOf(frames, { build, physicalBase, maxLowPfn, maxPfn }),
    ...windows,
    fixmap,
    fixmapTotalStart: fixmap.start,
    regions: regionsOf(kernel, highMemory, windows, tops),
    structPageBytes: build.structPageBytes ?? input.kernel.structPageBytes(arch.pointerBytes),
    kernelStackBytes: input.kernel.kernelStackBytes(arch.pointerBytes),
    kernelImage: imageAt(physicalBase, arch === ARM_LPAE ? LPAE_IMAGE : ARM_IMAGE),
  };
}

/** Memory is added in whole pages (arm_add_memory). */
function wholePages(ram: readonly RamRange[]): RamRange[] {
  return ram
    .map(({ start, end }) => ({ start: alignUp(start, PAGE_SIZE), end: alignDown(end, PAGE_SIZE) }))
    .filter(({ start, end }) => start < end);
}

/** What phys_addr_t holds of an address above RAM: with 32 bits the last page below 4 GiB is lost. */
function reachOf({ physAddrBytes, physicalBits }: Architecture): bigint {
  return physAddrBytes === 4 ? alignDown((1n << 32n) - 1n, PAGE_SIZE) : 1n << BigInt(physicalBits);
}

type Windows = Pick<LayoutBody, 'vmalloc' | 'pkmap' | 'modules'>;

function windowsOf({ pageOffset, highmem }: ArmKernel, highMemory: bigint, vmallocEnd: bigint): Windows {
  const pkmapBase = pageOffset - PMD_BYTES;
  return {
    vmalloc: { start: alignDown(highMemory + VMALLOC_HOLE, VMALLOC_HOLE), end: vmallocEnd },
    pkmap: highmem ? { base: pkmapBase, slots: PKMAP_SLOTS } : undefined,
    modules: { start: pageOffset - MODULE_AREA_BYTES, end: highmem ? pkmapBase : pageOffset },
  };
}

function regionsOf(
  { arch, pageOffset }: ArmKernel,
  highMemory: bigint,
  { vmalloc, pkmap, modules }: Windows,
  { fixmap, mapsDeviceTree }: ArmWindows,
): Region[] {
  const deviceTree = { start: vmalloc.end, end: vmalloc.end + 2n * sectionBytes(arch) };
  return ascending([
    region('user', { start: 0n, end: modules.start }),
    region('modules', modules),
    ...(pkmap ? [region('pkmap', { start: pkmap.base, end: pageOffset })] : []),
    region('direct', { start: pageOffset, end: highMemory }),
    region('vmalloc', vmalloc),
    ...(mapsDeviceTree ? [region('device_tree', deviceTree)] : []),
    region('fixmap', fixmap),
    region('vectors', VECTORS),
  ]);
}

interface ZoneGround {
  readonly build: KernelBuild;
  readonly physicalBase: bigint;
  readonly maxLowPfn: number;
  readonly maxPfn: number;
}

/** ZONE_DMA, where there is one, ends at the page that holds the last byte that devices reach: one page early. */
function zonesOf(
  frames: Parameters<typeof zoneSpans>[0],
  { build, physicalBase, maxLowPfn, maxPfn }: ZoneGround,
): ZoneSpan[] {
  const { zoneDma, dmaZoneBytes } = build;
  const lastByte = dmaZoneBytes === undefined ? 0xffff_ffffn : physicalBase + dmaZoneBytes - 1n;
  const dma = { name: 'DMA' as const, endPfn: Math.min(pfnOf(lastByte), maxLowPfn) };
  return zoneSpans(frames, [
    ...(zoneDma ? [dma] : []),
    { name: 'Normal', endPfn: maxLowPfn },
    { name: 'HighMem', endPfn: maxPfn },
  ]);
}

/** The kernel cannot boot without low memory; here it is refused. */
function checkLowmem({ name, pageOffset }: ArmKernel, bounds: LowmemBounds, ram: readonly RamRange[]): void {
  if (bounds.lowmemLimit > (ram[0]?.start ?? 0n)) return;
  throw new UsageError(
    `layout ${name}: no RAM below 0x${bounds.vmallocLimit.toString(16)}, where low memory ends; expected some at ` +
      `0x${(ram[0]?.start ?? 0n).toString(16)}: choose a split with more than ` +
      `${formatSize((1n << 32n) - pageOffset)} of kernel space, or a smaller vmalloc=`,
  );
}
