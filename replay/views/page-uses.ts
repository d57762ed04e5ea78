/**
 * What page frames are used for, counted as the kernel's vmstat counters count them. The machine has no LRU lists:
 * pages are counted where the kernel puts new ones, on the inactive lists.
 */
import {
  FRAME,
  USE_ANON,
  USE_KERNEL_STACK,
  USE_KMALLOC_LARGE,
  USE_PAGE_CACHE,
  USE_SLAB,
} from '../../core/phys/frames.ts';
import { zoneOfPfn } from '../../core/phys/page-alloc.ts';
import type { Machine } from '../../core/state/machine.ts';

/** In pages. */
export interface PageUses {
  /** Private pages of processes. */
  anon: number;
  /** Page cache, shared memory included. */
  cache: number;
  shmem: number;
  /** Page cache that some process maps. */
  mapped: number;
  /** Slabs, and kmalloc too large for one. */
  slab: number;
  kernelStack: number;
}

/** By zone index. */
export function usesByZone(machine: Machine): PageUses[] {
  const { zones } = machine.platform;
  const uses = zones.map(() => ({ anon: 0, cache: 0, shmem: 0, mapped: 0, slab: 0, kernelStack: 0 }));
  const { stride } = machine.frames.shape;
  machine.frames.forEachLeaf((leaf, firstPfn) => {
    for (let at = 0, pfn = firstPfn; at < leaf.length; at += stride, pfn++) {
      const use = leaf[at + FRAME.use]!;
      if (use === 0) continue;
      const pages = 2 ** leaf[at + FRAME.order]!;
      countUse(uses[zoneOfPfn(zones, pfn).index]!, use, pages, leaf[at + FRAME.refs]!);
    }
  });
  for (const pfn of shmemFrames(machine)) uses[zoneOfPfn(zones, pfn).index]!.shmem++;
  return uses;
}

export function totalUses(machine: Machine): PageUses {
  return usesByZone(machine).reduce((sum, uses) => ({
    anon: sum.anon + uses.anon,
    cache: sum.cache + uses.cache,
    shmem: sum.shmem + uses.shmem,
    mapped: sum.mapped + uses.mapped,
    slab: sum.slab + uses.slab,
    kernelStack: sum.kernelStack + uses.kernelStack,
  }));
}

/** The page cache holds a reference of its own. */
function countUse(uses: PageUses, use: number, pages: number, references: number): void {
  if (use === USE_ANON) uses.anon += pages;
  else if (use === USE_SLAB || use === USE_KMALLOC_LARGE) uses.slab += pages;
  else if (use === USE_KERNEL_STACK) uses.kernelStack += pages;
  else if (use === USE_PAGE_CACHE) {
    uses.cache += pages;
    if (references > 1) uses.mapped += pages;
  }
}

function* shmemFrames({ records, pageCache }: Machine): Generator<number> {
  for (const { shmem, firstSlot, nrPages } of Object.values(records.files)) {
    for (let slot = firstSlot; shmem && slot < firstSlot + nrPages; slot++) {
      const pfn = pageCache.get(slot, 0) - 1;
      if (pfn >= 0) yield pfn;
    }
  }
}
