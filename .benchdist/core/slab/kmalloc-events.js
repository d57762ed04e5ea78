/** kmalloc and kfree: small requests from the slabs of the kmalloc caches, large ones from the page allocator. */
import { __GFP_DMA32, __GFP_HIGHMEM } from '../event/gfp.js';
import { EXISTS, NO_OBJECT, OK, TOO_LARGE } from '../outcome.js';
import { USE_KMALLOC_LARGE } from '../phys/frames.js';
import { nameFrames, nameSlabObject, pageBytes } from '../phys/name-frames.js';
import { allocPages, freePages } from '../phys/page-alloc.js';
import { MAX_ORDER } from '../phys/zones.js';
import { KMALLOC, KMALLOC_LARGE, KMALLOC_NOTHING, NO_CLASS, OBJECT } from '../state/objects.js';
import { orderFor } from './geometry.js';
import { kmallocRow, largestCacheBytes } from './kmalloc-caches.js';
import { slabAlloc, slabFree } from './slab.js';
import { CACHE } from './tables.js';
const taken = { slab: 0, index: 0 };
export const kmalloc = (draft, { object, a: sizeBytes, b: gfp }, result) => {
    draft.spend(draft.platform.costs.kmallocNs);
    if (draft.objects.get(object, OBJECT.class) !== NO_CLASS)
        return EXISTS;
    if (sizeBytes === 0)
        return kmallocNothing(draft, object);
    if (sizeBytes > largestCacheBytes(pageBytes(draft)))
        return kmallocLarge(draft, object, sizeBytes, gfp, result);
    const cache = kmallocRow(draft.platform.kmallocRows, sizeBytes, gfp);
    const failure = slabAlloc(draft, cache, gfp, taken);
    if (failure < 0)
        return -failure;
    const usableBytes = draft.slabCaches.get(cache, CACHE.sizeBytes); // ksize()
    nameSlabObject(draft, object, KMALLOC, cache, taken, usableBytes, result);
    return OK;
};
export const kfree = (draft, { object }) => {
    draft.spend(draft.platform.costs.kfreeNs);
    const { objects } = draft;
    const cls = objects.get(object, OBJECT.class);
    if (cls === KMALLOC)
        slabFree(draft, objects.get(object, OBJECT.extra), objects.get(object, OBJECT.detail));
    else if (cls === KMALLOC_LARGE)
        freePages(draft, objects.get(object, OBJECT.pfn));
    else if (cls !== KMALLOC_NOTHING)
        return NO_OBJECT;
    objects.clear(object);
    return OK;
};
/** A request of no bytes gets ZERO_SIZE_PTR, which may be freed and points to no memory. */
function kmallocNothing({ objects }, object) {
    objects.set(object, OBJECT.class, KMALLOC_NOTHING);
    objects.set(object, OBJECT.vpn, -1);
    return OK;
}
/** More than two pages: a power of two of them (kmalloc_large, mm/slab_common.c, v6.1), never in high memory. */
function kmallocLarge(draft, object, sizeBytes, gfp, result) {
    const order = orderFor(sizeBytes, pageBytes(draft));
    if (order >= MAX_ORDER)
        return TOO_LARGE;
    const lowGfp = gfp & ~(__GFP_HIGHMEM | __GFP_DMA32);
    const pfn = allocPages(draft, order, lowGfp, USE_KMALLOC_LARGE, object);
    if (pfn < 0)
        return -pfn;
    nameFrames(draft, object, KMALLOC_LARGE, pfn, pageBytes(draft) << order, result);
    return OK;
}
//# sourceMappingURL=kmalloc-events.js.map