/**
 * What page frames are used for, counted as the kernel's vmstat counters count them, and the LRU lists that they are
 * on. A machine that does not reclaim keeps no lists: pages are counted where the kernel puts new ones, on the inactive
 * ones. Locked pages count as unevictable, though a machine that reclaims leaves them on its other lists.
 */
import { SLAB_RECLAIM_ACCOUNT } from '../../core/event/slab-flags.ts';
import type { Machine } from '../../core/machine/machine.ts';
import { endVpn, VM_LOCKED } from '../../core/mm/vma.ts';
import { ACTIVE_ANON, ACTIVE_FILE } from '../../core/pages/lru.ts';
import { lruSize, lruSizeOfZone } from '../../core/pages/lru-links.ts';
import { slotOfPage } from '../../core/pages/swap.ts';
import { isSwapPte, PTE_SPECIAL, pteFrame } from '../../core/paging/pte.ts';
import { findLeaf, pageSpan } from '../../core/paging/table-walk.ts';
import {
  FRAME,
  frameOwner,
  USE_ANON,
  USE_KERNEL_STACK,
  USE_KMALLOC_LARGE,
  USE_NONE,
  USE_PAGE_CACHE,
  USE_SLAB,
} from '../../core/phys/frames.ts';
import { zoneOfPfn } from '../../core/phys/page-alloc.ts';
import { CACHE, SLAB } from '../../core/slab/tables.ts';

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
  /** Slabs of caches whose objects can be reclaimed (SLAB_RECLAIM_ACCOUNT). */
  reclaimableSlab: number;
  kernelStack: number;
  /** Pages that mlock() keeps: private or shared memory, and of files. */
  lockedAnon: number;
  lockedFile: number;
}

const NONE: Readonly<PageUses> = {
  anon: 0,
  cache: 0,
  shmem: 0,
  mapped: 0,
  slab: 0,
  reclaimableSlab: 0,
  kernelStack: 0,
  lockedAnon: 0,
  lockedFile: 0,
};

/** Pages by LRU list, as the kernel's reports have them. */
export interface LruFigures {
  readonly inactiveAnon: number;
  readonly activeAnon: number;
  readonly inactiveFile: number;
  readonly activeFile: number;
  readonly unevictable: number;
}

/** Of a machine, or of one of its zones. `uses` are those of the same pages. */
export function lruFigures(machine: Machine, uses: PageUses, zone?: number): LruFigures {
  const { anon, cache, shmem, lockedAnon, lockedFile } = uses;
  const listed = (list: number): number =>
    zone === undefined ? lruSize(machine, list) : lruSizeOfZone(machine, list, zone);
  const activeAnon = listed(ACTIVE_ANON);
  const activeFile = listed(ACTIVE_FILE);
  return {
    activeAnon,
    activeFile,
    // Locked pages are counted apart, but may be on an active list here.
    inactiveAnon: Math.max(0, anon + shmem - lockedAnon - activeAnon),
    inactiveFile: Math.max(0, cache - shmem - lockedFile - activeFile),
    unevictable: lockedAnon + lockedFile,
  };
}

/** By zone index. */
export function usesByZone(machine: Machine): PageUses[] {
  const { zones } = machine.platform;
  const uses = zones.map(() => ({ ...NONE }));
  const { stride } = machine.frames.shape;
  machine.frames.forEachLeaf((leaf, firstPfn) => {
    for (let at = FRAME.use, pfn = firstPfn; at < leaf.length; at += stride, pfn++)
      if (leaf[at] !== USE_NONE) countBlock(machine, pfn, uses[zoneOfPfn(zones, pfn).index]!);
  });
  const shmem = new Set(shmemFrames(machine));
  for (const pfn of shmem) uses[zoneOfPfn(zones, pfn).index]!.shmem++;
  for (const pfn of lockedFrames(machine)) {
    const isFile = machine.frames.get(pfn, FRAME.use) === USE_PAGE_CACHE && !shmem.has(pfn);
    uses[zoneOfPfn(zones, pfn).index]![isFile ? 'lockedFile' : 'lockedAnon']++;
  }
  return uses;
}

export function totalUses(machine: Machine): PageUses {
  const total = { ...NONE };
  for (const uses of usesByZone(machine))
    for (const use of Object.keys(total) as (keyof PageUses)[]) total[use] += uses[use];
  return total;
}

/** Of the page cache, which holds a reference of its own, what has another one is mapped. */
function countBlock(machine: Machine, pfn: number, uses: PageUses): void {
  const { frames } = machine;
  const use = frames.get(pfn, FRAME.use);
  const pages = 2 ** frames.get(pfn, FRAME.order);
  if (use === USE_ANON) uses.anon += isOnlySwapCached(machine, pfn) ? 0 : pages;
  else if (use === USE_KERNEL_STACK) uses.kernelStack += pages;
  else if (use === USE_PAGE_CACHE) {
    uses.cache += pages;
    if (frames.get(pfn, FRAME.refs) > 1) uses.mapped += pages;
  } else if (use === USE_SLAB || use === USE_KMALLOC_LARGE) {
    uses.slab += pages;
    if (use === USE_SLAB && isReclaimable(machine, frameOwner(frames, pfn))) uses.reclaimableSlab += pages;
  }
}

/** On its way to the swap area or back: no process maps it. */
function isOnlySwapCached(machine: Machine, pfn: number): boolean {
  return slotOfPage(machine, pfn) !== 0 && machine.frames.get(pfn, FRAME.refs) === 1;
}

function isReclaimable({ slabs, slabCaches }: Machine, slab: number): boolean {
  const cache = slabs.get(slab, SLAB.cache) - 1;
  return (slabCaches.get(cache, CACHE.flags) & SLAB_RECLAIM_ACCOUNT) !== 0;
}

/** Frames that some process maps in a VMA that is locked. */
function lockedFrames(machine: Machine): Set<number> {
  const frames = new Set<number>();
  for (const mm of Object.values(machine.records.mms))
    for (const vma of mm.vmas.toArray().filter(({ flags }) => (flags & VM_LOCKED) !== 0))
      for (let vpn = vma.startVpn; vpn < endVpn(vma); vpn++) {
        const { pte, level } = findLeaf(machine, mm.root, vpn);
        if (pte === 0 || isSwapPte(pte) || (pte & PTE_SPECIAL) !== 0) continue;
        frames.add(pteFrame(pte) + (vpn % pageSpan(machine.platform.mmu, level)));
      }
  return frames;
}

function* shmemFrames({ records, pageCache }: Machine): Generator<number> {
  for (const { shmem, firstSlot, nrPages } of Object.values(records.files)) {
    for (let slot = firstSlot; shmem && slot < firstSlot + nrPages; slot++) {
      const pfn = pageCache.get(slot, 0) - 1;
      if (pfn >= 0) yield pfn;
    }
  }
}
