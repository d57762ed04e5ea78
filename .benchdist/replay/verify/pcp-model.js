/** What is known of the per-cpu lists of all cpus and zones: their pages, their sizes, and who belongs where. */
import { MIGRATE_MOVABLE, MIGRATE_PCPTYPES } from '../../core/phys/migrate.js';
import { zoneOfPfn } from '../../core/phys/page-alloc.js';
import { listCell, listIndex, NR_PCP_HUGE_LISTS, NR_PCP_LISTS, PCP_MAX_ORDER, pcpCell, } from '../../core/phys/pcp-lists.js';
import { KnownLists } from './known-lists.js';
import { PcpTuning } from './pcp-tuning.js';
export const BEFORE_TRACE = 'pages of before the trace on the list';
export const TYPE_UNKNOWN = 'migrate type of the pageblock not seen yet';
/** HPAGE_PMD_ORDER of x86-64: transparent huge pages have lists of their own. */
const HUGE_ORDER = 9;
/** Lists of a cpu in a zone. */
export const LISTS = NR_PCP_LISTS + NR_PCP_HUGE_LISTS;
const CELLS_PER_PCP = pcpCell(0, 1) - pcpCell(0, 0);
/** pcp_allowed_order(): whether blocks of this order go through per-cpu lists. */
export function hasPcpLists(order) {
    return order <= PCP_MAX_ORDER || order === HUGE_ORDER;
}
export class PcpModel {
    lists;
    /** Pages that left a list with no event that says so. */
    untracedPages = 0;
    draft;
    blocks;
    tunings = new Map();
    /** By pageblock of unknown type: its pages that may be on several lists. */
    unsure = new Map();
    constructor(draft, blocks) {
        this.draft = draft;
        this.blocks = blocks;
        this.lists = new KnownLists(draft);
    }
    tuning(cpu, zone) {
        const cell = pcpCell(cpu, zone.index);
        let tuning = this.tunings.get(cell);
        if (tuning === undefined) {
            tuning = new PcpTuning(zone.pcpBatch);
            this.tunings.set(cell, tuning);
        }
        return tuning;
    }
    list(cpu, zone, index) {
        return listCell(pcpCell(cpu, zone.index), index);
    }
    cpuOf(list) {
        return Math.floor(list / pcpCell(1, 0));
    }
    indexOf(list) {
        return ((list % CELLS_PER_PCP) - listCell(0, 0)) / (listCell(0, 1) - listCell(0, 0));
    }
    zoneOf(pfn) {
        return zoneOfPfn(this.draft.platform.zones, pfn);
    }
    /** The lists that a page of this order may be freed to: several when the type of its pageblock is not known. */
    listsForFreed(cpu, pfn, order) {
        const type = this.blocks.listTypeOf(pfn);
        const types = type === undefined ? [...Array(MIGRATE_PCPTYPES).keys()] : [type];
        const indexes = new Set(types.map((candidate) => listIndex(order, candidate)));
        if (indexes.size > 1)
            this.rememberUnsure(pfn);
        const zone = this.zoneOf(pfn);
        return [...indexes].map((index) => this.list(cpu, zone, index));
    }
    rememberUnsure(pfn) {
        const block = pfn >>> this.draft.platform.pageblockOrder;
        const pages = this.unsure.get(block) ?? new Set();
        this.unsure.set(block, pages.add(pfn));
    }
    knowsType(pfn) {
        return this.blocks.typeOf(pfn) !== undefined;
    }
    /** The pageblock has this type; pages of it that may be on several lists are on those of this type. */
    learnType(pfn, type) {
        if (!this.blocks.learn(pfn, type))
            return;
        const block = pfn >>> this.draft.platform.pageblockOrder;
        const listType = type < MIGRATE_PCPTYPES ? type : MIGRATE_MOVABLE;
        for (const page of this.unsure.get(block) ?? []) {
            const wanted = listIndex(this.lists.orderOf(page), listType);
            const list = this.lists.listsOf(page).find((candidate) => this.indexOf(candidate) === wanted);
            if (list !== undefined && !this.lists.isSure(page))
                this.lists.confirm(page, list);
        }
        this.unsure.delete(block);
    }
    /** The page is not on this list any more, or never was: the kernel went past it. */
    passOver(pfn, list) {
        if (this.lists.isSure(pfn))
            this.vanish(pfn, list);
        this.lists.strike(pfn, list);
    }
    passOverAll(list) {
        for (let gone = this.lists.first(list); gone >= 0; gone = this.lists.first(list))
            this.passOver(gone, list);
    }
    /** A page left a list in an event that is not about that list. */
    takeElsewhere(pfn) {
        const [list] = this.lists.listsOf(pfn);
        if (list === undefined)
            return;
        this.vanish(pfn, list);
        this.lists.take(pfn);
    }
    /** A page must have been taken by an allocation without event (alloc_pages_bulk). */
    vanish(pfn, list) {
        const pages = 2 ** this.lists.orderOf(pfn);
        this.untracedPages += pages;
        this.tunings.get(Math.floor(list / CELLS_PER_PCP) * CELLS_PER_PCP)?.onUntraced(pages);
    }
    beginReading() {
        for (const tuning of this.tunings.values())
            tuning.beginReading();
    }
    /** /proc/zoneinfo was read at a moment since `beginReading`. */
    endReading({ zoneinfo = [] }, here, scores) {
        for (const zone of this.draft.platform.zones) {
            const pagesets = zoneinfo.find((candidate) => candidate.zone === zone.name)?.pagesets ?? [];
            for (const pageset of pagesets)
                this.tuning(pageset.cpu, zone).endReading(pageset, zone.name, { ...here, cpu: pageset.cpu }, scores);
        }
    }
    /** Events of a cpu are missing: what is on its lists is anyone's guess. */
    forgetCpu(cpu) {
        for (const zone of this.draft.platform.zones) {
            for (let index = 0; index < LISTS; index++)
                this.lists.forget(this.list(cpu, zone, index));
            this.tuning(cpu, zone).forget();
        }
    }
}
//# sourceMappingURL=pcp-model.js.map