/**
 * Page faults: how a page of a process comes to be present and writable (mm/memory.c, v6.1: handle_pte_fault).
 *
 * Private anonymous memory: a load maps the shared zero page, a store a page of its own. A file's page comes
 * from the page cache, read from disk if need be. A store to a shared private page makes a copy, unless nobody
 * else refers to it any more.
 */

import { GFP_HIGHUSER_MOVABLE } from '../event/gfp.ts';
import { PROT_EXEC, PROT_WRITE } from '../event/mmap-flags.ts';
import type { Draft } from '../machine/draft.ts';
import type { FileRecord, Mm } from '../machine/machine.ts';
import { countResident } from '../mm/usage.ts';
import { baseVpn, endVpn, VM_ANON, VM_RAND_READ, type Vma } from '../mm/vma.ts';
import {
  BEYOND_FILE,
  FAULT_COUNTERS,
  FAULT_COW,
  FAULT_DEMAND_ZERO,
  FAULT_FILE_MAJOR,
  FAULT_FILE_MINOR,
  FAULT_NONE,
  FAULT_SWAP,
  FAULT_ZERO_PAGE,
  NO_MAPPING,
  PROTECTION,
} from '../outcome/outcome.ts';
import { countingFrame, isAnonFrame, leaveSwapCache, putFrame, unmapFrame } from '../pages/frame-refs.ts';
import { addToLru } from '../pages/lru.ts';
import { setOwner } from '../pages/lru-links.ts';
import { isSwapFull, putSwapSlot, SWAP, slotOfPage } from '../pages/swap.ts';
import { dropFaulted, flushCopied } from '../paging/flush.ts';
import {
  isSwapPte,
  makePte,
  PTE_ACCESSED,
  PTE_COW,
  PTE_DIRTY,
  PTE_LARGE,
  PTE_NX,
  PTE_PRESENT,
  PTE_RW,
  PTE_SPECIAL,
  PTE_USER,
  pteFrame,
} from '../paging/pte.ts';
import { findLeaf } from '../paging/table-walk.ts';
import { freeEmptyTables, mapPage } from '../paging/tables.ts';
import { FRAME, USE_ANON } from '../phys/frames.ts';
import { allocPages, freePages } from '../phys/page-alloc.ts';
import { hugeEntry, hugeStart, splitHuge } from '../thp/entries.ts';
import { hugeFault, replaceHugeZero, reuseHuge } from '../thp/fault.ts';
import { faultAround } from './fault-around.ts';
import { cachedPage, fillPage, isSwappedOut } from './page-cache.ts';
import { comeTo, readAround, readsAhead, waitForRead } from './readahead.ts';
import { vmaTouched } from './stack.ts';
import { swapCacheGet } from './swap-in.ts';

/**
 * Makes `vpn` present, and writable for a store. Returns the kind of fault that took (FAULT_NONE when the page was
 * there already), or the negated reason why it cannot be done. Whether the VMA allows the access is the caller's
 * to check, but a store needs a writable VMA.
 */
export function pageFault(draft: Draft, mmId: number, vpn: number, store: boolean): number {
  const mm = draft.records.mm(mmId);
  const { pte } = findLeaf(draft, mm.root, vpn);
  const isSwapped = isSwapPte(pte);
  if (pte !== 0 && !isSwapped && (!store || (pte & PTE_RW) !== 0)) return FAULT_NONE;
  const vma = vmaTouched(draft, mm, vpn);
  if (vma === undefined) return -NO_MAPPING;
  if (store && (vma.prot & PROT_WRITE) === 0) return -PROTECTION;
  const kind = isSwapped
    ? swapIn(draft, mm, vma, vpn, pte, store)
    : pte !== 0
      ? copyOnWrite(draft, mm, vma, vpn, pte)
      : pageIn(draft, mm, vma, vpn, store);
  if (kind < 0) return kind;
  if (store && !vma.shared && (vma.flags & VM_ANON) === 0) noteOwnPages(draft, mmId, vpn, vpn + 1);
  draft.counters[FAULT_COUNTERS[kind]!]!++;
  draft.spend(draft.platform.costs.faultNs);
  return kind;
}

