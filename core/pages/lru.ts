/**
 * The LRU lists: pages of processes and of the page cache, in the order in which they should go (struct lruvec of
 * include/linux/mmzone.h, v6.1). Kernel memory is on none of them, so nothing of it is ever reclaimed.
 *
 * A list is doubly linked through rows of the `lru` table, one a frame. Pages join at the front and are looked at from
 * the back. Anonymous lists hold what goes to the swap area (shared memory too), file lists what comes back from disk.
 * Simplified: pages are added at once (no per-cpu batches), and locked ones stay here (no unevictable list).
 */
import { COUNTER } from '../outcome/counters.ts';
import { FRAME } from '../phys/frames.ts';
import type { Draft } from '../state/draft.ts';
import { type Machine, VAR } from '../state/machine.ts';

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
} as const;

export const INACTIVE_ANON = 0;
export const ACTIVE_ANON = 1;
export const INACTIVE_FILE = 2;
export const ACTIVE_FILE = 3;
export const LRU_LISTS: readonly number[] = [INACTIVE_ANON, ACTIVE_ANON, INACTIVE_FILE, ACTIVE_FILE];

const LIST_MASK = 7;
/** PG_referenced: seen in use once. PG_dirty: its file on disk is older. */
export const PG_REFERENCED = 8;
export const PG_DIRTY = 16;

/** Cells of `vars` for each list. */
const CELLS = 3;
const FRONT = VAR.lruLists;
const BACK = FRONT + 1;
const COUNT = FRONT + 2;

/** The list that a page is on, or -1. */
export function lruListOf({ lru }: Pick<Draft | Machine, 'lru'>, pfn: number): number {
  return (lru.get(pfn, LRU.state) & LIST_MASK) - 1;
}

/** Pages on a list. */
export function lruSize({ vars }: { readonly vars: Float64Array }, list: number): number {
  return vars[COUNT + list * CELLS]!;
}

/** The page that a list has kept longest, or -1. */
export function lruBack({ vars }: { readonly vars: Float64Array }, list: number): number {
  return vars[BACK + list * CELLS]! - 1;
}

/** A page of a machine that reclaims comes into use: inactive at first, whatever it is (folio_add_lru). */
export function addToLru(draft: Draft, pfn: number, isFile: boolean, of: number, page: number): void {
  if (draft.platform.reclaim === undefined) return;
  draft.lru.set(pfn, LRU.of, of);
  draft.lru.set(pfn, LRU.page, page);
  putFirst(draft, pfn, isFile ? INACTIVE_FILE : INACTIVE_ANON, 0);
}

/** A base page of a huge page that was split: the next one to be looked at. */
export function addToLruBack(draft: Draft, pfn: number, of: number, page: number): void {
  const { lru, vars } = draft;
  const cell = INACTIVE_ANON * CELLS;
  const last = vars[BACK + cell]!;
  lru.set(pfn, LRU.of, of);
  lru.set(pfn, LRU.page, page);
  lru.set(pfn, LRU.next, 0);
  lru.set(pfn, LRU.prev, last);
  lru.set(pfn, LRU.state, INACTIVE_ANON + 1);
  if (last !== 0) lru.set(last - 1, LRU.next, pfn + 1);
  else vars[FRONT + cell] = pfn + 1;
  vars[BACK + cell] = pfn + 1;
  vars[COUNT + cell]! += pagesOf(draft, pfn);
}

/** The page is freed. */
export function removeFromLru(draft: Draft, pfn: number): void {
  if (draft.platform.reclaim === undefined) return;
  unlink(draft, pfn);
  draft.lru.clear(pfn);
}

/** To the front of a list, which may be its own; `flags` are its flags from now on. */
export function moveToFront(draft: Draft, pfn: number, list: number, flags: number): void {
  unlink(draft, pfn);
  putFirst(draft, pfn, list, flags);
}

export function lruFlags({ lru }: Draft, pfn: number): number {
  return lru.get(pfn, LRU.state) & ~LIST_MASK;
}

export function setLruFlag({ lru }: Draft, pfn: number, flag: number): void {
  lru.set(pfn, LRU.state, lru.get(pfn, LRU.state) | flag);
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
  let at = machine.vars[FRONT + list * CELLS]! - 1;
  for (; at >= 0 && pfns.length <= lruSize(machine, list); at = machine.lru.get(at, LRU.next) - 1)
    pfns.push(at);
  return pfns;
}

function putFirst(draft: Draft, pfn: number, list: number, flags: number): void {
  const { lru, vars } = draft;
  const cell = list * CELLS;
  const second = vars[FRONT + cell]!;
  lru.set(pfn, LRU.next, second);
  lru.set(pfn, LRU.prev, 0);
  lru.set(pfn, LRU.state, (list + 1) | flags);
  if (second !== 0) lru.set(second - 1, LRU.prev, pfn + 1);
  else vars[BACK + cell] = pfn + 1;
  vars[FRONT + cell] = pfn + 1;
  vars[COUNT + cell]! += pagesOf(draft, pfn);
}

function unlink(draft: Draft, pfn: number): void {
  const { lru, vars } = draft;
  const cell = lruListOf(draft, pfn) * CELLS;
  const next = lru.get(pfn, LRU.next);
  const prev = lru.get(pfn, LRU.prev);
  if (prev !== 0) lru.set(prev - 1, LRU.next, next);
  else vars[FRONT + cell] = next;
  if (next !== 0) lru.set(next - 1, LRU.prev, prev);
  else vars[BACK + cell] = prev;
  vars[COUNT + cell]! -= pagesOf(draft, pfn);
}

/** A huge page is one entry, and counts as what it is. */
function pagesOf({ frames, platform }: Draft, pfn: number): number {
  return platform.thp === undefined ? 1 : 2 ** frames.get(pfn, FRAME.order);
}
