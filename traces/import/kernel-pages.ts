/**
 * Pages of a kernel trace: page frame numbers become objects. What the trace does not say is concluded:
 *
 *   - a free of pages never seen before: they were allocated before the trace began;
 *   - a free of pages that are free: alloc_pages_bulk() allocates without a tracepoint (kernel stacks, page pools),
 *     or lines were lost. In both cases an allocation is put just before the free;
 *   - an allocation of pages that are allocated: their free was lost;
 *   - a free of a part of a block: it was split (split_page, alloc_pages_exact, a large folio). The block is freed
 *     and what is left of it allocated again, in blocks that add up to it;
 *   - kmap of a page never seen before: it was allocated before the trace.
 */

import { __GFP_HIGHMEM, GFP_HIGHUSER_MOVABLE, GFP_KERNEL } from '../../core/event/gfp.ts';
import { EVENT_KINDS } from '../../core/event/kinds.ts';
import { type EventStream, GIVEN_BACK } from './event-stream.ts';
import { FrameTable } from './frame-table.ts';
import type { NamedIds } from './named-ids.ts';

const PAGE_ALLOC = EVENT_KINDS.page_alloc.code;
const PAGE_FREE = EVENT_KINDS.page_free.code;
const KMAP = EVENT_KINDS.kmap.code;
const KUNMAP = EVENT_KINDS.kunmap.code;

/** In the table of frames, beside the numbers of live objects. */
const UNSEEN = 0;
const FREED = 2 ** 32 - 1;

const BEFORE = 'page allocated before the trace';
/** Most pages that are older than a trace belong to programs and the page cache. */
const GFP_OLD = GFP_HIGHUSER_MOVABLE;
/** What vmalloc asks for in bulk. */
const GFP_BULK = GFP_KERNEL | __GFP_HIGHMEM;

export class PageObjects {
  private readonly events: EventStream;
  private readonly numbers: NamedIds;
  /** By page frame: the object that it belongs to, UNSEEN or FREED. */
  private readonly frames = new FrameTable();
  /** By object: first page frame, order, gfp flags. */
  private readonly heads: number[] = [];
  private readonly orders: number[] = [];
  private readonly masks: number[] = [];
  /** By page frame: how often it was mapped by kmap(). */
  private readonly mapped = new Map<number, number>();

  constructor(events: EventStream, numbers: NamedIds) {
    this.events = events;
    this.numbers = numbers;
  }

  alloc(pfn: number, order: number, gfp: number): undefined {
    this.freeAll(pfn, order);
    this.events.say(PAGE_ALLOC, this.newBlock(pfn, order, gfp), order, gfp);
  }

  /** A request that failed, and that a machine with more memory may fulfil. */
  fail(order: number, gfp: number): undefined {
    const object = this.numbers.take();
    this.events.say(PAGE_ALLOC, object, order, gfp);
    this.events.noteRefused(PAGE_ALLOC, object);
    this.events.imply(GIVEN_BACK, PAGE_FREE, object);
    this.numbers.give(object);
  }

  free(pfn: number, order: number): undefined {
    const { frames, heads, orders } = this;
    const object = frames.get(pfn);
    const isLive = object !== UNSEEN && object !== FREED;
    if (isLive && orders[object] === order && heads[object] === pfn) this.sayFree(object);
    else if (isLive && orders[object]! > order) this.freePart(object, pfn, order);
    else this.freeUnknown(pfn, order, object === UNSEEN);
  }

  kmap(pfn: number): undefined {
    const object = this.liveAt(pfn) ?? this.implyAlloc(BEFORE, pfn, 0, GFP_OLD);
    this.mapped.set(pfn, (this.mapped.get(pfn) ?? 0) + 1);
    this.events.say(KMAP, object, pfn - this.heads[object]!);
  }

  /** By which rule the line is ignored. */
  kunmap(pfn: number): string | undefined {
    const object = this.liveAt(pfn);
    const users = this.mapped.get(pfn) ?? 0;
    if (object === undefined || users === 0) return 'kunmap of a page that no line maps';
    if (users === 1) this.mapped.delete(pfn);
    else this.mapped.set(pfn, users - 1);
    this.events.say(KUNMAP, object, pfn - this.heads[object]!);
    return undefined;
  }

  private liveAt(pfn: number): number | undefined {
    const object = this.frames.get(pfn);
    return object === UNSEEN || object === FREED ? undefined : object;
  }

  private sayFree(object: number): void {
    this.events.say(PAGE_FREE, object);
    this.forget(object);
  }

  private freePart(object: number, pfn: number, order: number): void {
    const gfp = this.masks[object]!;
    let head = this.heads[object]!;
    let size = this.orders[object]!;
    this.sayFree(object);
    while (size > order) {
      const upper = head + 2 ** --size;
      const isUpper = pfn >= upper;
      this.implyAlloc('rest of a block that was freed in part', isUpper ? head : upper, size, gfp);
      if (isUpper) head = upper;
    }
  }

  private freeUnknown(pfn: number, order: number, isUnseen: boolean): void {
    this.freeAll(pfn, order);
    const object = isUnseen
      ? this.implyAlloc(BEFORE, pfn, order, GFP_OLD)
      : this.implyAlloc('page allocated without a line (in bulk, or lost)', pfn, order, GFP_BULK);
    this.sayFree(object);
  }

  private implyAlloc(rule: string, pfn: number, order: number, gfp: number): number {
    const object = this.newBlock(pfn, order, gfp);
    this.events.imply(rule, PAGE_ALLOC, object, order, gfp);
    return object;
  }

  /** Frees whatever is live among 2^order pages. */
  private freeAll(pfn: number, order: number): void {
    const end = pfn + 2 ** order;
    for (let frame = pfn; frame < end; frame++) {
      const object = this.frames.get(frame);
      if (object === UNSEEN || object === FREED) continue;
      this.events.imply('page freed without a line (lost)', PAGE_FREE, object);
      this.forget(object);
    }
  }

  private newBlock(pfn: number, order: number, gfp: number): number {
    const object = this.numbers.take();
    this.heads[object] = pfn;
    this.orders[object] = order;
    this.masks[object] = gfp;
    this.frames.fill(pfn, 2 ** order, object);
    return object;
  }

  private forget(object: number): void {
    const head = this.heads[object]!;
    const pages = 2 ** this.orders[object]!;
    this.frames.fill(head, pages, FREED);
    if (this.mapped.size > 0) for (let pfn = head; pfn < head + pages; pfn++) this.mapped.delete(pfn);
    this.numbers.give(object);
  }
}
