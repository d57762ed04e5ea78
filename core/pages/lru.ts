/**
 * The LRU lists: pages of processes and of the page cache, in the order in which they should go (struct lruvec of
 * include/linux/mmzone.h, v6.1). Kernel memory is on none of them, so nothing of it is ever reclaimed.
 *
 * A list is doubly linked through rows of the `lru` table, one a frame. Pages join at the front and are looked at from
 * the back. Anonymous lists hold what goes to the swap area (shared memory too), file lists what comes back from disk.
 *
 * Pages of all zones share a list, as in the kernel. Neighbours of one zone are a run, of which both ends know each
 * other: reclaim for a low zone moves a whole run of a higher one out of its way at once.
 *
 * Simplified: pages are added at once (no per-cpu batches), and locked ones stay here (no unevictable list).
 */

import type { Draft } from '../machine/draft.ts';
import type { Machine } from '../machine/machine.ts';
import { COUNTER } from '../outcome/counters.ts';
import { FRAME } from '../phys/frames.ts';
import { zoneOfPfn } from '../phys/page-alloc.ts';
import { MAX_ZONES } from '../phys/zones.ts';
import { PAGES_VAR } from './state.ts';

/** Fields of a row. */
export const LRU = {
  /** PFN + 1 of the neighbours; `next` leads towards the back. */
  next: 0,
  prev: 1,
  /** List + 1, and the flags below; 0: on no list. */
  state: 2,
  /** Of an anonymous page: the object, and the page of it. Of a page cache page: the file, and the page of it. */
  of: 3,
  page: 4,
  /** Of the two ends of a run: PFN + 1 of the other one (its own, if the run is one page); 0 between them. */
  otherEnd: 5,
} as const;

export const INACTIVE_ANON = 0;
export const ACTIVE_ANON = 1;
export const INACTIVE_FILE = 2;
export const ACTIVE_FILE = 3;
export const LRU_LISTS: readonly number[] = [INACTIVE_ANON, ACTIVE_ANON, INACTIVE_FILE, ACTIVE_FILE];

const LIST_MASK = 7;
/** PG_referenced: seen in use once. PG_dirty: its file on disk is older; of pages on no list too (no reclaim). */
export const PG_REFERENCED = 8;
export const PG_DIRTY = 16;
/** PG_workingset: was active once. PG_writeback: the disk is at it. */
export const PG_WORKINGSET = 32;
export const PG_WRITEBACK = 64;
/** PG_readahead: nobody has asked for it yet. */
export const PG_READAHEAD = 128;
/** Given up by MADV_FREE: on the lists of files, for it need not be written anywhere (!PG_swapbacked). */
export const PG_LAZYFREE = 256;

/** Cells of `vars` for each list. */
const CELLS = 3;
const FRONT = PAGES_VAR.lruLists;
const BACK = FRONT + 1;
const COUNT = FRONT + 2;
/** No page. */
const NONE = -1;

/** The list that a page is on, or -1. */
export function lruListOf({ lru }: Pick<Draft | Machine, 'lru'>, pfn: number): number {
  return (lru.get(pfn, LRU.state) & LIST_MASK) - 1;
}

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

function lruFront({ vars }: ReadsEnds, list: number): number {
  return vars[FRONT + list * CELLS]! - 1;
}

/** A page of a machine that reclaims comes into use: inactive at first, whatever it is (folio_add_lru). */
export function addToLru(draft: Draft, pfn: number, isFile: boolean, of: number, page: number): void {
  if (draft.platform.reclaim === undefined) return;
  setOwner(draft, pfn, of, page);
  putFirst(draft, pfn, isFile ? INACTIVE_FILE : INACTIVE_ANON, 0);
}

function setOwner({ lru }: Draft, pfn: number, of: number, page: number): void {
  const cells = lru.toWrite(pfn);
  const at = lru.cellOf(pfn);
  cells[at + LRU.of] = of;
  cells[at + LRU.page] = page;
}

/** A base page of a huge page that was split: the next one to be looked at. */
export function addToLruBack(draft: Draft, pfn: number, of: number, page: number): void {
  setOwner(draft, pfn, of, page);
  draft.lru.set(pfn, LRU.state, INACTIVE_ANON + 1);
  link(draft, pfn, INACTIVE_ANON, lruBack(draft, INACTIVE_ANON), NONE);
}

