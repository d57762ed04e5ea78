/**
 * arm64: long descriptors, pages of 4, 16 or 64 KiB, and two roots: TTBR0 for user addresses, TTBR1 for the kernel's. The
 * address alone chooses: its upper bits are all clear or all set.
 *
 * Sources, all v6.1: arch/arm64/Kconfig (VA_BITS, PGTABLE_LEVELS, ARCH_FORCE_MAX_ORDER), arch/arm64/include/asm/{memory,
 * pgtable-hwdef,vmalloc,cache,elf,sparsemem}.h, arch/arm64/mm/init.c; ARM Architecture Reference Manual, D5. Left out:
 * KASLR, 52-bit addresses, top-byte-ignore: bits above the ones that are translated have to be all equal.
 */
import { type Architecture, MOST_TAGS } from './architecture.ts';
import { arm64Entries } from './arm-entries.ts';
import { ARM_FAULTS } from './arm-faults.ts';
import { arm64Root } from './arm-roots.ts';
import type { CmaRules, LinearSpace, Port } from './port.ts';
import { RADIX } from './translation.ts';

/** virt_addr_valid(): in the linear map, and a frame that exists. */
function virtAddrValid(space: LinearSpace, address: bigint): boolean {
  return address >= space.pageOffset && address < space.highMemory && space.hasStructPage(space.pa(address));
}

/** bootmem_init() of arch/arm64/mm/init.c; dma_alloc_contiguous() of kernel/dma; dma_atomic_pool_init() of kernel/dma/pool.c. */
const ARM64_CMA: CmaRules = {
  below: 'first-zone',
  beforeMemoryMap: false,
  coherent: 'large',
  atomicPools(managed, pageShift) {
    const pages = Math.max(managed >>> 13, (128 * 2 ** 10) >>> pageShift);
    // Of GFP_KERNEL, GFP_DMA and GFP_DMA32.
    return [1, 2, 3].map(() => 2 ** Math.ceil(Math.log2(pages)));
  },
};

const ARM64_PORT = {
  /** NR_CPUS of arch/arm64/Kconfig. */
  maximumCpus: 4096,
  zoneNames: ['DMA', 'DMA32', 'Normal'],
  /** zone_dma_bits where no device tree says less (zone_sizes_init). */
  zoneDmaBits: 32,
  hasSwiotlb: true,
  memoryBits: 48,
  lowReservedBytes: 0,
  firmwareWindow: undefined,
  firstPageIsRam: true,
  fixedResources: [],
  kernelHalf: 'shared',
  isolation: undefined,
  hasHugePages: true,
  /** module_alloc of arch/arm64/kernel/module.c. */
  moduleWindow:
    'a window of its own, within reach of branches of the kernel, of a fixed size; with CONFIG_ARM64_MODULE_PLTS a ' +
    'module that finds no room there goes behind it, within 2 GiB',
  vmallocEndIsLastByte: false,
  fixmapDevicePages: 0,
  fixmapUses: 'early console, device tree, patching of code',
  /** cache_line_size() of the captured processors; ARCH_DMA_MINALIGN is 128. */
  cacheLineBytes: 64,
  slabMinAlignBytes: 8,
  kmallocMinBytes: 128,
  virtAddrValid,
  /** ELF_ET_DYN_BASE: two thirds of DEFAULT_MAP_WINDOW_64. */
  pieBase: (stackTop: bigint) => (2n * stackTop) / 3n,
} as const satisfies Partial<Port>;

interface Granule {
  readonly pageShift: number;
  /** SECTION_SIZE_BITS. */
  readonly sectionBits: number;
  /** log2 of what ioremap() aligns to at most (IOREMAP_MAX_ORDER): PUD_SHIFT with 4 KiB, else PMD_SHIFT. */
  readonly ioremapOrder: number;
  /** ARCH_FORCE_MAX_ORDER. */
  readonly maxOrder: number;
}

const GRANULES: readonly Granule[] = [
  { pageShift: 12, sectionBits: 27, ioremapOrder: 30, maxOrder: 11 },
  { pageShift: 14, sectionBits: 27, ioremapOrder: 25, maxOrder: 12 },
  { pageShift: 16, sectionBits: 29, ioremapOrder: 29, maxOrder: 14 },
];

/** Names of the levels, from the last one up: with three there is no pud. */
const LEVEL_NAMES = ['pte', 'pmd', 'pud'];

/** The processor with pages of 2^pageShift bytes and `vaBits` bits in each half of the address space (VA_BITS). */
function arm64(pageShift: number, vaBits: number): Architecture {
  const granule = GRANULES.find((one) => one.pageShift === pageShift)!;
  const levels = levelsOf(pageShift, vaBits);
  const { sectionBits, ioremapOrder, maxOrder } = granule;
  const granuleName = pageShift === 12 ? '' : `${2 ** (pageShift - 10)}k-`;
  return {
    name: `arm64-${granuleName}${vaBits}`,
    wordBits: 64,
    pointerBytes: 8,
    // One more than VA_BITS: the bit that says which of the two roots translates the others.
    virtualBits: vaBits + 1,
    physicalBits: 48,
    physAddrBytes: 8,
    pageShift,
    translation: {
      ...RADIX,
      levels,
      entryBytes: 8,
      // Blocks of the last level but one, and with 4 KiB of 1 GiB too.
      largePageLevels: pageShift === 12 ? [levels.length - 3, levels.length - 2] : [levels.length - 2],
      nx: true,
    },
    pageWindows: undefined,
    regionShift: undefined,
    entries: arm64Entries(levels.length - 1),
    rootOf: arm64Root(vaBits),
    faultCodes: ARM_FAULTS,
    nonCanonicalFault: 'a translation fault, since the tables of neither TTBR0 nor TTBR1 serve it',
    /** ID_AA64MMFR0_EL1.ASIDBits of the captured processors. */
    asids: { count: MOST_TAGS, usual: true, bits: 16 },
    /** MAX_TLBI_OPS of asm/tlbflush.h. */
    invalidation: { mostPages: 2 ** (pageShift - 3) - 1, isBroadcast: true },
    hasSegments: false,
    port: {
      ...ARM64_PORT,
      memoryModel: { kind: 'sparse', sectionBits },
      ioremap: { largePages: true, alignLevels: 0, refuses: 'first-frame', alignBytes: 2 ** ioremapOrder },
      cma: ARM64_CMA,
      maxOrder,
    },
  };
}

/** CONFIG_PGTABLE_LEVELS: as many tables of one page as it takes; what is left over is the top one's. */
function levelsOf(pageShift: number, vaBits: number): { name: string; bits: number }[] {
  const bits = pageShift - 3;
  const below = Math.ceil((vaBits - pageShift) / bits) - 1;
  const lower = Array.from({ length: below }, (_, i) => ({ name: LEVEL_NAMES[i]!, bits }));
  return [{ name: 'pgd', bits: vaBits - pageShift - below * bits }, ...lower.toReversed()];
}

/** The configurations that are in use. */
export const ARM64_39 = arm64(12, 39);
export const ARM64_48 = arm64(12, 48);
export const ARM64_16K_47 = arm64(14, 47);
export const ARM64_64K_48 = arm64(16, 48);
