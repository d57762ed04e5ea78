/**
 * 32-bit ARM (ARMv7): short descriptors with two levels of tables, or with LPAE long ones with three.
 *
 * Linux sees the first level of the short descriptors as 2,048 pairs: both entries of a pair lead to tables of 1 KiB in
 * one page, whose other half has Linux's own copies of their entries, with the bits that the hardware lacks.
 * Sources, all v6.1: arch/arm/include/asm/{pgtable-2level,pgtable-3level,memory,cache,elf,io}.h, arch/arm/Kconfig,
 * arch/arm/mm/init.c; ARM Architecture Reference Manual ARMv7-A, B3. Supersections of 16 MiB are left out: the kernel
 * maps with them only where domain 0 is that of devices (CONFIG_IO_36), which no ARMv7 kernel has.
 */
import { KIB, MIB } from '../base/units.ts';
import { type Architecture, MOST_TAGS } from './architecture.ts';
import { LPAE_ENTRIES, SHORT_ENTRIES } from './arm-entries.ts';
import { ARM_FAULTS } from './arm-faults.ts';
import { lpaeRoot, shortRoot } from './arm-roots.ts';
import type { LinearSpace, Port } from './port.ts';
import { RADIX } from './translation.ts';
import { PORT_32, PROCESSOR_32, WIDE_TABLES } from './word-32.ts';

/** virt_addr_valid(): between PAGE_OFFSET and high_memory, and a frame that exists. */
function virtAddrValid(space: LinearSpace, address: bigint): boolean {
  if (address < space.pageOffset || address >= space.highMemory) return false;
  return space.hasStructPage(space.pa(address));
}

/** What kernels for both kinds of tables have in common. */
const ARM_PORT = {
  ...PORT_32,
  /** NR_CPUS of arch/arm/Kconfig. */
  maximumCpus: 32,
  /** Of a machine that says nothing of its devices (arm_dma_limit). */
  zoneDmaBits: 32,
  lowReservedBytes: 0,
  firmwareWindow: undefined,
  firstPageIsRam: true,
  fixedResources: [],
  kernelEntrySync: 'fault',
  isolation: undefined,
  /** arm_memblock_init() of arch/arm/mm/init.c; __dma_alloc() and atomic_pool_init() of arch/arm/mm/dma-mapping.c. */
  cma: {
    below: 'dma-limit',
    beforeMemoryMap: true,
    coherent: 'always',
    atomicPools: (_managed, pageShift) => [(256 * 2 ** 10) >>> pageShift],
  },
  /** IOREMAP_MAX_ORDER of include/linux/vmalloc.h: 128 pages; no large pages with SMP or LPAE. */
  ioremap: { largePages: false, alignLevels: 0, refuses: 'first-frame', alignBytes: Number(512n * KIB) },
  /** FIX_EARLYCON_MEM_BASE, at FIXADDR_TOP itself: the kmap_local() slots begin in the second page below the end. */
  fixmapDevicePages: 2,
  fixmapUses: 'early console, patching of code, kmap_local slots',
  kmapLocalUsesKmap: true,
  /** module_alloc of arch/arm/kernel/module.c; alloc_vmap_area of mm/vmalloc.c has the message. */
  moduleWindow:
    'a window of its own, within reach of branches of the kernel: vmalloc= does not widen it, though a load that finds ' +
    'no room there tells to use it; with CONFIG_ARM_MODULE_PLTS such a module goes to the vmalloc area instead',
  /** L1_CACHE_BYTES and ARCH_DMA_MINALIGN of ARMv7. */
  cacheLineBytes: 64,
  slabMinAlignBytes: 8,
  kmallocMinBytes: 64,
  virtAddrValid,
} as const satisfies Partial<Port>;

const PROCESSOR = {
  ...PROCESSOR_32,
  faultCodes: ARM_FAULTS,
  hasSegments: false,
  /** v7wbi_flush_user_tlb_range() of arch/arm/mm/tlb-v7.S: page by page, however many. */
  invalidation: { mostPages: Number.POSITIVE_INFINITY, isBroadcast: true },
} as const satisfies Partial<Architecture>;

export const ARM: Architecture = {
  ...PROCESSOR,
  name: 'arm',
  widerTables: 'LPAE',
  physicalBits: 32,
  physAddrBytes: 4,
  translation: {
    ...RADIX,
    levels: [
      { name: 'pgd', bits: 12 },
      { name: 'pte', bits: 8, tablesPerPage: 2, offsetBytes: 2048 },
    ],
    entryBytes: 4,
    largePageLevels: [0],
    nx: true,
  },
  entries: SHORT_ENTRIES,
  rootOf: shortRoot,
  /** ASID_BITS of arch/arm/mm/context.c. */
  asids: { count: MOST_TAGS, usual: true, bits: 8 },
  port: {
    ...ARM_PORT,
    hasSwiotlb: false,
    memoryBits: 32,
    kernelHalf: 'copied',
    hasHugePages: false,
    hugePageblocks: false,
    /** Of a kernel without SMP: 16 MiB (asm/memory.h), and sections where all is a multiple of PMD_SIZE. */
    ioremapUp: {
      refuses: 'first-frame',
      largePages: true,
      alignLevels: 0,
      alignBytes: Number(16n * MIB),
      blockBytes: Number(2n * MIB),
    },
  },
};

/** Three levels of 64-bit entries; an entry of the second level can map 2 MiB. */
export const ARM_LPAE: Architecture = {
  ...PROCESSOR,
  name: 'arm-lpae',
  physicalBits: 40,
  physAddrBytes: 8,
  translation: WIDE_TABLES,
  entries: LPAE_ENTRIES,
  rootOf: lpaeRoot,
  /** ASID_BITS of arch/arm/mm/context.c. */
  asids: { count: MOST_TAGS, usual: true, bits: 8 },
  port: {
    ...ARM_PORT,
    hasSwiotlb: true,
    /** mem_init(): max_pfn > arm_dma_pfn_limit. */
    swiotlbFromLimitOn: true,
    memoryBits: 40,
    /** The kernel's tables below its entries of the first level, which all processes lead to. */
    kernelHalf: 'shared',
    hasHugePages: true,
  },
};
