/**
 * The page cache: pages of files, found by (file, page). Every file owns a run of slots, one a page; a slot holds
 * the PFN of the cached page or nothing. Shared anonymous memory is a file that is not on disk (as in the kernel).
 * Left out so far: reclaim. A page stays until its file is dropped.
 */
import { COUNTER } from '../counters.js';
import { GFP_HIGHUSER_MOVABLE } from '../event/gfp.js';
import { FRAME, USE_PAGE_CACHE } from '../phys/frames.js';
import { allocPages, freePages } from '../phys/page-alloc.js';
/** Slots that all files together may have: pages of cache, far beyond any RAM. */
export const PAGE_CACHE_SLOTS = 2 ** 31;
/** Makes a file known; its pages get slots. False when no slots are left. */
export function createFile(draft, id, lengthBytes, shmem) {
    const nrPages = Math.max(1, Math.ceil(lengthBytes / 2 ** draft.platform.mmu.pageShift));
    const firstSlot = draft.pageCacheSlots.takeLowest(nrPages);
    if (firstSlot === undefined)
        return false;
    draft.records.setFile(id, { id, lengthBytes, nrPages, firstSlot, shmem, mappings: 0 });
    return true;
}
/** PFN of a cached page, or -1. */
export function cachedPage(draft, file, page) {
    return draft.pageCache.get(file.firstSlot + page, 0) - 1;
}
/** Brings a page into the cache: its PFN, or a negated reason. The cache holds one reference. */
export function fillPage(draft, file, page) {
    const slot = file.firstSlot + page;
    const pfn = allocPages(draft, 0, GFP_HIGHUSER_MOVABLE, USE_PAGE_CACHE, slot);
    if (pfn < 0)
        return pfn;
    draft.pageCache.set(slot, 0, pfn + 1);
    draft.counters[COUNTER.pageCachePages]++;
    const { clearPageNs, diskReadNs } = draft.platform.costs;
    draft.spend(file.shmem ? clearPageNs : diskReadNs);
    return pfn;
}
/** Drops the pages of a file that nobody maps. */
export function dropPages(draft, file) {
    for (let slot = file.firstSlot; slot < file.firstSlot + file.nrPages; slot++) {
        const pfn = draft.pageCache.get(slot, 0) - 1;
        if (pfn < 0 || draft.frames.get(pfn, FRAME.refs) > 1)
            continue;
        draft.pageCache.set(slot, 0, 0);
        draft.counters[COUNTER.pageCachePages]--;
        freePages(draft, pfn);
    }
}
/** Counts a mapping that came or went; shared anonymous memory ends with its last one. */
export function countMapping(draft, id, delta) {
    const file = draft.records.file(id);
    const mappings = file.mappings + delta;
    if (mappings > 0 || !file.shmem) {
        draft.records.setFile(id, { ...file, mappings });
        return;
    }
    dropPages(draft, file);
    draft.pageCacheSlots.release(file.firstSlot, file.firstSlot + file.nrPages);
    draft.records.setFile(id, undefined);
}
//# sourceMappingURL=page-cache.js.map