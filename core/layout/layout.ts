/**
 * A layout: an address space as data, on an architecture and under a kernel. The user/kernel split and the kernel's
 * regions, the zones of physical memory, all as they follow from the amount of RAM.
 *
 * Addresses are bigint here (layouts are made once and read by people); the machine turns them into page
 * numbers, which fit in a double, for its loops.
 */
import type { Architecture, PageWindow } from '../arch/architecture.ts';
import type { ZoneName } from '../arch/port.ts';
import type { PageTableLevel, Translation } from '../arch/translation.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { BootedKernel } from './booted.ts';

export type { Architecture, Kernel, PageTableLevel, PageWindow, Translation, ZoneName };

/** Ranges are [start, end): `end` is the first address that no longer belongs. */
export interface AddressRange {
  readonly start: bigint;
  readonly end: bigint;
}

/** What a region is for. */
export type RegionKind =
  | 'user'
  | 'direct' // kernel logical addresses: a constant offset from physical
  | 'vmalloc' // vmalloc, vmap, ioremap
  | 'pkmap' // kmap
  | 'fixmap' // kmap_local, fixed mappings
  | 'cpu_entry_area'
  | 'ldt'
  | 'modules'
  | 'vmemmap'
  | 'kernel_image'
  | 'vectors' // the page that exceptions enter the kernel through, at a fixed address
  | 'device_tree' // the flattened device tree, mapped at boot
  | 'pci_io' // I/O ports of PCI devices, as memory
  | 'uncached'; // all of physical memory once more, for devices: a constant offset too

/** A part of the address space. */
export interface Region extends AddressRange {
  readonly kind: RegionKind;
  /** What people call it, e.g. `vmalloc area`. */
  readonly name: string;
}

/** Where programs put things when user space is made of parts; nothing is mapped across their ends. */
export interface UserParts {
  /** Text and heap. */
  readonly text: AddressRange;
  readonly mmap: AddressRange;
  /** Mappings go upwards from the start of their part, not downwards from its end. */
  readonly mmapUpwards: boolean;
  readonly stack: AddressRange;
}

/** A zone: PFNs [startPfn, startPfn + spannedPages), of which presentPages exist. */
export interface ZoneSpan {
  readonly name: ZoneName;
  readonly startPfn: number;
  readonly spannedPages: number;
  readonly presentPages: number;
}

/** A part of physical memory that the firmware gives to the kernel as RAM. */
export interface RamRange extends AddressRange {}

/** Physical addresses and who has them, in the words of /proc/iomem: `System RAM`, `Reserved`, `0000:00:02.0`. */
export interface PhysicalRange extends AddressRange {
  readonly name: string;
}

/** A kernel image in physical memory: _text to the end of bss, and what is in it. */
export interface KernelImage extends AddressRange {
  /** Sections, to the byte. Between them lie the pages that are freed once the kernel has booted. */
  readonly code: AddressRange;
  readonly rodata: AddressRange;
  readonly data: AddressRange;
  readonly bss: AddressRange;
  /** _end: above bss lies the brk, which early page tables come from. */
  readonly brkEnd: bigint;
  /** The page of the interrupt descriptor table: read-only once it is filled in. */
  readonly idtTable: bigint;
  /** swapper_pg_dir: the kernel's root page table. */
  readonly rootTable: bigint;
  /** Pages of the trampoline that wakes the other cpus, below 1 MiB. */
  readonly realModePages: number;
}

/** What a kernel's configuration decides of its memory, beside what has a field of its own. Sizes in bytes. */
export interface KernelBuild {
  /** CONFIG_ZONE_DMA. */
  readonly zoneDma: boolean;
  /** Physical addresses above the first that devices of the machine reach (machine_desc.dma_zone_size); undefined: all. */
  readonly dmaZoneBytes?: bigint;
  /** CONFIG_HUGETLB_PAGE: pageblocks are as large as a huge page. */
  readonly hugetlb: boolean;
  /** Neither ioremap() nor vmalloc() use large pages (CONFIG_PTDUMP_DEBUGFS on arm64). */
  readonly smallKernelPages: boolean;
  /** kmap_local() always takes a slot of its own, where the port would take that of kmap() (CONFIG_ARM_ERRATA_798181). */
  readonly kmapLocalKeepsApart: boolean;
  /** CONFIG_TRANSPARENT_HUGEPAGE: cpus keep lists of huge pages, whoever asks for such blocks. */
  readonly thp?: boolean;
  /** CONFIG_MEMCG_KMEM: kmalloc has caches of its own for memory that is accounted (__GFP_ACCOUNT). */
  readonly memcg?: boolean;
  /** CONFIG_ARCH_FORCE_MAX_ORDER, where it is set: orders of blocks, 0 to this less one. */
  readonly maxOrder?: number;
  /** sizeof(struct page), where more than the usual is configured. */
  readonly structPageBytes?: number;
}

/** What a segment descriptor is for. */
export type SegmentName = 'user code' | 'user data' | 'kernel code' | 'kernel data';

/** A segment descriptor: offsets 0 to `limit` are the linear addresses from `base` on. */
export interface Segment {
  readonly name: SegmentName;
  readonly base: bigint;
  readonly limit: bigint;
  /** 3: user code may use it; 0: the kernel only. */
  readonly privilege: 0 | 3;
}