/** anon_vma_prepare(): whatever VMAs [start, end) lies in have pages of their own from here on. */
export function noteOwnPages(draft: Draft, mmId: number, start: number, end: number): void {
  const { vmas } = draft.records.editMm(mmId);
  for (const { startVpn } of vmas.within(start, end)) vmas.noteOwnPages(vmas.firstEndingAbove(startVpn)!);
}

/** The same for the kernel on a process's behalf, which does not go on to translate: its cpu forgets what was copied. */
export function faultIn(draft: Draft, mmId: number, vpn: number, store: boolean): number {
  const kind = pageFault(draft, mmId, vpn, store);
  if (kind === FAULT_COW) {
    const { platform, records } = draft;
    const isHuge =
      platform.thp !== undefined && (hugeEntry(draft, records.mm(mmId).root, vpn) & PTE_LARGE) !== 0;
    dropFaulted(draft, mmId, vpn, isHuge ? platform.thp!.nrPages : 1);
  }
  return kind;
}

/**
 * Faults all pages of a VMA in (populate_vma_page_range): private memory is written to, shared memory read. When
 * memory runs out, what is there stays. 0 or a negated reason.
 */
export function populate(draft: Draft, mmId: number, vma: Vma): number {
  const store = !vma.shared && (vma.prot & PROT_WRITE) !== 0;
  for (let vpn = vma.startVpn; vpn < endVpn(vma); vpn++) {
    const kind = faultIn(draft, mmId, vpn, store);
    if (kind < 0) return kind;
  }
  return 0;
}

/** All of these return the kind of fault, or a negated reason. */
function pageIn(draft: Draft, mm: Mm, vma: Vma, vpn: number, store: boolean): number {
  if (vma.file !== 0) return pageInFile(draft, mm, vma, vpn, store);
  if (draft.platform.thp !== undefined) {
    const huge = hugeFault(draft, mm, vma, vpn, userFlags(draft, vma), store);
    if (huge !== 0) {
      const first = hugeStart(draft.platform.thp, vpn);
      if (huge > 0) noteOwnPages(draft, mm.id, first, first + draft.platform.thp.nrPages);
      return huge;
    }
  }
  if (!store) {
    const pte = makePte(draft.platform.zeroPfn, userFlags(draft, vma) | PTE_COW | PTE_SPECIAL);
    return install(draft, mm, vpn, pte) || FAULT_ZERO_PAGE;
  }
  return ownPage(draft, mm, vma, vpn, draft.platform.costs.clearPageNs) || FAULT_DEMAND_ZERO;
}

function pageInFile(draft: Draft, mm: Mm, vma: Vma, vpn: number, store: boolean): number {
  const file = draft.records.file(vma.file)!;
  const page = vma.objectPage + vpn - vma.startVpn;
  if (page >= file.nrPages) return -BEYOND_FILE;
  const kind = kindOfFileFault(draft, file, page, cachedPage(draft, file, page));
  const pfn = filePage(draft, vma, file, page);
  if (pfn < 0) return pfn;
  if (store && !vma.shared) return ownPage(draft, mm, vma, vpn, draft.platform.costs.copyPageNs) || kind;
  const writable = vma.shared && (vma.prot & PROT_WRITE) !== 0;
  const copied = !vma.shared && (vma.prot & PROT_WRITE) !== 0;
  const flags =
    userFlags(draft, vma) | (writable ? PTE_RW : 0) | (copied ? PTE_COW : 0) | (store ? PTE_DIRTY : 0);
  // Counted first: making a table may reclaim what nobody holds.
  draft.frames.add(pfn, FRAME.refs, 1);
  const failure = install(draft, mm, vpn, makePte(pfn, flags));
  if (failure < 0) {
    putFrame(draft, pfn);
    return failure;
  }
  countResident(draft, mm.root, 1);
  if (!store && draft.platform.faultAroundPages > 0) faultAround(draft, mm, vma, file, vpn, flags);
  return kind;
}

