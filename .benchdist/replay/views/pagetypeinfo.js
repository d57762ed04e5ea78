import { formatPagetypeinfo } from '../../traces/index.js';
import { freeBlocksOfType, MIGRATE_TYPES } from './free-counts.js';
import { viewOf } from './view.js';
export const pagetypeinfo = viewOf('pagetypeinfo', 'free blocks by zone, migrate type and order, and pageblocks by type', figures, formatPagetypeinfo);
function figures(machine) {
    const { zones, pageblockOrder } = machine.platform;
    return {
        pageblockOrder,
        pagesPerBlock: 2 ** pageblockOrder,
        free: zones.flatMap((zone) => MIGRATE_TYPES.map((name, type) => freeRow(zone, name, freeBlocksOfType(machine, zone, type)))),
        blocks: zones.map((zone) => ({ node: 0, zone: zone.name, blocks: pageblocks(machine, zone) })),
        mixedBlocks: [],
    };
}
/** The kernel counts no further than this: it would hold the zone's lock for too long. */
const MOST_COUNTED = 100_000;
function freeRow(zone, migrateType, counts) {
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
 * as far as there is a struct page: on 64 bits (SPARSEMEM) only in sections of 128 MiB that hold RAM.
 */
function pageblocks({ platform, pageblocks }, { startPfn, spannedPages }) {
    const { layout, pageblockOrder } = platform;
    const counts = MIGRATE_TYPES.map(() => 0);
    for (let pfn = startPfn; pfn < startPfn + spannedPages; pfn += 2 ** pageblockOrder) {
        if (layout.wordBits === 64 && !sectionHasRam(layout, pfn))
            continue;
        counts[pageblocks.get(pfn >>> pageblockOrder, 0)]++;
    }
    return Object.fromEntries(MIGRATE_TYPES.map((name, type) => [name, counts[type]]));
}
/** SECTION_SIZE_BITS of arch/x86/include/asm/sparsemem.h, v6.1. */
const SECTION_BITS = 27n;
function sectionHasRam({ ram, pageShift }, pfn) {
    const sectionOf = (address) => address >> SECTION_BITS;
    const section = sectionOf(BigInt(pfn) << BigInt(pageShift));
    return ram.some(({ start, end }) => sectionOf(start) <= section && section <= sectionOf(end - 1n));
}
//# sourceMappingURL=pagetypeinfo.js.map