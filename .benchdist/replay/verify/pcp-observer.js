/**
 * Watches per-cpu lists: predicts each allocation and refill from what is known of them, then takes over what the
 * kernel did.
 */
import { listIndex } from '../../core/phys/pcp-lists.js';
import { hex } from './here.js';
import { REFILLED } from './known-lists.js';
import { BEFORE_TRACE, TYPE_UNKNOWN } from './pcp-model.js';
export class PcpObserver {
    model;
    drains;
    scores;
    constructor(model, drains, scores) {
        this.model = model;
        this.drains = drains;
        this.scores = scores;
    }
    /** mm_page_alloc of an order that has lists; `refilled`: the list was refilled just before. */
    alloc(pfn, order, migratetype, refilled, here) {
        const { model } = this;
        const zone = model.zoneOf(pfn);
        const list = model.list(here.cpu, zone, listIndex(order, migratetype));
        model.tuning(here.cpu, zone).onAlloc(order);
        this.scoreAlloc(list, pfn, refilled, here);
        this.remove(list, pfn);
        if (!model.knowsType(pfn))
            model.learnType(pfn, migratetype);
    }
    scoreAlloc(list, pfn, refilled, here) {
        const { scores } = this;
        const { lists } = this.model;
        const first = lists.first(list);
        const rule = refilled ? 'refill-first' : this.ruleOf(first);
        if (first < 0 && lists.isWhole(list))
            scores.check('refill-when', false, here, () => ({
                expected: 'a refill',
                because: 'nothing is on the list any more',
                found: hex(pfn),
                known: lists.describe(pfn, list),
            }));
        else if (first < 0)
            scores.unpredictable(rule, BEFORE_TRACE);
        else if (!lists.isSure(first))
            scores.unpredictable(rule, TYPE_UNKNOWN);
        else
            scores.check(rule, first === pfn, here, () => ({
                expected: hex(first),
                because: this.whyFirst(first, rule),
                found: hex(pfn),
                known: lists.describe(pfn, list),
            }));
    }
    ruleOf(first) {
        return first >= 0 && this.model.lists.originOf(first) === REFILLED ? 'refill-order' : 'pcp-lifo';
    }
    whyFirst(first, rule) {
        const line = this.model.lists.lineOf(first);
        return rule === 'pcp-lifo'
            ? `it was freed last to this list, in line ${line}`
            : `it is the next of the refill of line ${line}`;
    }
    /** Whatever stood before the page on its list is gone, or was never there. */
    remove(list, pfn) {
        const { lists } = this.model;
        if (!lists.listsOf(pfn).includes(list)) {
            this.model.takeElsewhere(pfn);
            return;
        }
        for (let before = lists.indexOf(list, pfn); before > 0; before--)
            this.model.passOver(lists.first(list), list);
        lists.take(pfn);
    }
    /** mm_page_free of an order that has lists, when the block reaches its list. */
    free(pfn, order, here) {
        const { model } = this;
        model.takeElsewhere(pfn);
        const lists = model.listsForFreed(here.cpu, pfn, order);
        model.lists.push(lists, pfn, order, here.line);
        this.drains.afterFree(here.cpu, lists, model.tuning(here.cpu, model.zoneOf(pfn)).onFree(order));
    }
    /** A run of blocks from the buddy allocator ended. False when it was one block for somebody who found the lists locked. */
    refill({ zone, order, migratetype, pages, here }) {
        const { model, scores } = this;
        const { lists } = model;
        const list = model.list(here.cpu, zone, listIndex(order, migratetype));
        const first = lists.first(list);
        const isSure = first >= 0 && lists.isSure(first);
        if (pages.length === 1 && isSure)
            return false;
        if (isSure || lists.isWhole(list))
            scores.check('refill-when', first < 0, here, () => ({
                expected: `${hex(first)} from the list`,
                because: `${lists.length(list)} entries are on the list, the first since line ${lists.lineOf(first)}`,
                found: `a refill of ${pages.length} blocks of order ${order}`,
                known: 'the list must have been empty',
            }));
        else
            scores.unpredictable('refill-when', first < 0 ? BEFORE_TRACE : TYPE_UNKNOWN);
        this.scoreSize(zone, order, pages.length, here);
        model.passOverAll(list);
        lists.refill(list, pages, order, here.line);
        return true;
    }
    scoreSize(zone, order, blocks, here) {
        const tuning = this.model.tuning(here.cpu, zone);
        const expected = tuning.refillSize(order);
        if (typeof expected === 'string')
            this.scores.unpredictable('refill-size', expected);
        else
            this.scores.check('refill-size', expected === blocks, here, () => ({
                expected: `${expected} blocks`,
                because: tuning.describe(),
                found: `${blocks} blocks`,
                known: '',
            }));
        tuning.onRefill(order, blocks);
    }
}
//# sourceMappingURL=pcp-observer.js.map