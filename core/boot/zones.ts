/** Zones get their free blocks, all of them movable but those of CMA. */
import type { PfnRange } from '../layout/page-frames.ts';
import type { Draft } from '../machine/draft.ts';
import { blocksOf } from '../phys/blocks.ts';
import { freeBlock } from '../phys/buddy.ts';
import { takeContiguous } from '../phys/contiguous.ts';
import { USE_RESERVED } from '../phys/frames.ts';
import { addToFreeListTail, freePagesCell } from '../phys/free-lists.ts';
import { MIGRATE_CMA, MIGRATE_MOVABLE, setPageblockType } from '../phys/migrate.ts';
import { zoneOfPfn } from '../phys/page-alloc.ts';
import type { Zone } from '../phys/zones.ts';
import { type CmaMemory, cmaRulesOf } from './cma.ts';

/**
 * Low memory goes in block by block, each to the end of its list (memblock_free_all, FPI_TO_TAIL); high memory page by
 * page, each merged block to the front (free_highmem_page): the captured lists of DMA and Normal ascend, those of
 * HighMem descend.
 */
export function releaseZone(draft: Draft, zone: Zone, free: readonly PfnRange[]): void {
  const { pageblockOrder, maxOrder } = draft.platform;
  const last = zone.startPfn + zone.spannedPages;
  for (let pfn = zone.startPfn; pfn < last; pfn += 2 ** pageblockOrder)
    setPageblockType(draft, pfn, MIGRATE_MOVABLE);
  setPageblockType(draft, last - 1, MIGRATE_MOVABLE);
  const blocks = free
    .map(({ start, end }) => ({ start: Math.max(start, zone.startPfn), end: Math.min(end, last) }))
    .filter(({ start, end }) => start < end)
    .flatMap((range) => [...blocksOf(range, maxOrder)]);
  for (const { pfn, order } of blocks) {
    if (zone.name === 'HighMem') freeBlock(draft, zone, pfn, order, MIGRATE_MOVABLE);
    else {
      addToFreeListTail(draft, zone.index, pfn, order, MIGRATE_MOVABLE);
      draft.freeLists[freePagesCell(zone.index)]! += 2 ** order;
    }
  }
}

/**
 * Gives CMA's pageblocks to the allocator once it works (cma_init_reserved_areas, init_cma_reserved_pageblock): ascending,
 * a pageblock at a time. Then the pools for who cannot wait come out of it.
 */
export function releaseCma(draft: Draft, { areas }: CmaMemory): void {
  const { zones, pageblockOrder, layout } = draft.platform;
  for (const { start, end } of areas)
    for (let pfn = start; pfn < end; pfn += 2 ** pageblockOrder) {
      setPageblockType(draft, pfn, MIGRATE_CMA);
      freeBlock(draft, zoneOfPfn(zones, pfn), pfn, pageblockOrder, MIGRATE_CMA);
    }
  const managed = zones.reduce((sum, { managedPages }) => sum + managedPages, 0);
  for (const nrPages of cmaRulesOf(layout).atomicPools(managed, layout.pageShift))
    takeContiguous(draft, nrPages, USE_RESERVED, 0);
}
