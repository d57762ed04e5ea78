import { MIGRATE_MOVABLE, MIGRATE_PCPTYPES } from './migrate.js';
import { MAX_ZONES } from './zones.js';
/** PAGE_ALLOC_COSTLY_ORDER: larger blocks go straight to the buddy allocator, but for huge pages where they have lists. */
export const PCP_MAX_ORDER = 3;
/** Lists of one cpu in one zone for the small orders: by order, then by migrate type. */
export const NR_PCP_LISTS = (PCP_MAX_ORDER + 1) * MIGRATE_PCPTYPES;
/** Lists behind those, for huge pages: not movable, movable. The simulated kernel leaves them empty. */
export const NR_PCP_HUGE_LISTS = 2;
/** Cells of `pcps` for each cpu and zone: pages on all lists; log2 by which the next batch given back grows. */
export const PCP_COUNT = 0;
export const PCP_FREE_FACTOR = 1;
/** Then two of each list: the positions of its first entry and behind its last one. */
const LISTS = 2;
export const LIST_FIRST = 0;
export const LIST_END = 1;
const LIST_CELLS = 2;
const PCP_CELLS = LISTS + LIST_CELLS * (NR_PCP_LISTS + NR_PCP_HUGE_LISTS);
/** Cells of one cpu. */
export const PCP_CELLS_PER_CPU = PCP_CELLS * MAX_ZONES;
/** First cell of what a cpu has of a zone. */
export function pcpCell(cpu, zone) {
    return cpu * PCP_CELLS_PER_CPU + zone * PCP_CELLS;
}
/** order_to_pindex(): the lists in the order in which they are drained. */
export function listIndex(order, migrateType) {
    if (order > PCP_MAX_ORDER)
        return NR_PCP_LISTS + (migrateType === MIGRATE_MOVABLE ? 1 : 0);
    return order * MIGRATE_PCPTYPES + migrateType;
}
/** First cell of a list. */
export function listCell(pcp, index) {
    return pcp + LISTS + LIST_CELLS * index;
}
/** Row of `pcpPages` of a position of a list. */
export function entryRow({ platform }, list, position) {
    const { pcpListBits } = platform;
    return ((list >>> 1) << pcpListBits) | (position & ((1 << pcpListBits) - 1));
}
/** Makes a page the next one to be given. The caller counts it. */
export function pushFirst(draft, list, pfn) {
    const first = (draft.pcps[list + LIST_FIRST] - 1) | 0;
    draft.pcps[list + LIST_FIRST] = first;
    draft.pcpPages.set(entryRow(draft, list, first), 0, pfn + 1);
}
/** Takes the first page off a list that is not empty. */
export function takeFirst(draft, list) {
    const first = draft.pcps[list + LIST_FIRST];
    draft.pcps[list + LIST_FIRST] = (first + 1) | 0;
    return takeEntry(draft, entryRow(draft, list, first));
}
/** Takes the last page off a list that is not empty. */
export function takeLast(draft, list) {
    const last = (draft.pcps[list + LIST_END] - 1) | 0;
    draft.pcps[list + LIST_END] = last;
    return takeEntry(draft, entryRow(draft, list, last));
}
function takeEntry({ pcpPages }, entry) {
    const pfn = pcpPages.get(entry, 0) - 1;
    pcpPages.set(entry, 0, 0);
    return pfn;
}
/** Pages on all lists of a cpu in a zone: `count` of /proc/zoneinfo's pagesets. */
export function pcpCount(of, cpu, zone) {
    return of.pcps[pcpCell(cpu, zone) + PCP_COUNT] ?? 0;
}
/** The first frames of the blocks on one list, the one that is given next first. */
export function pcpList(of, cpu, zone, order, migrateType) {
    const list = listCell(pcpCell(cpu, zone), listIndex(order, migrateType));
    return Array.from({ length: entriesOf(of, list) }, (_, i) => entryAt(of, list, i));
}
/** Entries of a list. */
export function entriesOf({ pcps }, list) {
    return ((pcps[list + LIST_END] ?? 0) - (pcps[list + LIST_FIRST] ?? 0)) | 0;
}
/** First frame of an entry; 0 is the one that is given next. */
export function entryAt(of, list, i) {
    return of.pcpPages.get(entryRow(of, list, of.pcps[list + LIST_FIRST] + i), 0) - 1;
}
//# sourceMappingURL=pcp-lists.js.map