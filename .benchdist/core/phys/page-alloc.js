/**
 * The page allocator: alloc_pages() and __free_pages() over the zones, their watermarks, the per-cpu lists and the
 * buddy allocator (mm/page_alloc.c, v6.1: get_page_from_freelist, __zone_watermark_ok, __alloc_pages_slowpath).
 *
 * Simplified: there is no reclaim. A request that may reclaim gets the pages of all per-cpu lists before it fails.
 */
import { __GFP_ATOMIC, __GFP_DIRECT_RECLAIM, __GFP_HIGHMEM } from '../event/gfp.js';
import { FRAGMENTED, OUT_OF_LOWMEM, OUT_OF_MEMORY, TOO_LARGE } from '../outcome.js';
import { freeBlock, takeBlock } from './buddy.js';
import { ALLOC_KSWAPD, ALLOC_NOFRAGMENT } from './fallback.js';
import { FRAME } from './frames.js';
import { boostCell, freePagesOf, ordersWithBlocks } from './free-lists.js';
import { migrateTypeOf, pageblockType } from './migrate.js';
import { allocFromPcp, drainAllPcps, freeToPcp } from './pcp.js';
import { PCP_MAX_ORDER } from './pcp-lists.js';
import { GFP_ZONE_MASK, MAX_ORDER, markFor } from './zones.js';
/** alloc_pages(): the PFN of a block of 2^order frames, or the negated reason (OUT_OF_MEMORY ...). */
export function allocPages(draft, order, gfp, use, owner) {
    if (order >= MAX_ORDER)
        return -TOO_LARGE;
    const asked = draft.platform.highestZones[gfp & GFP_ZONE_MASK];
    const flags = gfp & ALLOC_KSWAPD;
    let pfn = allocFromZones(draft, asked, order, gfp, 'low', flags | noFragment(draft, asked));
    if (pfn < 0)
        pfn = allocSlowly(draft, asked, order, gfp, flags);
    if (pfn < 0)
        return -reasonOfFailure(draft, asked, order, gfp);
    const { frames } = draft;
    frames.set(pfn, FRAME.use, use);
    frames.set(pfn, FRAME.order, order);
    frames.set(pfn, FRAME.owner, owner);
    frames.set(pfn, FRAME.refs, 1);
    return pfn;
}
/** __free_pages(): gives back the block that starts at `pfn`. */
export function freePages(draft, pfn) {
    const zone = zoneOfPfn(draft.platform.zones, pfn);
    const order = draft.frames.get(pfn, FRAME.order);
    if (order <= PCP_MAX_ORDER)
        freeToPcp(draft, zone, pfn, order);
    else
        freeBlock(draft, zone, pfn, order, pageblockType(draft, pfn));
}
export function zoneOfPfn(zones, pfn) {
    let i = zones.length - 1;
    while (i > 0 && pfn < zones[i].startPfn)
        i--;
    return zones[i];
}
/**
 * alloc_flags_nofragment(): where DMA32 lies below Normal, a request for Normal tries DMA32 before it mixes
 * types in Normal.
 */
function noFragment(draft, asked) {
    const { zones } = draft.platform;
    return zones[asked].name === 'Normal' && zones[asked - 1]?.name === 'DMA32' ? ALLOC_NOFRAGMENT : 0;
}
/** From the highest zone that the request may use down to the lowest: the first that stays above its mark. */
function allocFromZones(draft, asked, order, gfp, mark, allocFlags) {
    const { zones } = draft.platform;
    const migrateType = migrateTypeOf(gfp);
    for (let i = asked; i >= 0; i--) {
        const zone = zones[i];
        if (!isAboveMark(draft, zone, asked, order, gfp, mark))
            continue;
        const pfn = order <= PCP_MAX_ORDER
            ? allocFromPcp(draft, zone, order, migrateType, allocFlags)
            : takeBlock(draft, zone, order, migrateType, allocFlags);
        if (pfn >= 0)
            return pfn;
    }
    return -1;
}
/** Mixing types is better than going below the low marks; that is better than failing. */
function allocSlowly(draft, asked, order, gfp, flags) {
    let pfn = -1;
    if (noFragment(draft, asked) !== 0)
        pfn = allocFromZones(draft, asked, order, gfp, 'low', flags);
    if (pfn >= 0)
        return pfn;
    if (flags & ALLOC_KSWAPD)
        forgetBoosts(draft);
    pfn = allocFromZones(draft, asked, order, gfp, 'min', flags);
    if (pfn >= 0 || (gfp & __GFP_DIRECT_RECLAIM) === 0)
        return pfn;
    drainAllPcps(draft);
    return allocFromZones(draft, asked, order, gfp, 'min', flags);
}
/** kswapd, woken, works off the boosts; see fallback.ts. */
function forgetBoosts(draft) {
    for (const { index } of draft.platform.zones)
        draft.freeLists[boostCell(index)] = 0;
}
function isAboveMark(draft, zone, asked, order, gfp, mark) {
    const free = freePagesOf(draft, zone.index) - ((1 << order) - 1);
    const ignoresBoost = mark === 'min' && order === 0 && (gfp & __GFP_ATOMIC) !== 0;
    const boost = ignoresBoost ? 0 : draft.freeLists[boostCell(zone.index)];
    if (free <= markFor(zone, gfp, mark, boost) + zone.lowmemReserve[asked])
        return false;
    return order === 0 || ordersWithBlocks(draft, zone.index) >>> order !== 0;
}
/** Free pages of low memory above the low marks: what page tables can surely be taken from, on any cpu. */
export function lowmemHeadroom(draft) {
    let pages = 0;
    for (const zone of draft.platform.zones) {
        if (zone.name === 'HighMem')
            continue;
        const reserve = zone.lowmemReserve[zone.lowmemReserve.length - 1];
        const mark = zone.low + draft.freeLists[boostCell(zone.index)] + reserve;
        // A refill takes a batch at once, for page tables and for user pages.
        pages += Math.max(0, freePagesOf(draft, zone.index) - mark - 2 * zone.pcpBatch);
    }
    return pages;
}
/** Which of the three ways of running out this is: no pages, pages in the wrong place, or pages in pieces. */
function reasonOfFailure(draft, asked, order, gfp) {
    const { zones } = draft.platform;
    const roomy = (zone, against) => freePagesOf(draft, zone.index) - ((1 << order) - 1) >
        markFor(zone, gfp, 'min', 0) + zone.lowmemReserve[against];
    if (zones.slice(0, asked + 1).some((zone) => roomy(zone, asked)))
        return FRAGMENTED;
    const onlyLow = (gfp & __GFP_HIGHMEM) === 0;
    if (onlyLow && zones.some((zone) => zone.name === 'HighMem' && roomy(zone, zone.index)))
        return OUT_OF_LOWMEM;
    return OUT_OF_MEMORY;
}
//# sourceMappingURL=page-alloc.js.map