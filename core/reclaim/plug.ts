/**
 * What a round of reclaim writes waits until it is worth a request, and goes to the disk when the round is over, or when
 * enough has come together (blk_start_plug in shrink_lruvec of mm/vmscan.c; blk_add_rq_to_plug of block/blk-mq.c, v6.1).
 * The pages of neighbouring slots are one request.
 *
 * The disk may have written a page before the batch of 32 that it was looked at in is put back on its list: such a page does
 * not go to the back (folio_rotate_reclaimable), but waits at the front for the whole list to pass by.
 *
 * Who writes a page and finds no struct bio for it (bios.ts) hands over what there is, and sleeps until the disk is done with
 * some of it.
 *
 * Simplified: a request grows at its end only.
 */

import type { Draft } from '../machine/draft.ts';
import { lruFlags, PG_WRITEBACK, setLruFlag } from '../pages/lru.ts';
import { slotOfPage } from '../pages/swap.ts';
import {
  endWriteback,
  endWritebackInPlace,
  handOver,
  nextWrittenAfterNs,
  underWayAt,
  writtenNs,
} from '../pages/writeback.ts';
import { allocBio } from './bios.ts';

/** BLK_MAX_REQUEST_COUNT, and pages of BLK_PLUG_FLUSH_SIZE (block/blk.h, v6.1). */
const MOST_REQUESTS = 32;
const ENOUGH_PAGES = 32;
/** Segments of a request to a virtio disk whose queue has 256 entries, two of which are the header and the status. */
const MOST_PAGES = 254;

/** Rows of `plugged`: how many pages wait, and requests of them; which slot is next to the last, and pages of that request. */
const COUNTS = 0;
const LAST = 1;
/** Of a batch that was broken off: how many pages are left, and of which list; then those, and how many waited before it. */
const BROKEN = 2;
const FIRST_LEFT = 3;
const FIRST_PAGE = FIRST_LEFT + 32;
/** Then the pages that wait: PFN and slot. */
const PAGE = { pfn: 0, slot: 1 } as const;
/** More than there can be pages: 31 requests that are not enough, and one. */
const ROWS = 2048;
export const KSWAPD_PLUG = 0;
export const TASK_PLUG = ROWS;

/** Pages of a list that are looked at one after the other. */
export interface Batch {
  readonly list: number;
  readonly pfns: readonly number[];
}

export class Plug {
  private readonly draft: Draft;
  private readonly base: number;
  private readonly clock: () => number;
  /** How many there were when the batch began, and those of the batch that the disk has. */
  private before = 0;
  private handed: number[] = [];

  /** @param base whose: kswapd's goes on in its next turn */
  constructor(draft: Draft, base: number, clock: () => number) {
    this.draft = draft;
    this.base = base;
    this.clock = clock;
  }

  private get count(): number {
    return this.draft.plugged.get(this.base + COUNTS, 0);
  }

  /** swap_writepage() of a page that has a slot. */
  add(pfn: number): void {
    const { plugged } = this.draft;
    const slot = slotOfPage(this.draft, pfn);
    const pages = plugged.get(this.base + LAST, 1);
    const isNext = this.count > 0 && plugged.get(this.base + LAST, 0) === slot && pages < MOST_PAGES;
    const isEnough = pages >= ENOUGH_PAGES || plugged.get(this.base + COUNTS, 1) >= MOST_REQUESTS;
    if (!isNext && isEnough) this.flush();
    const { count, base } = this;
    plugged.set(base + FIRST_PAGE + count, PAGE.pfn, pfn);
    plugged.set(base + FIRST_PAGE + count, PAGE.slot, slot);
    plugged.set(base + COUNTS, 0, count + 1);
    if (!isNext) plugged.add(base + COUNTS, 1, 1);
    plugged.set(base + LAST, 0, slot + 1);
    plugged.set(base + LAST, 1, isNext ? pages + 1 : 1);
    setLruFlag(this.draft, pfn, PG_WRITEBACK);
  }