/** The page is freed. */
export function removeFromLru(draft: Draft, pfn: number): void {
  if (draft.platform.reclaim === undefined) return;
  unlink(draft, pfn);
  draft.lru.clear(pfn);
}

/** A page has moved to another frame: there it joins its list in front, as what it was (folio_migrate_flags). */
export function moveLru(draft: Draft, from: number, to: number): void {
  const { lru } = draft;
  const list = lruListOf(draft, from);
  const flags = lruFlags(draft, from);
  const [of, page] = [lru.get(from, LRU.of), lru.get(from, LRU.page)];
  removeFromLru(draft, from);
  setOwner(draft, to, of, page);
  putFirst(draft, to, list, flags);
}

/** To the front of a list, which may be its own; `flags` are its flags from now on. */
export function moveToFront(draft: Draft, pfn: number, list: number, flags: number): void {
  unlink(draft, pfn);
  putFirst(draft, pfn, list, flags);
}

/** To the back of a list: the next page that is looked at. */
export function moveToBack(draft: Draft, pfn: number, list: number, flags: number): void {
  unlink(draft, pfn);
  draft.lru.set(pfn, LRU.state, (list + 1) | flags);
  link(draft, pfn, list, lruBack(draft, list), NONE);
}

export function lruFlags({ lru }: Draft, pfn: number): number {
  return lru.get(pfn, LRU.state) & ~LIST_MASK;
}

export function setLruFlag({ lru }: Draft, pfn: number, flag: number): void {
  lru.set(pfn, LRU.state, lru.get(pfn, LRU.state) | flag);
}

/** Takes a flag from a page that may not have it. */
export function clearLruFlag({ lru }: Draft, pfn: number, flag: number): void {
  const state = lru.get(pfn, LRU.state);
  if ((state & flag) !== 0) lru.set(pfn, LRU.state, state & ~flag);
}

/** folio_mark_accessed(): a page used twice while it is inactive becomes active. */
export function markAccessed(draft: Draft, pfn: number): void {
  if (draft.platform.reclaim === undefined) return;
  const list = lruListOf(draft, pfn);
  const flags = lruFlags(draft, pfn);
  if ((flags & PG_REFERENCED) === 0) setLruFlag(draft, pfn, PG_REFERENCED);
  else if (isInactive(list)) activate(draft, pfn, flags & ~PG_REFERENCED);
}

/** To the front of the active list. */
export function activate(draft: Draft, pfn: number, flags: number): void {
  moveToFront(draft, pfn, lruListOf(draft, pfn) | 1, flags);
  draft.counters[COUNTER.pgactivate]!++;
  draft.vars[PAGES_VAR.nonresidentAge]! += pagesOf(draft, pfn);
}

export function isInactive(list: number): boolean {
  return (list & 1) === 0;
}

export function isFileList(list: number): boolean {
  return list >= INACTIVE_FILE;
}

/** A list from front to back, for checks; stops where it does not hold together. */
export function lruList(machine: Machine, list: number): number[] {
  const pfns: number[] = [];
  let at = lruFront(machine, list);
  for (; at >= 0 && pfns.length <= lruSize(machine, list); at = machine.lru.get(at, LRU.next) - 1)
    pfns.push(at);
  return pfns;
}

/**
 * Pages of higher zones than `highestZone` go to the front, until so many entries of zones up to it are the last of the
 * list (isolate_lru_folios of mm/vmscan.c, v6.1: set aside in their order, then spliced in first). They are moved by runs:
 * runs set aside one after the other become one. Returns how many pages it were.
 */
export function passOverHigherZones(
  draft: Draft,
  list: number,
  highestZone: number,
  entries: number,
): number {
  const { lru, platform } = draft;
  const aside = { first: NONE, last: NONE };
  let found = 0;
  let passed = 0;
  for (let at = lruBack(draft, list); at !== NONE && found < entries; ) {
    const isEligible = zoneOfPfn(platform.zones, at).index <= highestZone;
    const first = isEligible ? at : lru.get(at, LRU.otherEnd) - 1;
    const next = lru.get(first, LRU.prev) - 1;
    if (isEligible) found++;
    else {
      passed += pagesBetween(draft, first, at);
      setAside(draft, list, aside, first, at);
    }
    at = next;
  }
  if (aside.first === NONE) return 0;
  const front = lruFront(draft, list);
  connect(draft, list, NONE, aside.first);
  connect(draft, list, aside.last, front);
  joinRuns(draft, aside.last, front);
  return passed;
}

