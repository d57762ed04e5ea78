/** Zones get their free blocks, all of them movable. */
import type { PfnRange } from '../layout/page-frames.ts';
import type { Draft } from '../machine/draft.ts';
import { freeBlock } from '../phys/buddy.ts';
import { addToFreeListTail, freePagesCell } from '../phys/free-lists.ts';
import { MIGRATE_MOVABLE, setPageblockType } from '../phys/migrate.ts';
import type { Zone } from '../phys/zones.ts';
import { blocksOf } from './blocks.ts';

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