  /** blk_finish_plug(). */
  flush(): void {
    const { draft, base } = this;
    if (this.count === 0) return;
    for (const request of this.takeRequests()) handOver(draft, request, this.clock);
    draft.plugged.clear(base + COUNTS);
    draft.plugged.clear(base + LAST);
    this.before = 0;
  }

  /** Pages of neighbouring slots together. What is gone meanwhile is not written. */
  private takeRequests(): number[][] {
    const { draft, base, count } = this;
    const requests: number[][] = [];
    let nextSlot = 0;
    for (let i = 0; i < count; i++) {
      const row = base + FIRST_PAGE + i;
      const pfn = draft.plugged.get(row, PAGE.pfn);
      const slot = draft.plugged.get(row, PAGE.slot);
      draft.plugged.clear(row);
      if (slotOfPage(draft, pfn) !== slot || (lruFlags(draft, pfn) & PG_WRITEBACK) === 0) continue;
      if (slot !== nextSlot || requests.at(-1)?.length === MOST_PAGES) requests.push([]);
      requests.at(-1)!.push(pfn);
      nextSlot = slot + 1;
      if (i >= this.before) this.handed.push(pfn);
    }
    return requests;
  }

  /** Whether there is a struct bio for another page. */
  allocBio(): boolean {
    const { draft } = this;
    const { plugged } = draft;
    const waiting = plugged.get(KSWAPD_PLUG + COUNTS, 0) + plugged.get(TASK_PLUG + COUNTS, 0);
    return allocBio(draft, waiting + underWayAt(draft, this.clock()));
  }

  /** Hands over what waits. Returns when the disk is done with some of what it has then. */
  flushForBios(): number {
    this.flush();
    return nextWrittenAfterNs(this.draft, this.clock());
  }

  /** Some of it is written. What is of the batch stays where it is. */
  endWritten(): void {
    const nowNs = this.clock();
    const left = this.handed.filter((pfn) => writtenNs(this.draft, pfn) > nowNs);
    this.endHanded(nowNs);
    this.handed = left;
    endWriteback(this.draft, nowNs);
  }

  /** A batch is taken off its list. */
  beginBatch(): void {
    this.before = this.count;
    this.handed = [];
  }

  /** It is put back. */
  endBatch(): void {
    this.endHanded(this.clock());
  }

  /** Somebody else has the cpu, for so long that the disk is done with what it has. */
  breakBatch({ list, pfns }: Batch): void {
    const { draft, base, before } = this;
    this.endHanded(Number.POSITIVE_INFINITY);
    draft.plugged.set(base + BROKEN, 0, pfns.length);
    draft.plugged.set(base + BROKEN, 1, list);
    pfns.forEach((pfn, i) => {
      draft.plugged.set(base + FIRST_LEFT + i, 0, pfn);
      draft.plugged.set(base + FIRST_LEFT + i, 1, before);
    });
  }

  get isBatchBroken(): boolean {
    return this.draft.plugged.get(this.base + BROKEN, 0) > 0;
  }

  /** What was left of the batch then; undefined: nothing was. */
  resumeBatch(): Batch | undefined {
    const { draft, base } = this;
    if (!this.isBatchBroken) return undefined;
    const count = draft.plugged.get(base + BROKEN, 0);
    const list = draft.plugged.get(base + BROKEN, 1);
    this.before = draft.plugged.get(base + FIRST_LEFT, 1);
    const pfns = Array.from({ length: count }, (_, i) => draft.plugged.get(base + FIRST_LEFT + i, 0));
    for (let row = base + BROKEN; row < base + FIRST_LEFT + count; row++) draft.plugged.clear(row);
    return { list, pfns };
  }

  private endHanded(nowNs: number): void {
    for (const pfn of this.handed) {
      const doneNs = writtenNs(this.draft, pfn);
      if (doneNs > 0 && doneNs <= nowNs) endWritebackInPlace(this.draft, pfn);
    }
    this.handed = [];
  }
}
