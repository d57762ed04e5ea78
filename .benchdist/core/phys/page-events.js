import { forgetKmaps } from '../kmap/kmap.js';
import { EXISTS, NO_OBJECT, OK } from '../outcome.js';
import { NO_CLASS, OBJECT, PAGES } from '../state/objects.js';
import { USE_PAGES } from './frames.js';
import { nameFrames, pageBytes } from './name-frames.js';
import { allocPages, freePages } from './page-alloc.js';
export const pageAlloc = (draft, { object, a: order, b: gfp }, result) => {
    draft.spend(draft.platform.costs.pageAllocNs);
    if (draft.objects.get(object, OBJECT.class) !== NO_CLASS)
        return EXISTS;
    const pfn = allocPages(draft, order, gfp, USE_PAGES, object);
    if (pfn < 0)
        return -pfn;
    nameFrames(draft, object, PAGES, pfn, pageBytes(draft) << order, result);
    draft.objects.set(object, OBJECT.extra, order);
    return OK;
};
export const pageFree = (draft, { cpu, object }) => {
    draft.spend(draft.platform.costs.pageFreeNs);
    if (draft.objects.get(object, OBJECT.class) !== PAGES)
        return NO_OBJECT;
    const pfn = draft.objects.get(object, OBJECT.pfn);
    if (draft.objects.get(object, OBJECT.vpn) < 0)
        forgetKmaps(draft, cpu, pfn, 1 << draft.objects.get(object, OBJECT.extra));
    freePages(draft, pfn);
    draft.objects.clear(object);
    return OK;
};
//# sourceMappingURL=page-events.js.map