/** What is known of the per-cpu lists of all cpus and zones: their pages, their sizes, and who belongs where. */

import type { Draft } from '../../../core/machine/draft.ts';
import { MIGRATE_MOVABLE, MIGRATE_PCPTYPES } from '../../../core/phys/migrate.ts';
import { zoneOfPfn } from '../../../core/phys/page-alloc.ts';
import { listCell, listIndex, pcpCell } from '../../../core/phys/pcp-lists.ts';
import type { Zone } from '../../../core/phys/zones.ts';
import type { Here } from '../score/here.ts';
import type { Scores } from '../score/rules.ts';
import { KnownLists } from './known-lists.ts';
import type { Moment } from './moment.ts';
import type { KnownPageblocks } from './pageblocks.ts';
import { PcpTuning } from './pcp-tuning.ts';

export const BEFORE_TRACE = 'pages of before the trace on the list';
export const TYPE_UNKNOWN = 'migrate type of the pageblock not seen yet';

const CELLS_PER_PCP = pcpCell(0, 1) - pcpCell(0, 0);

/** Pages on the lists of a cpu: as the events have it and as it was read. */
export interface PcpCount {
  readonly zone: string;
  readonly cpu: number;
  readonly expected: string;
  readonly found: number;
}

export class PcpModel {
  readonly lists: KnownLists;
  /** Pages that left a list with no event that says so. */
  untracedPages = 0;
  private readonly draft: Draft;
  private readonly blocks: KnownPageblocks;
  private readonly tunings = new Map<number, PcpTuning>();
  /** By pageblock of unknown type: its pages that may be on several lists. */
  private readonly unsure = new Map<number, Set<number>>();

  constructor(draft: Draft, blocks: KnownPageblocks) {
    this.draft = draft;
    this.blocks = blocks;
    this.lists = new KnownLists(draft);
  }

  /** Lists of a cpu in a zone. */
  get nrLists(): number {
    return this.draft.platform.pcpLists.count;
  }

  /** pcp_allowed_order(): whether blocks of this order go through per-cpu lists. */
  hasLists(order: number): boolean {
    return ((this.draft.platform.pcpLists.orders >>> order) & 1) !== 0;
  }

  tuning(cpu: number, zone: Zone): PcpTuning {
    const cell = pcpCell(cpu, zone.index);
    let tuning = this.tunings.get(cell);
    if (tuning === undefined) {
      tuning = new PcpTuning(zone.pcpBatch);
      this.tunings.set(cell, tuning);
    }
    return tuning;
  }

  list(cpu: number, zone: Zone, index: number): number {
    return listCell(pcpCell(cpu, zone.index), index);
  }

  cpuOf(list: number): number {
    return Math.floor(list / pcpCell(1, 0));
  }

  indexOf(list: number): number {
    return ((list % CELLS_PER_PCP) - listCell(0, 0)) / (listCell(0, 1) - listCell(0, 0));
  }

  zoneOf(pfn: number): Zone {
    return zoneOfPfn(this.draft.platform.zones, pfn);
  }

  /** The lists that a page of this order may be freed to: several when the type of its pageblock is not known. */
  listsForFreed(cpu: number, pfn: number, order: number): number[] {
    const type = this.blocks.listTypeOf(pfn);
    const types = type === undefined ? [...Array(MIGRATE_PCPTYPES).keys()] : [type];
    const indexes = new Set(types.map((candidate) => listIndex(order, candidate)));
    if (indexes.size > 1) this.rememberUnsure(pfn);
    const zone = this.zoneOf(pfn);
    return [...indexes].map((index) => this.list(cpu, zone, index));
  }

  private rememberUnsure(pfn: number): void {
    const block = pfn >>> this.draft.platform.pageblockOrder;
    const pages = this.unsure.get(block) ?? new Set();
    this.unsure.set(block, pages.add(pfn));
  }

  knowsType(pfn: number): boolean {
    return this.blocks.typeOf(pfn) !== undefined;
  }

  /** The pageblock has this type; pages of it that may be on several lists are on those of this type. */
  learnType(pfn: number, type: number): void {
    if (!this.blocks.learn(pfn, type)) return;
    const block = pfn >>> this.draft.platform.pageblockOrder;
    const listType = type < MIGRATE_PCPTYPES ? type : MIGRATE_MOVABLE;
    for (const page of this.unsure.get(block) ?? []) {
      const wanted = listIndex(this.lists.orderOf(page), listType);
      const list = this.lists.listsOf(page).find((candidate) => this.indexOf(candidate) === wanted);
      if (list !== undefined && !this.lists.isSure(page)) this.lists.confirm(page, list);
    }
    this.unsure.delete(block);
  }

  /** The page is not on this list any more, or never was: the kernel went past it. */
  passOver(pfn: number, list: number): void {
    if (this.lists.isSure(pfn)) this.vanish(pfn, list);
    this.lists.strike(pfn, list);
  }

  passOverAll(list: number): void {
    for (let gone = this.lists.first(list); gone >= 0; gone = this.lists.first(list))
      this.passOver(gone, list);
  }

  /** A page that was thought to be on a list has never been there. */
  wasNever(pfn: number): void {
    this.tuningOf(this.lists.listOf(pfn))?.count.add(-(2 ** this.lists.orderOf(pfn)));
    this.lists.take(pfn);
  }

  /** alloc_pages_bulk(): so many pages are taken at once, with no event. */
  takeBulk(list: number, pages: number): void {
    for (let taken = 0; taken < pages && this.lists.length(list) > 0; taken++)
      this.lists.strike(this.lists.first(list), list);
    this.tuningOf(list)?.count.add(-pages);
  }

  /** A page left a list in an event that is not about that list. */
  takeElsewhere(pfn: number): void {
    const [list] = this.lists.listsOf(pfn);
    if (list === undefined) return;
    this.vanish(pfn, list);
    this.lists.take(pfn);
  }

  /** A page must have been taken by an allocation without event (alloc_pages_bulk). */
  private vanish(pfn: number, list: number): void {
    const pages = 2 ** this.lists.orderOf(pfn);
    this.untracedPages += pages;
    this.tuningOf(list)?.onUntraced(pages);
  }

  private tuningOf(list: number): PcpTuning | undefined {
    return this.tunings.get(Math.floor(list / CELLS_PER_PCP) * CELLS_PER_PCP);
  }

  beginReading(): void {
    for (const tuning of this.tunings.values()) tuning.beginReading();
  }

  /** /proc/zoneinfo was read at a moment since `beginReading`. Pages on the lists where they were known. */
  endReading({ zoneinfo = [] }: Moment, here: Here, scores: Scores): PcpCount[] {
    const read = this.draft.platform.zones.flatMap((zone) => {
      const pagesets = zoneinfo.find((candidate) => candidate.zone === zone.name)?.pagesets ?? [];
      return pagesets.map((pageset) => ({ zone, pageset }));
    });
    return read.flatMap(({ zone, pageset }) => {
      const { cpu, count: found } = pageset;
      const expected = this.tuning(cpu, zone).endReading(pageset, zone.name, { ...here, cpu }, scores);
      return expected === undefined ? [] : [{ zone: zone.name, cpu, expected, found }];
    });
  }

  /** Events of a cpu are missing: what is on its lists is anyone's guess. */
  forgetCpu(cpu: number): void {
    for (const zone of this.draft.platform.zones) {
      for (let index = 0; index < this.nrLists; index++) this.lists.forget(this.list(cpu, zone, index));
      this.tuning(cpu, zone).forget();
    }
  }
}
