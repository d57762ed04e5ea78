/** State of the kernel's windows: vmalloc areas, kmap and kmap_local slots. */
import { ranges, table } from '../state/parts.ts';
import { RangeSet } from '../state/ranges.ts';
import { holesBetween, windowOf } from './kernel-areas.ts';

export const kmapState = {
  /** Holes of the vmalloc window, as page numbers. */
  vmallocHoles: ranges(100, ({ layout, kernelAreas }) => holesBetween(windowOf(layout), kernelAreas)),
  /** Of that window: areas that were freed but cannot be used again before a purge; see areas.ts. */
  vmallocLazy: ranges(110, () => RangeSet.empty()),
  /** pkmap slot: PFN + 1 and use count. */
  kmapSlots: table(10, { cells: 'int32', stride: 2, leafBits: 5 }),
  /** Slot of kmap_local(), KMAP_LOCAL_SLOTS a cpu: PFN + 1; see kmap-local.ts. */
  kmapLocal: table(14, { cells: 'int32', stride: 1, leafBits: 4 }),
};

/** Its single numbers: indexes of `vars`. */
export const KMAP_VAR = {
  /** The slot that the last kmap() took (last_pkmap_nr in mm/highmem.c). */
  lastKmap: 5,
  /** Pages in `vmallocLazy` (vmap_lazy_nr in mm/vmalloc.c). */
  vmapLazyPages: 10,
} as const;
