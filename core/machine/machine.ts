/**
 * The machine: the platform, which stays as it is, and the parts of all slices, which folds make anew. Immutable; two
 * machines share whatever did not change between them. Bulk state lies in tables, processes and files in plain objects
 * that immer freezes and shares.
 */
import type { Costs } from '../base/cost.ts';
import type { CmaMemory } from '../boot/cma.ts';
import type { BouncePool } from '../dma/swiotlb.ts';
import type { PlacedArea } from '../kmap/kernel-areas.ts';
import type { Layout } from '../layout/layout.ts';
import type { MmuGeometry } from '../paging/geometry.ts';
import type { KernelEntrySync } from '../paging/kernel-entries.ts';
import type { PcpLists } from '../phys/pcp-lists.ts';
import type { Zone } from '../phys/zones.ts';
import type { ReclaimSettings } from '../reclaim/settings.ts';
import type { KmallocCache } from '../slab/kmalloc-caches.ts';
import type { Sealed } from '../state/part.ts';
import type { HugePages } from '../thp/settings.ts';
import type { UserSpace } from '../vm/user-space.ts';
import type { MachineOptions } from './options.ts';
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
  /** What is kept for contiguous buffers; undefined: the kernel is built without CMA. */
  readonly cma: CmaMemory | undefined;
  /** Free blocks of this order and above do not merge across the bounds of CMA; `maxOrder` where there is none. */
  readonly cmaApartOrder: number;
  /** Blocks have orders 0 to this less one. */
  readonly maxOrder: number;
  /** log2 of the entries of a per-cpu list: more than any list may hold. */
  readonly pcpListBits: number;
  readonly pcpLists: PcpLists;
  /** By the zone bits of a gfp mask: the highest zone that serves it. */
  readonly highestZones: readonly number[];
  /** Built with a zone DMA32, whether there is memory in it or not. */
  readonly hasDma32: boolean;
  /** Bits of a gfp mask that tell migrate types: none where there is too little memory to keep types apart. */
  readonly mobilityGfp: number;
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
  /** Areas of the vmalloc window that the kernel had before the first event. */
  readonly kernelAreas: readonly PlacedArea[];
  readonly vmallocVpn: number;
  readonly pkmapVpn: number;
  /** The first slot of kmap_local() on cpu 0; the others lie below it. */
  readonly kmapLocalVpn: number;
  readonly directMapVpn: number;
  /** Added to a PFN: the page of its logical address (`directMapVpn` where physical memory begins at 0). */
  readonly linearVpn: number;
  /** Unmapped pages behind each area of the vmalloc window. */
  readonly vmallocGuardPages: number;
  /** How new entries of the kernel's half come into the page tables of processes. */
  readonly kernelEntries: KernelEntrySync;
  /** Whether pages are reclaimed, and how; undefined: memory just runs out. */
  readonly reclaim: ReclaimSettings | undefined;
  /** Huge pages that processes get by themselves; undefined: none. */
  readonly thp: HugePages | undefined;
  /** Pages that a read fault of a file may map around its own, that one included: a power of two, or 0 for none. */
  readonly faultAroundPages: number;
  /** Pages that a fault reads around its own, that one included; 0 for none. */
  readonly readaheadPages: number;
  /** Where programs' mappings go. */
  readonly userSpace: UserSpace;
  /** Bounce buffers for DMA, if the machine has any. */
  readonly bouncePool: BouncePool | undefined;
}

/** Everything that a fold reads and makes anew. */
export type Machine = { readonly platform: Platform } & Sealed<typeof SLICES>;

export type { FileRecord, Mm, Process, Records } from '../mm/records.ts';
