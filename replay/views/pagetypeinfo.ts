/** /proc/pagetypeinfo of a machine (pagetypeinfo_show of mm/vmstat.c, v6.1): free blocks and pageblocks by migrate type. */
import type { Layout } from '../../core/layout/layout.ts';
import type { Zone } from '../../core/phys/zones.ts';
import type { Machine } from '../../core/state/machine.ts';
import { formatPagetypeinfo, type Pagetypeinfo } from '../../traces/index.ts';
import { freeBlocksByType, MIGRATE_TYPES, pageblocksByType } from './free-counts.ts';
import { viewOf } from './view.ts';

export const pagetypeinfo = viewOf(
  'pagetypeinfo',
  'free blocks by zone, migrate type and order, and pageblocks by type',
  figures,
  formatPagetypeinfo,
);

function figures(machine: Machine): Pagetypeinfo {
  const { zones, layout } = machine.platform;
  const pageblockOrder = pageblockOrderOf(layout);
  return {
    pageblockOrder,
    pagesPerBlock: 2 ** pageblockOrder,
    free: zones.flatMap((zone) => {
      const counts = freeBlocksByType(machine, zone);
      return MIGRATE_TYPES.map((migrateType, type) => freeRow(zone, migrateType, counts[type]!));
    }),
    blocks: zones.map((zone) => {
      const counts = pageblocksByType(machine, pageblocksOf(layout, zone, 2 ** pageblockOrder));
      const blocks = Object.fromEntries(MIGRATE_TYPES.map((type, i) => [type, counts[i]!]));
      return { node: 0, zone: zone.name, blocks };
    }),
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

/** HUGETLB_PAGE_ORDER, but at most the largest order of the buddy allocator. */
function pageblockOrderOf({ translation }: Layout): number {
  return Math.min(translation.levels.at(-1)!.bits, 10);
}

/**
 * PFNs at which the kernel looks for pageblocks: every 2^pageblock_order pages from the zone's start on, as far as
 * there is a struct page: on 64 bits (SPARSEMEM) only in sections of 128 MiB that hold RAM.
 */
function pageblocksOf(layout: Layout, { startPfn, spannedPages }: Zone, pagesPerBlock: number): number[] {
  const pfns: number[] = [];
  for (let pfn = startPfn; pfn < startPfn + spannedPages; pfn += pagesPerBlock)
    if (layout.wordBits === 32 || sectionHasRam(layout, pfn)) pfns.push(pfn);
  return pfns;
}

/** SECTION_SIZE_BITS of arch/x86/include/asm/sparsemem.h, v6.1. */
const SECTION_BITS = 27n;

function sectionHasRam({ ram, pageShift }: Layout, pfn: number): boolean {
  const sectionOf = (address: bigint): bigint => address >> SECTION_BITS;
  const section = sectionOf(BigInt(pfn) << BigInt(pageShift));
  return ram.some(({ start, end }) => sectionOf(start) <= section && section <= sectionOf(end - 1n));
}
