/**
 * What page frames are used for, counted as the kernel's vmstat counters count them. The machine has no LRU lists:
 * pages are counted where the kernel puts new ones, on the inactive lists.
 */
import { SLAB_RECLAIM_ACCOUNT } from '../../core/event/slab-flags.js';
import { FRAME, frameOwner, USE_ANON, USE_KERNEL_STACK, USE_KMALLOC_LARGE, USE_NONE, USE_PAGE_CACHE, USE_SLAB, } from '../../core/phys/frames.js';
import { zoneOfPfn } from '../../core/phys/page-alloc.js';
import { CACHE, SLAB } from '../../core/slab/tables.js';
const NONE = {
    anon: 0,
    cache: 0,
    shmem: 0,
    mapped: 0,
    slab: 0,
    reclaimableSlab: 0,
    kernelStack: 0,
};
/** By zone index. */
export function usesByZone(machine) {
    const { zones } = machine.platform;
    const uses = zones.map(() => ({ ...NONE }));
    const { stride } = machine.frames.shape;
    machine.frames.forEachLeaf((leaf, firstPfn) => {
        for (let at = FRAME.use, pfn = firstPfn; at < leaf.length; at += stride, pfn++)
            if (leaf[at] !== USE_NONE)
                countBlock(machine, pfn, uses[zoneOfPfn(zones, pfn).index]);
    });
    for (const pfn of shmemFrames(machine))
        uses[zoneOfPfn(zones, pfn).index].shmem++;
    return uses;
}
export function totalUses(machine) {
    const total = { ...NONE };
    for (const uses of usesByZone(machine))
        for (const use of Object.keys(total))
            total[use] += uses[use];
    return total;
}
/** Of the page cache, which holds a reference of its own, what has another one is mapped. */
function countBlock(machine, pfn, uses) {
    const { frames } = machine;
    const use = frames.get(pfn, FRAME.use);
    const pages = 2 ** frames.get(pfn, FRAME.order);
    if (use === USE_ANON)
        uses.anon += pages;
    else if (use === USE_KERNEL_STACK)
        uses.kernelStack += pages;
    else if (use === USE_PAGE_CACHE) {
        uses.cache += pages;
        if (frames.get(pfn, FRAME.refs) > 1)
            uses.mapped += pages;
    }
    else if (use === USE_SLAB || use === USE_KMALLOC_LARGE) {
        uses.slab += pages;
        if (use === USE_SLAB && isReclaimable(machine, frameOwner(frames, pfn)))
            uses.reclaimableSlab += pages;
    }
}
function isReclaimable({ slabs, slabCaches }, slab) {
    const cache = slabs.get(slab, SLAB.cache) - 1;
    return (slabCaches.get(cache, CACHE.flags) & SLAB_RECLAIM_ACCOUNT) !== 0;
}
function* shmemFrames({ records, pageCache }) {
    for (const { shmem, firstSlot, nrPages } of Object.values(records.files)) {
        for (let slot = firstSlot; shmem && slot < firstSlot + nrPages; slot++) {
            const pfn = pageCache.get(slot, 0) - 1;
            if (pfn >= 0)
                yield pfn;
        }
    }
}
//# sourceMappingURL=page-uses.js.map