/** An address space under a kernel, with some RAM: all that a machine is booted from. */
export interface Layout {
  /** What the user typed: `3g1g`, `linux-2g2g`, ... */
  readonly name: string;
  /** Those that it is listed with: `textbook`, `linux-6.1`, `ia64`, `vax`. A name for people, nothing follows from it. */
  readonly family: string;
  /** A line for people. */
  readonly title: string;
  readonly arch: Architecture;
  readonly kernel: Kernel;
  /** What the kernel has mapped and says of itself once it is up; undefined: not known of this kernel. */
  readonly booted: BootedKernel | undefined;
  /** That of the architecture: nearly everything asks for it. */
  readonly pageShift: number;
  /** Undefined where user space is one range. */
  readonly userParts: UserParts | undefined;
  /** All four descriptors; undefined: flat segments, which the segmentation unit lets everything through. */
  readonly segments: readonly Segment[] | undefined;

  /** Where physical memory begins, at a page (PHYS_OFFSET): 0 on PCs. */
  readonly physicalBase: bigint;
  /** Kernel logical address of that. */
  readonly pageOffset: bigint;
  /** First address above user space (TASK_SIZE). */
  readonly taskSize: bigint;
  /** The stack ends here (STACK_TOP): TASK_SIZE, except with five levels, where programs stay below 47 bits. */
  readonly stackTop: bigint;
  /** mmap areas are placed downwards from here (TASK_SIZE - stack gap). */
  readonly mmapBase: bigint;
  /** The same upwards, with the old order of mappings (TASK_UNMAPPED_BASE); undefined: a third of the way to `stackTop`. */
  readonly mmapLegacyBase?: bigint;
  /** Where execve puts a fixed-address program's text. */
  readonly textBase: bigint;

  /** RAM as the firmware reports it, ascending. */
  readonly ram: readonly RamRange[];
  readonly ramBytes: bigint;
  /** All that is known of physical memory: RAM, what firmware reserves, devices. */
  readonly physical: readonly PhysicalRange[];
  /** First kernel virtual address above the direct map (high_memory). */
  readonly highMemory: bigint;
  /** First PFN above the direct map's reach of RAM (max_low_pfn). */
  readonly maxLowPfn: number;
  /** First PFN above RAM (max_pfn). */
  readonly maxPfn: number;
  /** MAXMEM: how much RAM the direct map has room for, in bytes. */
  readonly maxMem: bigint;
  /** First PFN of high memory; undefined when the kernel has no high memory. */
  readonly highstartPfn: number | undefined;
  readonly zones: readonly ZoneSpan[];

  /** [VMALLOC_START, VMALLOC_END). */
  readonly vmalloc: AddressRange;
  /** PKMAP_BASE and LAST_PKMAP; undefined without high memory support. */
  readonly pkmap: { readonly base: bigint; readonly slots: number } | undefined;
  /** FIXADDR_START .. FIXADDR_TOP. */
  readonly fixmap: AddressRange;
  /** FIXADDR_TOT_START: with the slots of early_ioremap below the permanent ones. */
  readonly fixmapTotalStart: bigint;
  /** Module area; equal to the vmalloc area on 32 bits. */
  readonly modules: AddressRange;
  /** All regions, ascending by start, without overlaps of different kinds. */
  readonly regions: readonly Region[];

  /** Boot options nopse and nopge of x86: the kernel maps no large pages, and none that stay in the TLBs for good. */
  readonly withoutLargePages?: true;
  readonly withoutGlobalPages?: true;
  /** Undefined where the kernel's configuration is the captured one's (x86). */
  readonly build?: KernelBuild;
  /** cpus the kernel was built for (NR_CPUS), which moves the regions on 32 bits, and cpus that are present. */
  readonly nrCpus: number;
  readonly cpus: number;
  /** Of those that are present, the ones that run (num_online_cpus). */
  readonly onlineCpus: number;
  /** cpus that are present or may come (nr_cpu_ids). */
  readonly possibleCpus: number;
  /** sizeof(struct page): what the memory map (mem_map) costs per page frame. */
  readonly structPageBytes: number;
  /** THREAD_SIZE: what a process's kernel stack takes, at least a page. */
  readonly kernelStackBytes: number;
  /** Allocated before anything else. */
  readonly kernelImage: KernelImage;
}

/** What a layout is made from, beside its name. Sizes are whole numbers of bytes, of either kind. */
export interface LayoutOptions {
  /** Amount of RAM; used when no memory map is given. */
  readonly ramBytes?: bigint | number;
  /** The firmware's memory map; wins over `ramBytes`. Ranges without a name are `System RAM`. */
  readonly memoryMap?: readonly (AddressRange & { readonly name?: string })[];
  /** cpus present; default 1. */
  readonly cpus?: number;
  /** Of those, cpus that the kernel has started (maxcpus=); default: all. */
  readonly onlineCpus?: number;
  /** cpus that may come at most (possible_cpus=, nr_cpus=), those present included; default: no more. */
  readonly possibleCpus?: number;
  /** CONFIG_NR_CPUS; default 8, the build of the captured kernels. */
  readonly nrCpus?: number;
  /** Boot option vmalloc=, bytes. */
  readonly vmallocBytes?: bigint | number;
  /** Boot option highmem=, bytes. */
  readonly highmemBytes?: bigint | number;
  /** Boot options nopse and nopge of x86. */
  readonly nopse?: boolean;
  readonly nopge?: boolean;
  /** Another kernel than the layout's own: its windows, marks and limits. */
  readonly kernel?: Kernel;
  /** Pages of the fixmap that options of the kernel's build take (PCI_MMCONFIG, PARAVIRT), on 32 bits. */
  readonly fixmapOptionPages?: number;
  /** What the kernel was configured with, on ports that can be told. */
  readonly build?: Partial<KernelBuild>;
  /** Of another build than the layout has. */
  readonly kernelImage?: KernelImage;
}
