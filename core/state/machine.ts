/**
 * The machine: the platform, which stays as it is, and the parts of all slices, which folds make anew. Immutable; two
 * machines share whatever did not change between them. Bulk state lies in tables, processes and files in plain objects
 * that immer freezes and shares.
 */
import type { Costs } from '../base/cost.ts';
import type { MachineOptions } from '../boot.ts';
import type { BouncePool } from '../dma/swiotlb.ts';
import type { Layout } from '../layout/layout.ts';
import type { MmuGeometry } from '../paging/geometry.ts';
import type { KernelEntrySync } from '../paging/kernel-entries.ts';
import type { Zone } from '../phys/zones.ts';
import type { ReclaimSettings } from '../reclaim/settings.ts';
import type { KmallocCache } from '../slab/kmalloc-caches.ts';
import type { HugePages } from '../thp/settings.ts';
import type { UserSpace } from '../vm/user-space.ts';
import type { Sealed } from './part.ts';
import type { SLICES } from './slices.ts';

/** What stays as it is from boot on. */
export interface Platform {
  readonly layout: Layout;
  /** What the machine was booted with, beside its layout. */
  readonly options: MachineOptions;
  readonly costs: Costs;
  readonly mmu: MmuGeometry;
  /** Zones that exist, lowest first, with their watermarks. */
  readonly zones: readonly Zone[];
  /** log2 of the pages in a pageblock, the unit in which migrate types are kept apart. */
  readonly pageblockOrder: number;
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

/** Everything that a fold reads and makes anew. */
export type Machine = { readonly platform: Platform } & Sealed<typeof SLICES>;

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

export type { FileRecord, Mm, Process, Records } from '../vma/records.ts';
