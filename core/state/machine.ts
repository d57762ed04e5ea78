/**
 * The machine: everything that a fold reads and makes anew. Immutable; two machines share whatever did not
 * change between them. Bulk state lies in tables, the records above (processes, files) in plain objects that
 * immer freezes and shares.
 */
import type { Costs } from '../base/cost.ts';
import type { BouncePool } from '../dma/swiotlb.ts';
import type { Layout } from '../layout/layout.ts';
import { COUNTER_NAMES } from '../outcome/counters.ts';
import type { MmuGeometry } from '../paging/geometry.ts';
import type { KernelEntrySync } from '../paging/kernel-entries.ts';
import type { Zone } from '../phys/zones.ts';
import type { ReclaimSettings } from '../reclaim/settings.ts';
import type { KmallocCache } from '../slab/kmalloc-caches.ts';
import type { HugePages } from '../thp/settings.ts';
import type { UserSpace } from '../vm/user-space.ts';
import type { Vma } from '../vma/vma.ts';
import type { RangeSet } from './ranges.ts';
import type { Table, TableShape } from './table.ts';

/** What stays as it is from boot on. */
export interface Platform {
  readonly layout: Layout;
  readonly costs: Costs;
  readonly mmu: MmuGeometry;
  /** Zones that exist, lowest first, with their watermarks. */
  readonly zones: readonly Zone[];
  /** log2 of the pages in a pageblock, the unit in which migrate types are kept apart. */
  readonly pageblockOrder: number;
  /** Cells of `pcps` that each cpu has; see phys/pcp-lists.ts. */
  readonly pcpCellsPerCpu: number;
  /** log2 of the entries of a per-cpu list: more than any list may hold. */
  readonly pcpListBits: number;
  /** By the zone bits of a gfp mask: the highest zone that serves it. */
  readonly highestZones: readonly number[];
  readonly kmallocCaches: readonly KmallocCache[];
  /** Which of them serves a request; see `kmallocRow`. */
  readonly kmallocRows: Uint8Array;
  /** Rows of `slabLinks` for each slab: the most objects that a slab of any cache has. */
  readonly slabLinkRoom: number;
  /** Row of the kernel's root page table in `tables`. */
  readonly kernelRoot: number;
  /** Frame that read faults of anonymous memory map. */
  readonly zeroPfn: number;
  /** First pages of the windows, as page numbers. */
  readonly vmallocVpn: number;
  readonly pkmapVpn: number;
  readonly fixmapVpn: number;
  readonly directMapVpn: number;
  /** How new entries of the kernel's half come into the page tables of processes. */
  readonly kernelEntries: KernelEntrySync;
  /** Whether pages are reclaimed, and how; undefined: memory just runs out. */
  readonly reclaim: ReclaimSettings | undefined;
  /** Huge pages that processes get by themselves; undefined: none. */
  readonly thp: HugePages | undefined;
  /** Where programs' mappings go. */
  readonly userSpace: UserSpace;
  /** Bounce buffers for DMA, if the machine has any. */
  readonly bouncePool: BouncePool | undefined;
}

/** A process. */
export interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly mm: number;
  /** First frame of its kernel stack. */
  readonly stackPfn: number;
}

/** An address space (mm_struct). */
export interface Mm {
  readonly id: number;
  /** Row of its root page table in `tables`. */
  readonly root: number;
  /** Ascending by start, not overlapping. */
  readonly vmas: readonly Vma[];
  /** Object number of the heap, 0 before the first brk. */
  readonly heap: number;
  /** Page above the last mapping placed with PLACE_TEXT or PLACE_PIE. */
  readonly textEnd: number;
  /** Where page 0 of an object lies here, of objects that were moved (mremap). */
  readonly moved: Readonly<Record<number, number>>;
  /** Last-level tables of the kernel's half that its page tables lead to: the first so many, and these. */
  readonly kernelTables: number;
  readonly faultedTables: readonly number[];
  /** Processes and threads that run in it (mm_users). */
  readonly users: number;
}

