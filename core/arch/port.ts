/**
 * A port: what a kernel's code for one processor (its arch/ folder) fixes, whatever the version and the layout. Zones,
 * struct pages, what is set aside at boot, how the kernel's half of page tables is kept, what is supported at all.
 */

/** Zones by the kernel's names, lowest first. */
export type ZoneName = 'DMA' | 'DMA32' | 'Normal' | 'HighMem';

/** How struct pages lie: one for every frame up to the last, or for each section that has any RAM. */
export type MemoryModel =
  | { readonly kind: 'flat' }
  | {
      readonly kind: 'sparse';
      /** SECTION_SIZE_BITS: log2 of the bytes of a section. */
      readonly sectionBits: number;
    };

/** What `virtAddrValid` asks of an address space. */
export interface LinearSpace {
  readonly pageOffset: bigint;
  /** First kernel virtual address above the direct map. */
  readonly highMemory: bigint;
  readonly fixmapStart: bigint;
  /** First physical address that an entry cannot hold. */
  readonly physicalEnd: bigint;
  /** The second mapping of the RAM that holds the kernel; undefined: there is none. */
  readonly image: { readonly start: bigint; readonly end: bigint } | undefined;
  /** __pa(). */
  pa(address: bigint): bigint;
  /** is_vmalloc_addr(). */
  isVmalloc(address: bigint): boolean;
  /** pfn_valid() of the frame at a physical address. */
  hasStructPage(physical: bigint): boolean;
}

/** Page-table isolation: how many levels of tables it needs, and whether the kernel's own root forbids it to run user code. */
export interface Isolation {
  readonly leastLevels: number;
  readonly userHalfNoExecute: boolean;
}

/** How ioremap() maps, and to what it aligns. */
export interface IoremapRules {
  readonly largePages: boolean;
  /** Areas are aligned to their size, up to what an entry so many levels above the last covers. */
  readonly alignLevels: number;
  /** The same in bytes, where it is no entry's. */
  readonly alignBytes?: number;
  /**
   * What must not be RAM: a whole page that somebody may use (__ioremap_check_ram of x86), or the first frame,
   * whatever that holds (memblock_is_map_memory; arch/arm/mm/ioremap.c, arch/arm64/mm/ioremap.c, v6.1).
   */
  readonly refuses: 'usable-pages' | 'first-frame';
  /** Large pages only where address, frame and size of the whole area are multiples of this. */
  readonly blockBytes?: number;
}

/** Memory that the kernel sets aside for contiguous buffers (CMA), and who gets it. */
export interface CmaRules {
  /** What the default area lies below: what devices of the board reach, the end of the lowest zone, that of low memory. */
  readonly below: 'dma-limit' | 'first-zone' | 'low-memory';
  /** It is set aside before the memory map, which then lies below it; else when depends on the version (boot/cma.ts). */
  readonly beforeMemoryMap: boolean;
  /** Coherent buffers of requests that may wait: all and nowhere else, or those of more than a page, if there is room. */
  readonly coherent: 'always' | 'large';
  /** Sizes of the pools for requests that may not wait, which boot takes from it, in pages; `managed`: pages of all zones. */
  atomicPools(managed: number, pageShift: number): readonly number[];
}

/** A part of physical memory that the kernel names by itself. */
interface NamedRange {
  readonly start: bigint;
  readonly end: bigint;
  readonly name: string;
}

/** Boot options that kernels for some processors have and others lack. */
export type OwnOption = 'nopse' | 'nopge' | 'highmem';

export interface Port {
  /** Of options that not every kernel has, those that these have. */
  readonly ownOptions?: readonly OwnOption[];
  /** Largest NR_CPUS that a kernel can be built for. */
  readonly maximumCpus: number;
  /** Zones that the kernel is built with, whether there is memory in them or not. HighMem: only with a kmap window. */
  readonly zoneNames: readonly ZoneName[];
  /** zone_dma_bits: devices with so many address bits or fewer get their memory from ZONE_DMA. */
  readonly zoneDmaBits: number;
  /** Built with bounce buffers (CONFIG_SWIOTLB), for RAM above what 32 address bits reach. */
  readonly hasSwiotlb: boolean;
  /** Also where RAM ends at 4 GiB exactly: max_pfn is compared with the last frame, not with the number of frames. */
  readonly swiotlbFromLimitOn?: boolean;
  readonly memoryModel: MemoryModel;
  /** log2 of the RAM that the kernel's tables can name at all: what lies above is not used. */
  readonly memoryBits: number;
  /** Physical addresses from 0 up to here are never given out, where there is RAM. */
  readonly lowReservedBytes: number;
  /** Frame 0 is RAM like any other, where there is RAM; else the kernel decides (`reservesFirstPage`). */
  readonly firstPageIsRam?: boolean;
  /** Never RAM, whatever the firmware says; undefined: the firmware is believed. */
  readonly firmwareWindow: { readonly start: bigint; readonly end: bigint } | undefined;
  /** What /proc/iomem has on every machine of this port. */
  readonly fixedResources: readonly NamedRange[];
  /**
   * The kernel's half of a process's tables: entries that are the same tables for all, copies of the reference table's,
   * or copies only where user mode has a root of its own.
   */
  readonly kernelHalf: 'shared' | 'copied' | 'copied-when-isolated';
  /** How an entry of the kernel's half gets into processes that have copies, where that is this processor's own way. */
  readonly kernelEntrySync?: 'eager' | 'fault';
  /** Undefined: the kernel has no such option. */
  readonly isolation: Isolation | undefined;
  /** Processes may have transparent huge pages (HAVE_ARCH_TRANSPARENT_HUGEPAGE). */
  readonly hasHugePages: boolean;
  /** Pageblocks may be as large as a huge page (HUGETLB_PAGE_ORDER); false: always as large as a block can be. */
  readonly hugePageblocks?: boolean;
  /** Orders of blocks that this processor's configuration asks for (ARCH_FORCE_MAX_ORDER), if it does. */
  readonly maxOrder?: number;
  /** Undefined: no kernel for this processor has CMA. */
  readonly cma?: CmaRules;
  readonly ioremap: IoremapRules;
  /** The same of kernels that are built for one cpu, where that is something else. */
  readonly ioremapUp?: IoremapRules;
  /** Where modules have a window of their own: how far it goes, and what becomes of one that does not fit (module_alloc). */
  readonly moduleWindow?: string;
  /** VMALLOC_END is the last byte of the window, not the first one above it. */
  readonly vmallocEndIsLastByte: boolean;
  /** Slots of the fixmap above those of kmap_local(). */
  readonly fixmapDevicePages: number;
  /** What its slots are for, in a few words. */
  readonly fixmapUses?: string;
  /** kmap_local() gives a page that has an address from kmap() that one (ARCH_NEEDS_KMAP_HIGH_GET). */
  readonly kmapLocalUsesKmap?: boolean;
  /** cache_line_size(), and ARCH_SLAB_MINALIGN, in bytes. */
  readonly cacheLineBytes: number;
  readonly slabMinAlignBytes: number;
  /** KMALLOC_MIN_SIZE: ARCH_DMA_MINALIGN where devices do not see the caches, 8 at least. */
  readonly kmallocMinBytes: number;
  /** virt_addr_valid(), with the mistakes that it makes. */
  virtAddrValid(space: LinearSpace, address: bigint): boolean;
  /** ELF_ET_DYN_BASE: where a program goes that may go anywhere, below STACK_TOP. */
  pieBase(stackTop: bigint): bigint;
}

export function hasOption({ ownOptions = [] }: Port, option: OwnOption): boolean {
  return ownOptions.includes(option);
}
