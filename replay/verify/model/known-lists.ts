/**
 * The per-cpu lists of a traced kernel as far as the trace has shown them, in the rings of core/phys.
 *
 * What is known of a list is its front: the pages that were freed to it or refilled it since the trace began. Behind
 * them are pages of before the trace, unless the list was seen empty since (`isWhole`). A page whose pageblock type
 * is not known stands on all lists that it may be on, until one of them turns out to be the right one.
 */

import type { Draft } from '../../../core/machine/draft.ts';
import { FRAME, USE_NONE, USE_PAGES, USE_PCP } from '../../../core/phys/frames.ts';
import {
  entriesOf,
  entryAt,
  entryRow,
  LIST_END,
  LIST_FIRST,
  pushFirst,
} from '../../../core/phys/pcp-lists.ts';

/** How a page came to its list. */
export const FREED = 1;
export const REFILLED = 2;
/** Freed by an interrupt: it may have found the lists locked, and then went straight to the buddy allocator. */
export const INTERRUPTED = 3;
export type Origin = typeof FREED | typeof REFILLED | typeof INTERRUPTED;

/** Cells of the frame of a page on a list: where it stands, how it came there, in which line. */
const LIST = FRAME.next;
const ORIGIN = FRAME.owner;
const LINE = FRAME.refs;
const SEVERAL = -1;

export class KnownLists {
  private readonly draft: Draft;
  private readonly whole = new Set<number>();
  /** Pages that may be on any of several lists. */
  private readonly several = new Map<number, number[]>();

  constructor(draft: Draft) {
    this.draft = draft;
  }

  /** Whether all pages on the list are known. */
  isWhole(list: number): boolean {
    return this.whole.has(list);
  }

  length(list: number): number {
    return entriesOf(this.draft, list);
  }

  /** The page that is given next, or -1. */
  first(list: number): number {
    return this.length(list) === 0 ? -1 : entryAt(this.draft, list, 0);
  }

  last(list: number): number {
    const length = this.length(list);
    return length === 0 ? -1 : entryAt(this.draft, list, length - 1);
  }

  /** Whether it is known which list the page is on. */
  isSure(pfn: number): boolean {
    return this.draft.frames.get(pfn, LIST) !== SEVERAL;
  }

  isListed(pfn: number): boolean {
    return this.draft.frames.get(pfn, FRAME.use) === USE_PCP;
  }

  /** The list that the page is on, -1 when it is on none or it is not known on which. */
  listOf(pfn: number): number {
    if (!this.isListed(pfn) || !this.isSure(pfn)) return -1;
    return this.draft.frames.get(pfn, LIST);
  }

  listsOf(pfn: number): readonly number[] {
    if (!this.isListed(pfn)) return [];
    return this.several.get(pfn) ?? [this.draft.frames.get(pfn, LIST)];
  }

  originOf(pfn: number): Origin {
    return this.draft.frames.get(pfn, ORIGIN) as Origin;
  }

  /** The line in which it came to its list. */
  lineOf(pfn: number): number {
    return this.draft.frames.get(pfn, LINE);
  }

  orderOf(pfn: number): number {
    return this.draft.frames.get(pfn, FRAME.order);
  }

  /** A page was freed to one of these lists. */
  push(
    lists: readonly number[],
    pfn: number,
    order: number,
    line: number,
    origin: typeof FREED | typeof INTERRUPTED = FREED,
  ): void {
    for (const list of lists) {
      this.makeRoom(list);
      pushFirst(this.draft, list, pfn);
    }
    this.enter(pfn, order, lists.length === 1 ? lists[0]! : SEVERAL, origin, line);
    if (lists.length > 1) this.several.set(pfn, [...lists]);
  }

  /** A list turned out to be empty, and got these pages. */
  refill(list: number, pages: readonly number[], order: number, line: number): void {
    this.empty(list);
    const { pcps, pcpPages } = this.draft;
    pages.forEach((pfn, i) => {
      pcpPages.set(entryRow(this.draft, list, i), 0, pfn + 1);
      this.enter(pfn, order, list, REFILLED, line);
    });
    pcps[list + LIST_FIRST] = 0;
    pcps[list + LIST_END] = pages.length;
  }

  /** There is nothing on the list, whatever was thought. */
  empty(list: number): void {
    while (this.length(list) > 0) this.strike(this.first(list), list);
    this.whole.add(list);
  }