/** A file, or the hidden file behind a shared anonymous mapping. Its pages own slots of the page cache. */
export interface FileRecord {
  readonly id: number;
  readonly lengthBytes: number;
  readonly nrPages: number;
  /** First of its `nrPages` rows of the `pageCache` table. */
  readonly firstSlot: number;
  /** Anonymous shared memory: absent pages are zero, not on disk. */
  readonly shmem: boolean;
  /** Mappings of it, over all processes. */
  readonly mappings: number;
}

/** What immer keeps. Keys are numbers. */
export interface Records {
  readonly processes: Readonly<Record<number, Process>>;
  readonly mms: Readonly<Record<number, Mm>>;
  readonly files: Readonly<Record<number, FileRecord>>;
}

export interface Machine {
  readonly platform: Platform;
  readonly records: Records;
  /** By PFN; see phys/frames.ts. */
  readonly frames: Table;
  /** By zone: free pages and the ends of the free lists; see phys/free-lists.ts. */
  readonly freeLists: Int32Array;
  /** By PFN >>> pageblockOrder: migrate type; see phys/migrate.ts. */
  readonly pageblocks: Table;
  /** By cpu and zone: the ends of the per-cpu lists, and what stands on them; see phys/pcp.ts. */
  readonly pcps: Int32Array;
  readonly pcpPages: Table;
  /** By object number; see objects.ts. */
  readonly objects: Table;
  /** Page-table pages: their frame and number of entries in use; see paging/tables.ts. */
  readonly tables: Table;
  /** Page-table entries: row = table row * entries per table + index. */
  readonly ptes: Table;
  /** Slabs, their free objects, caches, and what each cpu holds of a cache; see slab/tables.ts. */
  readonly slabs: Table;
  readonly slabLinks: Table;
  readonly slabCaches: Table;
  readonly slabCpus: Table;
  /** By the number that the workload gave a cache: its row in `slabCaches` + 1. */
  readonly cacheNumbers: Table;
  /** Page cache slot to PFN + 1; below zero: the negated slot of the swap area (shared memory). */
  readonly pageCache: Table;
  readonly pageCacheSlots: RangeSet;
  /** Holes of the vmalloc window, as page numbers. */
  readonly vmallocHoles: RangeSet;
  /** Of that window: areas that were freed but cannot be used again before a purge; see kmap/areas.ts. */
  readonly vmallocLazy: RangeSet;
  /** pkmap slot: PFN + 1 and use count. */
  readonly kmapSlots: Table;
  /** Slot of kmap_local(), KMAP_LOCAL_SLOTS a cpu: PFN + 1; see kmap/kmap-local.ts. */
  readonly kmapLocal: Table;
  /** Devices, what is mapped for them, and the slots of their bounce buffers; see dma/dma-tables.ts, swiotlb.ts. */
  readonly devices: Table;
  readonly dmaMappings: Table;
  readonly dmaSegments: Table;
  readonly bounceSlots: Table;
  readonly bounceAreas: Table;
  /** What is free of the I/O address spaces, as page numbers; see dma/iommu.ts. */
  readonly iovaHoles: RangeSet;
  /** By PFN: place on an LRU list, and what the page is of; see pages/lru.ts. */
  readonly lru: Table;
  /** By slot of the swap area: entries that refer to it; see pages/swap.ts. */
  readonly swapMap: Table;
  /** By cpu: clock and what it runs; see state/cpus.ts. */
  readonly cpus: Table;
  /** TLB entries by cpu; see paging/tlb.ts. */
  readonly tlbs: readonly (Float64Array | undefined)[];
  /** Single numbers; see VAR. */
  readonly vars: Float64Array;
  /** Totals; see counters.ts. */
  readonly counters: Float64Array;
}