/** filemap_fault(): the page, in the cache from here on, and read. */
function filePage(draft: Draft, vma: Vma, file: FileRecord, page: number): number {
  const isReadAhead = readsAhead(draft, file);
  const found = cachedPage(draft, file, page);
  if (isReadAhead && found < 0) readAround(draft, vma, file, page);
  else if (isReadAhead && (vma.flags & VM_RAND_READ) === 0) {
    // Held: reading the others must not reclaim it.
    draft.frames.add(found, FRAME.refs, 1);
    comeTo(draft, file, page, found, draft.platform.readaheadPages);
    putFrame(draft, found);
  }
  const cached = cachedPage(draft, file, page);
  const pfn = cached >= 0 ? cached : fillPage(draft, file, page);
  if (isReadAhead && pfn >= 0) waitForRead(draft, file, page, pfn);
  return pfn;
}

function kindOfFileFault(draft: Draft, file: FileRecord, page: number, cached: number): number {
  if (cached >= 0) return FAULT_FILE_MINOR;
  if (!file.shmem) return FAULT_FILE_MAJOR;
  return isSwappedOut(draft, file, page) ? FAULT_SWAP : FAULT_DEMAND_ZERO;
}

/**
 * do_swap_page(): the page comes from the swap cache, and stays there until it is written to or the area is half full. One
 * that is only read is left for the first store to make writable, as after a fork.
 */
function swapIn(draft: Draft, mm: Mm, vma: Vma, vpn: number, pte: number, store: boolean): number {
  const { frames } = draft;
  const slot = pteFrame(pte);
  const { pfn } = swapCacheGet(draft, slot);
  if (pfn < 0) return pfn;
  // Counted first: making a table may reclaim what nobody holds.
  frames.add(pfn, FRAME.refs, 1);
  const failure = install(draft, mm, vpn, makePte(pfn, userFlags(draft, vma) | PTE_COW));
  if (failure < 0) {
    frames.add(pfn, FRAME.refs, -1);
    return failure;
  }
  countResident(draft, mm.root, 1);
  setOwner(draft, pfn, vma.object, vpn - baseVpn(vma));
  putSwapSlot(draft, slot);
  if (isSwapFull(draft) || (store && frames.get(pfn, FRAME.refs) === 2)) leaveSwapCache(draft, pfn);
  if (store) {
    const kind = copyOnWrite(draft, mm, vma, vpn, findLeaf(draft, mm.root, vpn).pte);
    if (kind < 0) return kind;
  }
  return FAULT_SWAP;
}

/**
 * A store to a page that is mapped read-only: reuse it if it is ours alone, else copy it (wp_page_reuse, wp_page_copy).
 * A page that is reused is flushed nowhere: other cpus may hold it as read-only, and fault in vain if they write to it
 * (ptep_set_access_flags). Simplified: they do not, since TLB entries here have no rights.
 */
function copyOnWrite(draft: Draft, mm: Mm, vma: Vma, vpn: number, pte: number): number {
  if ((pte & PTE_LARGE) !== 0) return copyOnHugeWrite(draft, mm, vma, vpn);
  const pfn = pteFrame(pte);
  const isZeroPage = (pte & PTE_SPECIAL) !== 0;
  const { frames, platform } = draft;
  if (!isZeroPage && isOwn(draft, pfn, pte)) {
    mapPage(draft, mm.root, vpn, makePte(pfn, writableFlags(draft, vma)));
    return FAULT_COW;
  }
  if (isZeroPage) return copied(draft, mm, vpn, ownPage(draft, mm, vma, vpn, platform.costs.clearPageNs));
  // Held while it is copied: the allocation must not reclaim it.
  const counting = countingFrame(draft, pfn);
  frames.add(counting, FRAME.refs, 1);
  const failure = mapOwnPage(draft, mm, vma, vpn, writableFlags(draft, vma));
  frames.add(counting, FRAME.refs, -1);
  if (failure < 0) return failure;
  draft.spend(platform.costs.copyPageNs);
  unmapFrame(draft, pfn);
  return copied(draft, mm, vpn, failure);
}

