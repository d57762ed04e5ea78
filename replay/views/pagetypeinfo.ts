/** /proc/pagetypeinfo of a machine (pagetypeinfo_show of mm/vmstat.c, v6.1): free blocks and pageblocks by migrate type. */
import { pfnValid } from '../../core/layout/convert.ts';
import type { Machine } from '../../core/machine/machine.ts';
import type { Zone } from '../../core/phys/zones.ts';
import { formatPagetypeinfo, type Pagetypeinfo } from '../../traces/index.ts';
import { freeBlocksOfType, migrateTypes } from './free-counts.ts';
import { viewOf } from './view.ts';

export const pagetypeinfo = viewOf(
  'pagetypeinfo',
  'free blocks by zone, migrate type and order, and pageblocks by type',
  figures,
  formatPagetypeinfo,
);

function figures(machine: Machine): Pagetypeinfo {
  const { zones, pageblockOrder } = machine.platform;
  return {
    pageblockOrder,
    pagesPerBlock: 2 ** pageblockOrder,
    free: zones.flatMap((zone) =>
      migrateTypes(machine).map((name, type) => freeRow(zone, name, freeBlocksOfType(machine, zone, type))),
    ),
    blocks: zones.map((zone) => ({ node: 0, zone: zone.name, blocks: pageblocks(machine, zone) })),
    mixedBlocks: [],
  };
}

/** The kernel counts no further than this: it would hold the zone's lock for too long. */
const MOST_COUNTED = 100_000;

function freeRow(zone: Zone, migrateType: string, counts: readonly number[]): Pagetypeinfo['free'][number] {
  return {
    node: 0,
    zone: zone.name,
    migrateType,
    freeBlocks: counts.map((count) => Math.min(count, MOST_COUNTED)),
    uncounted: counts.flatMap((count, order) => (count >= MOST_COUNTED ? [order] : [])),
  };
}

/**
 * By migrate type: pageblocks of the zone. The kernel looks every 2^pageblock_order pages from the zone's start on,
 * as far as there is a struct page: in sparse memory only in sections that hold RAM.
 */
function pageblocks(machine: Machine, { startPfn, spannedPages }: Zone): Record<string, number> {
  const { platform, pageblocks } = machine;
  const { layout, pageblockOrder } = platform;
  const types = migrateTypes(machine);
  const counts = types.map(() => 0);
  for (let pfn = startPfn; pfn < startPfn + spannedPages; pfn += 2 ** pageblockOrder) {
    if (!pfnValid(layout, BigInt(pfn))) continue;
    counts[pageblocks.get(pfn >>> pageblockOrder, 0)]!++;
  }
  return Object.fromEntries(types.map((name, type) => [name, counts[type]!]));
}