export const SHAPES = {
  frames: { cells: 'int32', stride: 5, leafBits: 8 },
  pageblocks: { cells: 'int32', stride: 1, leafBits: 6 },
  pcpPages: { cells: 'int32', stride: 1, leafBits: 6 },
  objects: { cells: 'float64', stride: 8, leafBits: 6 },
  tables: { cells: 'int32', stride: 3, leafBits: 6 },
  ptes: { cells: 'float64', stride: 1, leafBits: 8 },
  slabs: { cells: 'int32', stride: 8, leafBits: 8 },
  slabLinks: { cells: 'int32', stride: 1, leafBits: 8 },
  slabCaches: { cells: 'int32', stride: 17, leafBits: 6 },
  slabCpus: { cells: 'int32', stride: 5, leafBits: 6 },
  cacheNumbers: { cells: 'int32', stride: 1, leafBits: 6 },
  pageCache: { cells: 'int32', stride: 1, leafBits: 8 },
  kmapSlots: { cells: 'int32', stride: 2, leafBits: 5 },
  kmapLocal: { cells: 'int32', stride: 1, leafBits: 4 },
  devices: { cells: 'int32', stride: 3, leafBits: 3 },
  dmaMappings: { cells: 'float64', stride: 10, leafBits: 4 },
  dmaSegments: { cells: 'float64', stride: 7, leafBits: 4 },
  bounceSlots: { cells: 'int32', stride: 1, leafBits: 8 },
  bounceAreas: { cells: 'int32', stride: 2, leafBits: 2 },
  cpus: { cells: 'float64', stride: 16, leafBits: 2 },
  lru: { cells: 'float64', stride: 5, leafBits: 8 },
  swapMap: { cells: 'int32', stride: 2, leafBits: 8 },
} as const satisfies Record<string, TableShape>;

/** Indexes of `vars`. */
export const VAR = {
  /** Rows of `tables` ever used, and the head of the list of free ones (0 = none; row 0 is never used). */
  tableRows: 0,
  freeTable: 1,
  /** The same for `slabs`. */
  slabRows: 2,
  freeSlab: 3,
  /** Address spaces ever made. */
  mmCount: 4,
  /** The slot that the last kmap() took (last_pkmap_nr in mm/highmem.c). */
  lastKmap: 5,
  /** cpus that ever ran a process: the highest number + 1. */
  cpus: 6,
  /** cpus that ever did anything: the highest number + 1. Only they have pages on their lists. */
  busyCpus: 7,
  /** Rows of `slabCaches` ever used, and caches ever made. */
  cacheRows: 8,
  cachesBorn: 9,
  /** Pages in `vmallocLazy` (vmap_lazy_nr in mm/vmalloc.c). */
  vmapLazyPages: 10,
  /** Rows of `dmaMappings` and `dmaSegments` ever used, and the heads of their lists of free ones. */
  mappingRows: 11,
  freeMapping: 12,
  segmentRows: 13,
  freeSegment: 14,
  /** Ends and lengths of the LRU lists, three for each; see pages/lru.ts. */
  lruLists: 15,
  /** What reclaim of anonymous and of file pages has cost lately (anon_cost, file_cost of struct lruvec). */
  anonCost: 27,
  fileCost: 28,
  /** Slots of the swap area ever used, the head of the list of free ones, and how many are in use. */
  swapSlots: 29,
  freeSwapSlot: 30,
  swapUsed: 31,
  /** Runs of kswapd in a row that freed too little (kswapd_failures of pg_data_t). */
  kswapdFailures: 32,
  /** The process that the OOM killer ended last. */
  oomVictim: 33,
  /** First frame of the huge zero page; 0: there is none. */
  hugeZeroPfn: 34,
  /** Last-level tables that came into the kernel's half since boot; see paging/kernel-entries.ts. */
  kernelTables: 35,
} as const;
export const VAR_COUNT = Math.max(...Object.values(VAR)) + 1;
export const COUNTER_COUNT = COUNTER_NAMES.length;
