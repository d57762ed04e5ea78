/**
 * How pages hang together on the LRU lists: rows of the `lru` table, one a frame, doubly linked, and counted by list and zone.
 *
 * Neighbours of one zone are a run, of which both ends know each other: reclaim for a low zone moves a whole run of a higher
 * one out of its way at once (lru-runs.ts).
 */

import type { Draft } from '../machine/draft.ts';
import type { Machine } from '../machine/machine.ts';
import { FRAME } from '../phys/frames.ts';
import { zoneOfPfn } from '../phys/page-alloc.ts';
import { MAX_ZONES, type Zone } from '../phys/zones.ts';
import { PAGES_VAR } from './state.ts';

/** Fields of a row. */
export const LRU = {
  /** PFN + 1 of the neighbours; `next` leads towards the back. */
  next: 0,
  prev: 1,
  /** List + 1, and the flags of lru.ts; 0: on no list. */
  state: 2,
  /** Whose page it is, and which: see setOwner(). */
  of: 3,
  page: 4,
  /** Of the two ends of a run: PFN + 1 of the other one (its own, if the run is one page); 0 between them. */
  otherEnd: 5,
} as const;

/**
 * Of an anonymous page the object and the page of it, of one of the page cache the file and the page of it. Numbers have 32
 * bits, which a cell keeps as signed ones, and pages fewer: below zero they tell of a file that is (hiddenFile).
 */
export function setOwner({ lru }: Pick<Draft, 'lru'>, pfn: number, of: number, page: number): void {
  const cells = lru.toWrite(pfn);
  const at = lru.cellOf(pfn);
  cells[at + LRU.of] = of < 0 ? -1 - of : of;
  cells[at + LRU.page] = of < 0 ? -1 - page : page;
}

export function ownerOf({ lru }: ReadsOwner, pfn: number): number {
  const of = lru.get(pfn, LRU.of) >>> 0;
  return lru.get(pfn, LRU.page) < 0 ? -1 - of : of;
}

export function pageInOwner({ lru }: ReadsOwner, pfn: number): number {
  const page = lru.get(pfn, LRU.page);
  return page < 0 ? -1 - page : page;
}

/** Of the state: list + 1. */
export const LIST_MASK = 7;

/** Cells of `vars` for each list. */
const CELLS = 3;
const FRONT = PAGES_VAR.lruLists;
const BACK = FRONT + 1;
const COUNT = FRONT + 2;
/** No page. */
export const NONE = -1;

type ReadsOwner = Pick<Draft | Machine, 'lru'>;
type ReadsEnds = Pick<Machine, 'vars'>;
type ReadsZones = Pick<Machine, 'lruZonePages'>;

/** Pages on a list. */
export function lruSize({ vars }: ReadsEnds, list: number): number {
  return vars[COUNT + list * CELLS]!;
}

/** Of those, the pages of one zone (NR_ZONE_LRU_BASE of include/linux/mmzone.h, v6.1). */
export function lruSizeOfZone({ lruZonePages }: ReadsZones, list: number, zone: number): number {
  return lruZonePages[list * MAX_ZONES + zone]!;
}

/** Of those, the pages of zones up to this one (lruvec_lru_size of mm/vmscan.c, v6.1). */
export function lruSizeUpTo(of: ReadsZones, list: number, highestZone: number): number {
  let pages = 0;
  for (let zone = 0; zone <= highestZone && zone < MAX_ZONES; zone++) pages += lruSizeOfZone(of, list, zone);
  return pages;
}

/** The page that a list has kept longest, or -1. */
export function lruBack({ vars }: ReadsEnds, list: number): number {
  return vars[BACK + list * CELLS]! - 1;
}

export function lruFront({ vars }: ReadsEnds, list: number): number {
  return vars[FRONT + list * CELLS]! - 1;
}

/** What every new page does: each row is looked up once, its own one last, so that it is at hand for who goes on with it. */
export function putFirst(draft: Draft, pfn: number, list: number, flags: number): void {
  const { lru, vars, platform } = draft;
  const front = lruFront(draft, list);
  const zone = zoneOfPfn(platform.zones, pfn);
  const isFirstOfRun = front === NONE || zoneOfPfn(platform.zones, front) !== zone;
  let back = pfn;
  if (front === NONE) vars[BACK + list * CELLS] = pfn + 1;
  else {
    const cells = lru.toWrite(front);
    const at = lru.cellOf(front);
    cells[at + LRU.prev] = pfn + 1;
    if (!isFirstOfRun) {
      back = cells[at + LRU.otherEnd]! - 1;
      cells[at + LRU.otherEnd] = 0;
      lru.set(back, LRU.otherEnd, pfn + 1);
    }
  }
  vars[FRONT + list * CELLS] = pfn + 1;
  const cells = lru.toWrite(pfn);
  const at = lru.cellOf(pfn);
  cells[at + LRU.next] = front + 1;
  cells[at + LRU.prev] = NONE + 1;
  cells[at + LRU.state] = (list + 1) | flags;
  cells[at + LRU.otherEnd] = back + 1;
  countIn(draft, zone, list, pagesOf(draft, pfn));
}

