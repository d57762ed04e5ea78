/**
 * Watches per-cpu lists: predicts each allocation and refill from what is known of them, then takes over what the
 * kernel did.
 */
import { listIndex } from '../../../core/phys/pcp-lists.ts';
import type { Zone } from '../../../core/phys/zones.ts';
import { FREED, INTERRUPTED, REFILLED } from '../model/known-lists.ts';
import { BEFORE_TRACE, type PcpModel, TYPE_UNKNOWN } from '../model/pcp-model.ts';
import { type Here, hex } from '../score/here.ts';
import type { RuleName, Scores } from '../score/rules.ts';
import type { DrainObserver } from './drain-observer.ts';

const STRAIGHT = 'an interrupt that found the lists locked freed to the buddy allocator';

/** Blocks that the buddy allocator gave one after the other for one list. */
export interface Refill {
  readonly zone: Zone;
  readonly order: number;
  readonly migratetype: number;
  readonly here: Here;
  readonly pages: number[];
}

export class PcpObserver {
  private readonly model: PcpModel;
  private readonly drains: DrainObserver;
  private readonly scores: Scores;
  private readonly onStraight: (pfn: number, order: number) => void;

  /** @param onStraight is told of pages that an interrupt freed to the buddy allocator, for it found the lists locked */
  constructor(
    model: PcpModel,
    drains: DrainObserver,
    scores: Scores,
    onStraight: (pfn: number, order: number) => void,
  ) {
    this.model = model;
    this.drains = drains;
    this.scores = scores;
    this.onStraight = onStraight;
  }

  /** mm_page_alloc of an order that has lists; `refilled`: the list was refilled just before. */
  alloc(pfn: number, order: number, migratetype: number, refilled: boolean, here: Here): void {
    const { model } = this;
    const zone = model.zoneOf(pfn);
    const list = model.list(here.cpu, zone, listIndex(order, migratetype));
    model.tuning(here.cpu, zone).onAlloc(order);
    if (this.passesStraight(list, pfn)) this.scores.unpredictable('pcp-lifo', STRAIGHT);
    else this.scoreAlloc(list, pfn, refilled, here);
    this.remove(list, pfn);
    if (!model.knowsType(pfn)) model.learnType(pfn, migratetype);
  }

  /**
   * An interrupt that frees while the cpu holds the lock of its lists gives the page to the buddy allocator at once
   * (free_unref_page() of mm/page_alloc.c), with an event like any other; that it did, only the next allocation shows,
   * which takes what lies behind.
   */
  private passesStraight(list: number, pfn: number): boolean {
    const { lists } = this.model;
    return lists.listsOf(pfn).includes(list) && this.goStraight(list, lists.indexOf(list, pfn));
  }

  /** The first so many pages of a list, if interrupts freed all of them; whether there were any. */
  private goStraight(list: number, count: number): boolean {
    const { lists } = this.model;
    const pages = lists.interrupted(list, count);
    for (const pfn of pages) {
      const order = lists.orderOf(pfn);
      this.model.wasNever(pfn);
      this.onStraight(pfn, order);
    }
    return pages.length > 0;
  }

  private scoreAlloc(list: number, pfn: number, refilled: boolean, here: Here): void {
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
    else if (first < 0) scores.unpredictable(rule, BEFORE_TRACE);
    else if (!lists.isSure(first)) scores.unpredictable(rule, TYPE_UNKNOWN);
    else
      scores.check(rule, first === pfn, here, () => ({
        expected: hex(first),
        because: this.whyFirst(first, rule),
        found: hex(pfn),
        known: lists.describe(pfn, list),
      }));
  }

  private ruleOf(first: number): RuleName {
    return first >= 0 && this.model.lists.originOf(first) === REFILLED ? 'refill-order' : 'pcp-lifo';
  }

  private whyFirst(first: number, rule: RuleName): string {
    const line = this.model.lists.lineOf(first);
    return rule === 'pcp-lifo'
      ? `it was freed last to this list, in line ${line}`
      : `it is the next of the refill of line ${line}`;
  }

  /** Whatever stood before the page on its list is gone, or was never there. */
  private remove(list: number, pfn: number): void {
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
  free(pfn: number, order: number, here: Here, byInterrupt: boolean): void {
    const { model } = this;
    model.takeElsewhere(pfn);
    const lists = model.listsForFreed(here.cpu, pfn, order);
    model.lists.push(lists, pfn, order, here.line, byInterrupt ? INTERRUPTED : FREED);
    this.drains.afterFree(here.cpu, lists, model.tuning(here.cpu, model.zoneOf(pfn)).onFree(order));
  }

  /** A run of blocks from the buddy allocator ended. False when it was one block for somebody who found the lists locked. */
  refill({ zone, order, migratetype, pages, here }: Refill): boolean {
    const { model, scores } = this;
    const { lists } = model;
    const list = model.list(here.cpu, zone, listIndex(order, migratetype));
    const first = lists.first(list);
    const isSure = first >= 0 && lists.isSure(first);
    if (pages.length === 1 && isSure) return false;
    if (isSure && this.goStraight(list, lists.length(list))) scores.unpredictable('refill-when', STRAIGHT);
    else if (isSure || lists.isWhole(list))
      scores.check('refill-when', first < 0, here, () => ({
        expected: `${hex(first)} from the list`,
        because: `${lists.length(list)} entries are on the list, the first since line ${lists.lineOf(first)}`,
        found: `a refill of ${pages.length} blocks of order ${order}`,
        known: 'the list must have been empty',
      }));
    else scores.unpredictable('refill-when', first < 0 ? BEFORE_TRACE : TYPE_UNKNOWN);
    this.scoreSize(zone, order, pages.length, here);
    model.passOverAll(list);
    lists.refill(list, pages, order, here.line);
    return true;
  }

  private scoreSize(zone: Zone, order: number, blocks: number, here: Here): void {
    const tuning = this.model.tuning(here.cpu, zone);
    const expected = tuning.refillSize(order);
    if (typeof expected === 'string') this.scores.unpredictable('refill-size', expected);
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
