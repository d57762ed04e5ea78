const PAGE_SPAN = 2 ** 45;
const SIZE_CLASSES = 4;
export function keyBase(asid, sizeClass) {
    return (1 + asid * SIZE_CLASSES + sizeClass) * PAGE_SPAN;
}
export function keyTag(key) {
    return Math.floor(Math.abs(key) / PAGE_SPAN) - 1;
}
export function keyPage(key) {
    const positive = Math.abs(key);
    return positive - Math.floor(positive / PAGE_SPAN) * PAGE_SPAN;
}
export function tagAsid(tag) {
    return Math.floor(tag / SIZE_CLASSES);
}
export function tagSizeClass(tag) {
    return tag % SIZE_CLASSES;
}
export function tlbParts(mmu) {
    const l1d = mmu.l1i.sets * mmu.l1i.ways;
    const l2 = l1d + mmu.l1d.sets * mmu.l1d.ways;
    const walkKeys = l2 + mmu.l2.sets * mmu.l2.ways;
    const walkTables = walkKeys + mmu.walkCacheEntries;
    return { l1i: 0, l1d, l2, walkKeys, walkTables, length: walkTables + mmu.walkCacheEntries };
}
export const MISS = 0;
export const HIT = 1;
/** A store hit an entry that is not known to be dirty. */
export const HIT_CLEAN = 2;
/**
 * Looks a key up in the set that starts at `first`, and makes it the most recent entry whether or not it was
 * there: a miss always fills. The entry pushed out of the last way is gone.
 */
export function touch(tlb, first, ways, key, store) {
    let pushed = tlb[first];
    if (pushed === key && !store)
        return HIT;
    if (pushed === -key)
        return HIT;
    tlb[first] = store ? -key : key;
    if (pushed === key)
        return HIT_CLEAN;
    const end = first + ways;
    for (let way = first + 1; way < end; way++) {
        const entry = tlb[way];
        tlb[way] = pushed;
        if (entry === key)
            return store ? HIT_CLEAN : HIT;
        if (entry === -key) {
            tlb[first] = entry;
            return HIT;
        }
        pushed = entry;
    }
    return MISS;
}
/** Drops every entry whose key lies in [low, high), and the walk cache, as every invalidation does (SDM 4.10.4.1). */
export function dropKeys(mmu, tlb, low, high) {
    const parts = tlbParts(mmu);
    dropFromSets(tlb, parts.l1i, parts.l1d, mmu.l1i.ways, low, high);
    dropFromSets(tlb, parts.l1d, parts.l2, mmu.l1d.ways, low, high);
    dropFromSets(tlb, parts.l2, parts.walkKeys, mmu.l2.ways, low, high);
    tlb.fill(0, parts.walkKeys, parts.length);
}
/** The same for the base pages [firstKey, firstKey + nrPages), looking at their sets only. */
export function dropPages(mmu, tlb, firstKey, nrPages) {
    const parts = tlbParts(mmu);
    for (let key = firstKey; key < firstKey + nrPages; key++) {
        dropFromSet(tlb, parts.l1i + (key & (mmu.l1i.sets - 1)) * mmu.l1i.ways, mmu.l1i.ways, key, key + 1);
        dropFromSet(tlb, parts.l1d + (key & (mmu.l1d.sets - 1)) * mmu.l1d.ways, mmu.l1d.ways, key, key + 1);
        dropFromSet(tlb, parts.l2 + (key & (mmu.l2.sets - 1)) * mmu.l2.ways, mmu.l2.ways, key, key + 1);
    }
    tlb.fill(0, parts.walkKeys, parts.length);
}
function dropFromSets(tlb, start, end, ways, low, high) {
    for (let set = start; set < end; set += ways)
        dropFromSet(tlb, set, ways, low, high);
}
/** The entries that stay keep their order and move up; behind the first empty one there are no more. */
function dropFromSet(tlb, first, ways, low, high) {
    const end = first + ways;
    let kept = first;
    let way = first;
    for (; way < end; way++) {
        const entry = tlb[way];
        if (entry === 0)
            break;
        const key = Math.abs(entry);
        if (key >= low && key < high)
            continue;
        if (kept !== way)
            tlb[kept] = entry;
        kept++;
    }
    for (; kept < way; kept++)
        tlb[kept] = 0;
}
//# sourceMappingURL=tlb.js.map