/** What has to be done when a page has got another frame. The kind of fault, or why it could not be done. */
function copied(draft: Draft, mm: Mm, vpn: number, failure: number): number {
  if (failure < 0) return failure;
  flushCopied(draft, mm.id, vpn);
  return FAULT_COW;
}

/**
 * Whether nobody else refers to a private page (do_wp_page). A base page of a huge page, whose references are counted
 * for the whole, is known to be the process's own only if it was never shared (PageAnonExclusive).
 */
function isOwn(draft: Draft, pfn: number, pte: number): boolean {
  const { frames, platform } = draft;
  const refs = frames.get(pfn, FRAME.refs);
  if (frames.get(pfn, FRAME.use) === USE_ANON && (refs === 1 || othersOf(draft, pfn, refs) === 0))
    return true;
  if (platform.thp === undefined || !isAnonFrame(draft, pfn)) return false;
  const counting = countingFrame(draft, pfn);
  const isPart = frames.get(counting, FRAME.order) > 0;
  return frames.get(counting, FRAME.refs) === 1 || (isPart && (pte & PTE_COW) === 0);
}

/** Entries that lead to a page beside the one that asks: those that map it, and, of one in the swap cache, that name its slot. */
function othersOf(draft: Draft, pfn: number, refs: number): number {
  const slot = draft.platform.reclaim === undefined ? 0 : slotOfPage(draft, pfn);
  return slot === 0 ? refs - 1 : refs - 2 + draft.swapMap.get(slot, SWAP.count);
}

/** A huge page is not copied: it is split, and the base page copied that is written to. */
function copyOnHugeWrite(draft: Draft, mm: Mm, vma: Vma, vpn: number): number {
  if (reuseHuge(draft, mm, vpn, writableFlags(draft, vma))) return FAULT_COW;
  if (replaceHugeZero(draft, mm, vma, vpn, writableFlags(draft, vma))) return copied(draft, mm, vpn, 0);
  splitHuge(draft, mm, vpn);
  return copyOnWrite(draft, mm, vma, vpn, findLeaf(draft, mm.root, vpn).pte);
}

/** Maps a fresh page of the process's own, cleared or copied into, where there was none. 0 or a negated reason. */
function ownPage(draft: Draft, mm: Mm, vma: Vma, vpn: number, fillNs: number): number {
  const failure = mapOwnPage(draft, mm, vma, vpn, writableFlags(draft, vma));
  if (failure < 0) return failure;
  countResident(draft, mm.root, 1);
  draft.spend(fillNs);
  return 0;
}

function mapOwnPage(draft: Draft, mm: Mm, vma: Vma, vpn: number, flags: number): number {
  const pfn = allocPages(draft, 0, GFP_HIGHUSER_MOVABLE, USE_ANON, 0);
  if (pfn < 0) return pfn;
  const failure = install(draft, mm, vpn, makePte(pfn, flags));
  if (failure < 0) freePages(draft, pfn);
  else addToLru(draft, pfn, false, vma.object, vpn - baseVpn(vma));
  return failure;
}

/** Maps a page, leaving no empty tables behind if one of them cannot be had. */
function install(draft: Draft, mm: Mm, vpn: number, pte: number): number {
  const failure = mapPage(draft, mm.root, vpn, pte);
  if (failure < 0) freeEmptyTables(draft, mm.root, vpn, vpn + 1);
  return failure;
}

export function userFlags(draft: Draft, vma: Vma): number {
  const noExecute = draft.platform.mmu.nx && (vma.prot & PROT_EXEC) === 0;
  return PTE_PRESENT | PTE_USER | PTE_ACCESSED | (noExecute ? PTE_NX : 0);
}

export function writableFlags(draft: Draft, vma: Vma): number {
  return userFlags(draft, vma) | PTE_RW | PTE_DIRTY;
}
