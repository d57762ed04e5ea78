/**
 * The LRU lists: pages of processes and of the page cache, in the order in which they should go (struct lruvec of
 * include/linux/mmzone.h, v6.1). Kernel memory is on none of them, so nothing of it is ever reclaimed.
 *
 * Pages join at the front and are looked at from the back. Anonymous lists hold what goes to the swap area (shared memory
 * too), file lists what comes back from disk. Pages of all zones share a list, as in the kernel.
 *
 * Simplified: pages are added at once (no per-cpu batches), and locked ones stay here (no unevictable list).
 */

import type { Draft } from '../machine/draft.ts';
import type { Machine } from '../machine/machine.ts';
import { COUNTER } from '../outcome/counters.ts';
import {
  countPages,
  LIST_MASK,
  LRU,
  link,
  linkBefore,
  lruBack,
  lruFront,
  lruSize,
  NONE,
  ownerOf,
  pageInOwner,
  pagesOf,
  putFirst,
  setOwner,
  unlink,
} from './lru-links.ts';
import { PAGES_VAR } from './state.ts';

export const INACTIVE_ANON = 0;
export const ACTIVE_ANON = 1;
export const INACTIVE_FILE = 2;
export const ACTIVE_FILE = 3;
export const LRU_LISTS: readonly number[] = [INACTIVE_ANON, ACTIVE_ANON, INACTIVE_FILE, ACTIVE_FILE];

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
/** Of a frame on no list, within a huge page: pages of another object begin here (huge-owners.ts). */
export const PG_OTHER_OWNER = 512;

/** The list that a page is on, or -1. */
export function lruListOf({ lru }: Pick<Draft | Machine, 'lru'>, pfn: number): number {
  return (lru.get(pfn, LRU.state) & LIST_MASK) - 1;
}

/** A page of a machine that reclaims comes into use: inactive at first, whatever it is (folio_add_lru). */
export function addToLru(draft: Draft, pfn: number, isFile: boolean, of: number, page: number): void {
  if (draft.platform.reclaim === undefined) return;
  putFirst(draft, pfn, isFile ? INACTIVE_FILE : INACTIVE_ANON, 0);
  setOwner(draft, pfn, of, page);
}

/** Of a huge page its first page alone is left, in its place. */
export function keepFirst(draft: Draft, first: number, nrPages: number): void {
  countPages(draft, first, lruListOf(draft, first), 1 - nrPages);
}

/** A base page of a huge page that was split, as what that was: it is looked at right after the first one (lru_add_page_tail). */
export function addToLruAfter(draft: Draft, pfn: number, first: number, of: number, page: number): void {
  setOwner(draft, pfn, of, page);
  draft.lru.set(pfn, LRU.state, draft.lru.get(first, LRU.state));
  linkBefore(draft, pfn, first, lruListOf(draft, first));
}

/** The page is freed. */
export function removeFromLru(draft: Draft, pfn: number): void {
  if (draft.platform.reclaim === undefined) return;
  unlink(draft, pfn);
  draft.lru.clear(pfn);
}

/** A page has moved to another frame: there it joins its list in front, as what it was (folio_migrate_flags). */
export function moveLru(draft: Draft, from: number, to: number): void {
  const list = lruListOf(draft, from);
  const flags = lruFlags(draft, from);
  const [of, page] = [ownerOf(draft, from), pageInOwner(draft, from)];
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

export function lruFlags({ lru }: Pick<Draft | Machine, 'lru'>, pfn: number): number {
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
