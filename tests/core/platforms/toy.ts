/** A machine that nobody has built, as records, defined here and nowhere else: RAM at 0x80000000, tables that share a page, entries with inverted bits. */
import type { Architecture } from '../../../core/arch/architecture.ts';
import { bitFormat } from '../../../core/arch/entry-format.ts';
import { RADIX } from '../../../core/arch/translation.ts';
import { X86_32 } from '../../../core/arch/x86-32.ts';
import type { Kernel } from '../../../core/kernel/kernel.ts';
import { LINUX_6_1 } from '../../../core/kernel/linux-6.1.ts';
import { buildOwnLayout, type KernelImage, type Layout } from '../../../core/layout/catalog/index.ts';
import { CONTIGUOUS } from '../../../core/layout/firmware/memory-map.ts';
import type { LayoutMember } from '../../../core/layout/member.ts';
import { buildPlanned, type Ground, type LayoutPlan } from '../../../core/layout/plan.ts';
import { region } from '../../../core/layout/regions.ts';

export const MIB = 1n << 20n;

/** A kernel image of equal sections. */
function imageAt(start: bigint, bytes: bigint): KernelImage {
  const quarter = bytes / 4n;
  const section = (n: bigint) => ({ start: start + n * quarter, end: start + (n + 1n) * quarter });
  const [code, rodata, data, bss] = [section(0n), section(1n), section(2n), section(3n)];
  return {
    ...{ start, end: start + bytes, brkEnd: start + bytes, realModePages: 0 },
    ...{ code, rodata, data, bss, idtTable: bss.start, rootTable: bss.start },
  };
}

export function member(name: string, ground: Ground, kernel: Kernel, plan: LayoutPlan): LayoutMember {
  return {
    ...ground,
    kernel,
    name,
    family: 'own',
    title: name,
    booted: undefined,
    minimumRamBytes: 1n,
    machine: CONTIGUOUS,
    build: (input) => buildPlanned(plan, ground, input),
  };
}

/** Like 32-bit ARM: RAM at 2 GiB, a pair of tables in a page, a root of four pages, sections of 1 MiB. */
export const TOY_ARCH: Architecture = {
  ...X86_32,
  name: 'toy',
  translation: {
    ...RADIX,
    levels: [
      { name: 'first', bits: 12 },
      { name: 'second', bits: 8, tablesPerPage: 2 },
    ],
    entryBytes: 4,
    largePageLevels: [0],
    nx: false,
  },
  entries: bitFormat({
    bits: { present: 1, user: 4, accessed: 5, large: 18 },
    inverted: { writable: 9, global: 11 },
    frameAt: 'address',
    frameBits: 32,
  }),
  asids: { count: 2, usual: true },
  port: {
    ...X86_32.port,
    zoneNames: ['Normal', 'HighMem'],
    lowReservedBytes: 0,
    firmwareWindow: undefined,
    fixedResources: [],
    hasHugePages: false,
    kmallocMinBytes: 64,
    cacheLineBytes: 32,
  },
};

export const TOY_KERNEL: Kernel = {
  ...LINUX_6_1,
  name: 'toy-1.0',
  reservesFirstPage: false,
  kernelEntrySync: 'fault',
  maxOrder: 6,
  vmalloc: { ...LINUX_6_1.vmalloc, guardPages: 3 },
  pcp: { ...LINUX_6_1.pcp, batch: () => 4, high: () => 12 },
  userSpace: { ...LINUX_6_1.userSpace, mmapMinBytes: 4096n },
};

export const BASE = 0x8000_0000n;
export const TOY_GROUND: Ground = { arch: TOY_ARCH, physicalBase: BASE };
export const TOY_PLAN: LayoutPlan = {
  userParts: undefined,
  segments: undefined,
  userRegions: [region('user', { start: 0n, end: 0xbf00_0000n })],
  pageOffset: 0xc000_0000n,
  taskSize: 0xbf00_0000n,
  stackTop: 0xbf00_0000n,
  mmapBase: 0xb000_0000n,
  textBase: 0x1_0000n,
  maxMem: 48n * MIB,
  lowMemoryEnd: 1n << 32n,
  memoryEnd: 1n << 32n,
  lowZones: [],
  vmalloc: { start: 0xf000_0000n, end: 0xf800_0000n },
  pkmap: { base: 0xfe00_0000n, slots: 512 },
  fixmap: { start: 0xfff0_0000n, end: 0xffff_f000n },
  fixmapTotalStart: 0xfff0_0000n,
  modules: { start: 0xbf00_0000n, end: 0xc000_0000n },
  otherRegions: [],
  structPageBytes: 32,
  kernelStackBytes: 8192,
  kernelImage: imageAt(BASE + 0x8000n, MIB),
};
export const toyLayout = (): Layout =>
  buildOwnLayout(member('toy', TOY_GROUND, TOY_KERNEL, TOY_PLAN), { ramBytes: 64n * MIB });