function pagesBetween(draft: Draft, first: number, last: number): number {
  let pages = pagesOf(draft, last);
  for (let at = last; at !== first; ) {
    at = draft.lru.get(at, LRU.prev) - 1;
    pages += pagesOf(draft, at);
  }
  return pages;
}

/** Takes the run from `first` to `last` out of the list, and puts it before what is aside already. */
function setAside(
  draft: Draft,
  list: number,
  aside: { first: number; last: number },
  first: number,
  last: number,
): void {
  const { lru } = draft;
  const prev = lru.get(first, LRU.prev) - 1;
  const next = lru.get(last, LRU.next) - 1;
  connect(draft, list, prev, next);
  joinRuns(draft, prev, next);
  if (aside.first === NONE) aside.last = last;
  else {
    lru.set(last, LRU.next, aside.first + 1);
    lru.set(aside.first, LRU.prev, last + 1);
    joinRuns(draft, last, aside.first);
  }
  aside.first = first;
}

/** What every new page does: its row is written in one go, and of the others no more than what changes. */
function putFirst(draft: Draft, pfn: number, list: number, flags: number): void {
  const { lru, vars } = draft;
  const front = lruFront(draft, list);
  const joins = isSameZone(draft, pfn, front);
  const back = joins ? lru.get(front, LRU.otherEnd) - 1 : pfn;
  const cells = lru.toWrite(pfn);
  const at = lru.cellOf(pfn);
  cells[at + LRU.next] = front + 1;
  cells[at + LRU.prev] = NONE + 1;
  cells[at + LRU.state] = (list + 1) | flags;
  cells[at + LRU.otherEnd] = back + 1;
  vars[FRONT + list * CELLS] = pfn + 1;
  if (front === NONE) vars[BACK + list * CELLS] = pfn + 1;
  else lru.set(front, LRU.prev, pfn + 1);
  if (joins) {
    if (front !== back) lru.set(front, LRU.otherEnd, 0);
    lru.set(back, LRU.otherEnd, pfn + 1);
  }
  count(draft, pfn, list, pagesOf(draft, pfn));
}

function link(draft: Draft, pfn: number, list: number, prev: number, next: number): void {
  draft.lru.set(pfn, LRU.otherEnd, pfn + 1);
  connect(draft, list, prev, pfn);
  connect(draft, list, pfn, next);
  joinRuns(draft, prev, pfn);
  joinRuns(draft, pfn, next);
  count(draft, pfn, list, pagesOf(draft, pfn));
}

function unlink(draft: Draft, pfn: number): void {
  const cells = draft.lru.toRead(pfn);
  const at = draft.lru.cellOf(pfn);
  const list = (cells[at + LRU.state]! & LIST_MASK) - 1;
  const next = cells[at + LRU.next]! - 1;
  const prev = cells[at + LRU.prev]! - 1;
  const otherEnd = cells[at + LRU.otherEnd]! - 1;
  connect(draft, list, prev, next);
  if (otherEnd === pfn) joinRuns(draft, prev, next);
  else if (otherEnd !== NONE) makeEnds(draft, otherEnd, isSameZone(draft, pfn, next) ? next : prev);
  count(draft, pfn, list, -pagesOf(draft, pfn));
}

/** Makes two pages neighbours; without the one, the other is an end of the list. */
function connect({ lru, vars }: Draft, list: number, prev: number, next: number): void {
  if (prev === NONE) vars[FRONT + list * CELLS] = next + 1;
  else lru.set(prev, LRU.next, next + 1);
  if (next === NONE) vars[BACK + list * CELLS] = prev + 1;
  else lru.set(next, LRU.prev, prev + 1);
}

/** Two neighbours, the last of a run and the first of the next: if they are of one zone, their runs are one. */
function joinRuns(draft: Draft, last: number, first: number): void {
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
function count({ vars, lruZonePages, platform }: Draft, pfn: number, list: number, nrPages: number): void {
  vars[COUNT + list * CELLS]! += nrPages;
  lruZonePages[list * MAX_ZONES + zoneOfPfn(platform.zones, pfn).index]! += nrPages;
}

/** A huge page is one entry, and counts as what it is. */
function pagesOf({ frames, platform }: Draft, pfn: number): number {
  return platform.thp === undefined ? 1 : 1 << frames.get(pfn, FRAME.order);
}