  /** Nothing is known of the list any more. */
  forget(list: number): void {
    for (let pfn = this.first(list); pfn >= 0; pfn = this.first(list)) {
      this.strike(pfn, list);
      if (!this.isListed(pfn)) this.draft.frames.set(pfn, FRAME.use, USE_NONE);
    }
    this.whole.delete(list);
  }

  /** Behind what is known of the list there is nothing. */
  closes(list: number): void {
    this.whole.add(list);
  }

  /** The page left its list. */
  take(pfn: number): void {
    for (const list of this.listsOf(pfn)) this.removeAt(list, this.indexOf(list, pfn));
    this.several.delete(pfn);
    this.leave(pfn);
  }

  /** Entries in front of a page of the list. */
  indexOf(list: number, pfn: number): number {
    const length = this.length(list);
    for (let front = 0, back = length - 1; front <= back; front++, back--) {
      if (entryAt(this.draft, list, front) === pfn) return front;
      if (entryAt(this.draft, list, back) === pfn) return back;
    }
    return -1;
  }

  /** The first so many pages of the list, if each was freed by an interrupt; else none. */
  interrupted(list: number, count: number): number[] {
    const pages = Array.from({ length: count }, (_, i) => entryAt(this.draft, list, i));
    return pages.every((pfn) => this.isSure(pfn) && this.originOf(pfn) === INTERRUPTED) ? pages : [];
  }

  /** What is known of a page that came where another one of the list was expected. */
  describe(pfn: number, list: number): string {
    const index = this.listsOf(pfn).includes(list) ? this.indexOf(list, pfn) : -1;
    if (index > 0)
      return `${index} entries stood before it on that list: something took them that is not traced`;
    if (this.isListed(pfn)) return `it stood on another list since line ${this.lineOf(pfn)}`;
    return 'it was on no list that the trace has shown';
  }

  /** The page is not on this list: it left unseen, or was on another one all the time. */
  strike(pfn: number, list: number): void {
    const others = this.listsOf(pfn).filter((other) => other !== list);
    if (others.length === 0) this.take(pfn);
    else {
      this.removeAt(list, this.indexOf(list, pfn));
      this.settle(pfn, others);
    }
  }

  /** The page is on this list, if it may be. */
  confirm(pfn: number, list: number): void {
    const lists = this.several.get(pfn);
    if (lists?.includes(list)) for (const other of lists) if (other !== list) this.strike(pfn, other);
  }

  private settle(pfn: number, lists: readonly number[]): void {
    if (lists.length > 1) this.several.set(pfn, [...lists]);
    else {
      this.several.delete(pfn);
      this.draft.frames.set(pfn, LIST, lists[0]!);
    }
  }

  private enter(pfn: number, order: number, list: number, origin: Origin, line: number): void {
    const { frames } = this.draft;
    frames.set(pfn, FRAME.use, USE_PCP);
    frames.set(pfn, FRAME.order, order);
    frames.set(pfn, LIST, list);
    frames.set(pfn, ORIGIN, origin);
    frames.set(pfn, LINE, line);
  }

  private leave(pfn: number): void {
    this.draft.frames.set(pfn, FRAME.use, USE_PAGES);
    this.draft.frames.set(pfn, LIST, 0);
  }

  /** A ring that is full forgets its last page, and with it that the list was whole. */
  private makeRoom(list: number): void {
    if (this.length(list) < 2 ** this.draft.platform.pcpListBits - 1) return;
    this.take(this.last(list));
    this.whole.delete(list);
  }

  /** Closes the gap from the nearer end. */
  private removeAt(list: number, index: number): void {
    const { pcps, pcpPages } = this.draft;
    const first = pcps[list + LIST_FIRST]!;
    const length = this.length(list);
    const fromFront = index < length / 2;
    const step = fromFront ? -1 : 1;
    const end = fromFront ? 0 : length - 1;
    for (let i = index; i !== end; i += step) {
      const moved = pcpPages.get(entryRow(this.draft, list, first + i + step), 0);
      pcpPages.set(entryRow(this.draft, list, first + i), 0, moved);
    }
    pcpPages.set(entryRow(this.draft, list, first + end), 0, 0);
    if (fromFront) pcps[list + LIST_FIRST] = (first + 1) | 0;
    else pcps[list + LIST_END]!--;
  }
}