export function link(draft: Draft, pfn: number, list: number, prev: number, next: number): void {
  draft.lru.set(pfn, LRU.otherEnd, pfn + 1);
  connect(draft, list, prev, pfn);
  connect(draft, list, pfn, next);
  joinRuns(draft, prev, pfn);
  joinRuns(draft, pfn, next);
  countPages(draft, pfn, list, pagesOf(draft, pfn));
}

/** Into the list of another page of its zone, next to that and towards the front. */
export function linkBefore(draft: Draft, pfn: number, other: number, list: number): void {
  const { lru } = draft;
  const prev = lru.get(other, LRU.prev) - 1;
  const otherEnd = lru.get(other, LRU.otherEnd) - 1;
  const isFirstOfRun = !isSameZone(draft, pfn, prev);
  connect(draft, list, prev, pfn);
  connect(draft, list, pfn, other);
  if (isFirstOfRun) {
    if (other !== otherEnd) lru.set(other, LRU.otherEnd, 0);
    makeEnds(draft, pfn, otherEnd);
  }
  countPages(draft, pfn, list, pagesOf(draft, pfn));
}

export function unlink(draft: Draft, pfn: number): void {
  const cells = draft.lru.toRead(pfn);
  const at = draft.lru.cellOf(pfn);
  const list = (cells[at + LRU.state]! & LIST_MASK) - 1;
  const next = cells[at + LRU.next]! - 1;
  const prev = cells[at + LRU.prev]! - 1;
  const otherEnd = cells[at + LRU.otherEnd]! - 1;
  connect(draft, list, prev, next);
  if (otherEnd === pfn) joinRuns(draft, prev, next);
  else if (otherEnd !== NONE) makeEnds(draft, otherEnd, isSameZone(draft, pfn, next) ? next : prev);
  countPages(draft, pfn, list, -pagesOf(draft, pfn));
}

/** Makes two pages neighbours; without the one, the other is an end of the list. */
export function connect({ lru, vars }: Draft, list: number, prev: number, next: number): void {
  if (prev === NONE) vars[FRONT + list * CELLS] = next + 1;
  else lru.set(prev, LRU.next, next + 1);
  if (next === NONE) vars[BACK + list * CELLS] = prev + 1;
  else lru.set(next, LRU.prev, prev + 1);
}

/** Two neighbours, the last of a run and the first of the next: if they are of one zone, their runs are one. */
export function joinRuns(draft: Draft, last: number, first: number): void {
  if (last === NONE || !isSameZone(draft, last, first)) return;
  const { lru } = draft;
  const front = lru.get(last, LRU.otherEnd) - 1;
  const back = lru.get(first, LRU.otherEnd) - 1;
  if (last !== front) lru.set(last, LRU.otherEnd, 0);
  if (first !== back) lru.set(first, LRU.otherEnd, 0);
  makeEnds(draft, front, back);
}

function makeEnds({ lru }: Draft, one: number, other: number): void {
  lru.set(one, LRU.otherEnd, other + 1);
  lru.set(other, LRU.otherEnd, one + 1);
}

/** Of a page and one that there may not be. */
function isSameZone({ platform: { zones } }: Draft, pfn: number, other: number): boolean {
  return other !== NONE && zoneOfPfn(zones, pfn) === zoneOfPfn(zones, other);
}

/** Counts pages of a list, in all and by zone (update_lru_size of include/linux/mm_inline.h, v6.1). */
export function countPages(draft: Draft, pfn: number, list: number, nrPages: number): void {
  countIn(draft, zoneOfPfn(draft.platform.zones, pfn), list, nrPages);
}

function countIn({ vars, lruZonePages }: Draft, zone: Zone, list: number, nrPages: number): void {
  vars[COUNT + list * CELLS]! += nrPages;
  lruZonePages[list * MAX_ZONES + zone.index]! += nrPages;
}

/** A huge page is one entry, and counts as what it is. */
export function pagesOf({ frames, platform }: Draft, pfn: number): number {
  return platform.thp === undefined ? 1 : 1 << frames.get(pfn, FRAME.order);
}
