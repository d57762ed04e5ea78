/** Watches pages go back from per-cpu lists to the buddy allocator: which, and how many at a time. */
import { MIGRATE_MOVABLE, MIGRATE_PCPTYPES } from '../../../core/phys/migrate.ts';
import { listIndex } from '../../../core/phys/pcp-lists.ts';
import type { Zone } from '../../../core/phys/zones.ts';
import { BEFORE_TRACE, type PcpModel, TYPE_UNKNOWN } from '../model/pcp-model.ts';
import { type Here, hex } from '../score/here.ts';
import type { Scores } from '../score/rules.ts';

/** Where a drain has come to. */
interface Drain {
  /** Whose lists. */
  cpu: number;
  readonly zone: Zone;
  /** The list that is being drained; -1 when it is not known which one is the first. */
  index: number;
  pages: number;
  /** Of the block that went last. */
  lastPages: number;
  readonly expected: number | undefined;
  /** When the lists are drained for being idle: what their high mark becomes, if that can be told. */
  readonly decay: { readonly high: number | undefined } | undefined;
  readonly here: Here;
}

/** A block that came to a list: a drain that follows begins there. */
interface LastFreed {
  readonly index: number;
  /** Pages that go back now, if that can be told. */
  readonly pages: number | undefined;
}

export class DrainObserver {
  private readonly model: PcpModel;
  private readonly scores: Scores;
  /** By cpu. */
  private readonly drains = new Map<number, Drain>();
  private readonly freed = new Map<number, LastFreed>();

  constructor(model: PcpModel, scores: Scores) {
    this.model = model;
    this.scores = scores;
  }

  /** A block came to one of these lists, so that so many pages should go back. */
  afterFree(cpu: number, lists: readonly number[], pages: number | undefined): void {
    this.freed.set(cpu, { index: lists.length > 1 ? -1 : this.model.indexOf(lists[0]!), pages });
  }

  /** mm_page_pcpu_drain. */
  drain(pfn: number, order: number, migratetype: number, here: Here): void {
    const { model } = this;
    model.learnType(pfn, migratetype);
    const zone = model.zoneOf(pfn);
    const drain = this.drainOf(zone, here);
    this.score(drain, pfn, here);
    const listed = model.lists.listOf(pfn);
    const index = listed >= 0 ? model.indexOf(listed) : listIndex(order, listTypeOf(migratetype));
    if (listed >= 0) drain.cpu = model.cpuOf(listed);
    this.passLists(drain, index);
    // What stood behind a page that is drained was drained before.
    if (listed >= 0 && model.lists.last(listed) === pfn) model.lists.closes(listed);
    model.lists.take(pfn);
    drain.index = index;
    drain.lastPages = 2 ** order;
    drain.pages += drain.lastPages;
    model.tuning(drain.cpu, zone).onDrain(order);
  }

  private drainOf(zone: Zone, here: Here): Drain {
    const { cpu } = here;
    const known = this.drains.get(cpu);
    if (known?.zone === zone) return known;
    const freed = this.freed.get(cpu);
    this.end(cpu);
    const tuning = this.model.tuning(cpu, zone);
    const decay = freed === undefined ? tuning.decay() : undefined;
    const expected = freed === undefined ? decay?.pages : freed.pages || tuning.batchToFree();
    const drain = { cpu, zone, index: freed?.index ?? 0, pages: 0, lastPages: 0, expected, decay, here };
    this.drains.set(cpu, drain);
    return drain;
  }

  private score(drain: Drain, pfn: number, here: Here): void {
    const { scores } = this;
    const { lists } = this.model;
    const tail = this.tailOf(drain);
    if (drain.index < 0) scores.unpredictable('drain-tail', TYPE_UNKNOWN);
    else if (tail === undefined) scores.unpredictable('drain-tail', BEFORE_TRACE);
    else if (!lists.isSure(tail)) scores.unpredictable('drain-tail', TYPE_UNKNOWN);
    else
      scores.check('drain-tail', tail === pfn, here, () => ({
        expected: hex(tail),
        because: `it is the last of its list, where it came in line ${lists.lineOf(tail)}`,
        found: hex(pfn),
        known: lists.describe(pfn, lists.listOf(tail)),
      }));
  }

  /** The last page of the list that is being drained, or of the next one that is not empty. */
  private tailOf({ cpu, zone, index }: Drain): number | undefined {
    const { model } = this;
    for (let step = 0; step < model.nrLists && index >= 0; step++) {
      const list = model.list(cpu, zone, (index + step) % model.nrLists);
      if (!model.lists.isWhole(list)) return undefined;
      if (model.lists.length(list) > 0) return model.lists.last(list);
    }
    return undefined;
  }

  /** A drain that came to a list left the ones before it empty. */
  private passLists(drain: Drain, index: number): void {
    if (drain.index < 0) return;
    for (let i = drain.index; i !== index; i = (i + 1) % this.model.nrLists) {
      const list = this.model.list(drain.cpu, drain.zone, i);
      this.model.passOverAll(list);
      this.model.lists.closes(list);
    }
  }

  /** Any other event of a cpu ends its drain. */
  end(cpu: number): void {
    const drain = this.drains.get(cpu);
    this.drains.delete(cpu);
    this.freed.delete(cpu);
    if (drain === undefined) return;
    const tuning = this.model.tuning(drain.cpu, drain.zone);
    if (drain.decay !== undefined) tuning.setHigh(drain.decay.high);
    if (drain.expected === undefined)
      this.scores.unpredictable('drain-size', 'frees and lists of before the trace');
    else
      this.scores.check('drain-size', isAsMany(drain), drain.here, () => ({
        expected: `${drain.expected} pages`,
        because: tuning.describe(),
        found: `${drain.pages} pages`,
        known: '',
      }));
  }

  forgetCpu(cpu: number): void {
    this.drains.delete(cpu);
    this.freed.delete(cpu);
  }
}

/** Blocks go back whole, until there are as many pages (free_pcppages_bulk: while (count > 0)). */
function isAsMany({ expected, pages, lastPages }: Drain): boolean {
  return expected !== undefined && pages >= expected && pages - lastPages < expected;
}

function listTypeOf(migratetype: number): number {
  return migratetype < MIGRATE_PCPTYPES ? migratetype : MIGRATE_MOVABLE;
}
