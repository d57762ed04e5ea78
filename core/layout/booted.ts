/**
 * A booted kernel: what is known of the address space of one port's kernel once it is up, beside the layout's regions.
 * What it maps and with which rights, how it tells of that, the constants of its headers.
 */

import type { PhysicalResource } from './firmware/resources.ts';
import type { AddressRange, Layout } from './layout.ts';
import type { PfnRange } from './page-frames.ts';

/** Frames of the direct map that are not plain data: writable and not executable. */
export interface Rights extends PfnRange {
  readonly writable: boolean;
  readonly executable: boolean;
}

/** Virtual addresses [start, end) that are mapped alike. Kernel pages are global, accessed and dirty. */
export interface KernelMapping extends AddressRange {
  /** The frame at `start`; undefined where boot takes any frame. */
  readonly pfn: number | undefined;
  /** Frames of one page: 1, or those of a large page. */
  readonly pageFrames: number;
  readonly writable: boolean;
  readonly executable: boolean;
  /** Device registers: not cached. */
  readonly uncached: boolean;
  /** User mode may read it too. */
  readonly user?: boolean;
}

/** Frames that one page size maps. */
export interface PageRun extends PfnRange {
  readonly pageFrames: number;
}

/** Where a part of the listing of page tables begins. */
export interface DumpMarker {
  readonly name: string;
  readonly start: bigint;
}

/** By the kernel's name. */
export type KernelConstants = Readonly<Record<string, bigint>>;

export interface BootedKernel {
  /** All of it was compared with booted kernels; else it is as books draw it. */
  readonly isChecked: boolean;
  /** What is mapped of the direct map, and by which pages, where it is not all RAM by the largest that fit. */
  directMapRuns?(layout: Layout): readonly PageRun[];
  /** /proc/iomem, where it is not made as on x86. */
  resources?(layout: Layout): readonly PhysicalResource[];
  /** Parts of the direct map with other rights than data. */
  specialRights(layout: Layout): readonly Rights[];
  /** What is mapped beside the direct map. */
  otherMappings(layout: Layout): readonly KernelMapping[];
  /** Pages of the direct map that the kernel counts and does not have (DirectMap... of /proc/meminfo), by their frames. */
  miscounted(layout: Layout): ReadonlyMap<number, number>;
  /** Where last-level tables are from boot on, although they may be empty. */
  emptyTables(layout: Layout): readonly AddressRange[];
  /** Its listing of page tables has a form that is not known here. */
  readonly hasOtherListing?: boolean;
  /** Parts of the listing of page tables, ascending; the first one begins at 0. */
  markers(layout: Layout): readonly DumpMarker[];
  /** Entries of the root, from the kernel's half on, that the listing leaves out. */
  readonly unlistedRootEntries: number;
  /** Constants of its headers, beside those that every layout has. */
  constants(layout: Layout): KernelConstants;
  /** The kmap window, also of a kernel without high memory whose headers say where it would be. */
  pkmapMacros(layout: Layout): Layout['pkmap'];
}
