/** mprotect, madvise, mlock and munlock: what changes a part of a mapping where it is (mm/{mprotect,madvise,mlock}.c). */
import type { EVENT_KINDS } from '../event/kinds.ts';
import {
  MADV_COLD,
  MADV_DONTNEED,
  MADV_FREE,
  MADV_HUGEPAGE,
  MADV_NOHUGEPAGE,
  MADV_NORMAL,
  MADV_PAGEOUT,
  MADV_POPULATE_READ,
  MADV_POPULATE_WRITE,
  MADV_RANDOM,
  MADV_SEQUENTIAL,
  MADV_WILLNEED,
  PROT_MASK,
  PROT_READ,
  PROT_WRITE,
} from '../event/mmap-flags.ts';
import type { Draft } from '../machine/draft.ts';
import type { EventView, Handler } from '../machine/handler.ts';
import {
  endVpn,
  VM_HUGEPAGE,
  VM_LOCKED,
  VM_NOHUGEPAGE,
  VM_RAND_READ,
  VM_SEQ_READ,
  type Vma,
  vmaWith,
} from '../mm/vma.ts';
import { upToHole } from '../mm/vmas.ts';
import { COUNTER } from '../outcome/counters.ts';
import { INVALID, NO_MAPPING, NO_OBJECT, NO_PROCESS, OK, PROTECTION } from '../outcome/outcome.ts';
import {
  clearLruFlag,
  INACTIVE_FILE,
  isInactive,
  lruFlags,
  lruListOf,
  moveToFront,
  PG_LAZYFREE,
  PG_REFERENCED,
} from '../pages/lru.ts';
import { slotOfPage } from '../pages/swap.ts';
import { flushUser } from '../paging/flush.ts';
import {
  isSwapPte,
  makePte,
  PTE_ACCESSED,
  PTE_DIRTY,
  PTE_LARGE,
  PTE_SPECIAL,
  pteFlags,
  pteFrame,
} from '../paging/pte.ts';
import { forEachPte } from '../paging/table-walk.ts';
import { FRAME, USE_ANON, USE_PAGE_CACHE } from '../phys/frames.ts';
import { CPU } from '../state/cpus.ts';
import { OBJECT, USER } from '../state/objects.ts';
import { splitAround } from '../thp/entries.ts';
import { faultIn, populate } from './fault.ts';
import { accounted, pageRange } from './map-events.ts';
import { objectBase, zapPages } from './mapping.ts';
import { cachedPage, fillPage } from './page-cache.ts';
import { protectPages } from './protect.ts';

type RangeEvent = EventView<typeof EVENT_KINDS.munlock>;

/** What such a call names: an address space, and the parts of the object in its range. */
interface Named {
  readonly mmId: number;
  /** All parts, and those up to the first hole: most calls stop there. */
  readonly parts: readonly Vma[];
  readonly beforeHole: readonly Vma[];
  /** How a call ends that stops at a hole. */
  readonly status: number;
}

export const mprotect: Handler<'mprotect'> = (draft, event) => {
  const named = nameRange(draft, event);
  if (typeof named === 'number') return named;
  const prot = event.prot & PROT_MASK;
  // What was promised once stays so (mprotect_fixup).
  for (const part of named.beforeHole)
    change(draft, named.mmId, part, vmaWith(part, prot, part.flags | accounted(part.shared, prot)));
  protectPages(draft, event.cpu, named.mmId, named.beforeHole, prot);
  return named.status;
};

export const madvise: Handler<'madvise'> = (draft, event) => {
  const named = nameRange(draft, event);
  if (typeof named === 'number') return named;
  const advise = ADVICE[event.advice];
  if (advise === undefined) return INVALID;
  for (const part of named.parts) {
    const status = advise(draft, event.cpu, named.mmId, part);
    if (status !== OK) return status;
  }
  return named.status;
};

export const mlock: Handler<'mlock'> = (draft, event) => {
  const named = nameRange(draft, event);
  if (typeof named === 'number') return named;
  for (const part of named.beforeHole) setFlags(draft, named.mmId, part, VM_LOCKED, 0);
  if (named.status !== OK) return named.status;
  for (const part of named.parts) {
    const failure = part.prot === 0 ? -PROTECTION : populate(draft, named.mmId, part);
    if (failure < 0) return -failure;
  }
  return OK;
};

export const munlock: Handler<'munlock'> = (draft, event) => {
  const named = nameRange(draft, event);
  if (typeof named === 'number') return named;
  for (const part of named.beforeHole) setFlags(draft, named.mmId, part, 0, VM_LOCKED);
  return named.status;
};

/** Charges the system call, and finds what it names; a status when it names nothing. */
function nameRange(draft: Draft, { cpu, object, offset, length }: RangeEvent): Named | number {
  draft.spend(draft.platform.costs.syscallNs);
  const mmId = draft.cpus.get(cpu, CPU.mm);
  if (mmId === 0) return NO_PROCESS;
  if (draft.objects.get(object, OBJECT.class) !== USER) return NO_OBJECT;
  const mm = draft.records.mm(mmId);
  const { start, end } = pageRange(draft, offset, length);
  const parts = mm.vmas.partsOf(object, objectBase(draft, mm, object), start, end);
  const last = parts[parts.length - 1];
  if (last === undefined) return NO_MAPPING;
  const beforeHole = upToHole(parts, start);
  const endsShort = end !== Number.POSITIVE_INFINITY && last.objectPage + last.nrPages < end;
  const isWhole = beforeHole.length === parts.length && !endsShort;
  return { mmId, parts, beforeHole, status: isWhole ? OK : NO_MAPPING };
}

type Advise = (draft: Draft, cpu: number, mmId: number, part: Vma) => number;

/** By number. */
const ADVICE: Readonly<Record<number, Advise>> = {
  [MADV_NORMAL]: (draft, _cpu, mmId, part) => setFlags(draft, mmId, part, 0, VM_SEQ_READ | VM_RAND_READ),
  [MADV_RANDOM]: (draft, _cpu, mmId, part) => setFlags(draft, mmId, part, VM_RAND_READ, VM_SEQ_READ),
  [MADV_SEQUENTIAL]: (draft, _cpu, mmId, part) => setFlags(draft, mmId, part, VM_SEQ_READ, VM_RAND_READ),
  [MADV_WILLNEED]: (draft, _cpu, _mmId, part) => readAhead(draft, part),
  [MADV_DONTNEED]: dropPages,
  [MADV_FREE]: freeLazily,
  [MADV_COLD]: makeCold,
  [MADV_PAGEOUT]: pageOut,
  [MADV_POPULATE_READ]: (draft, _cpu, mmId, part) => populateBy(draft, mmId, part, PROT_READ),
  [MADV_POPULATE_WRITE]: (draft, _cpu, mmId, part) => populateBy(draft, mmId, part, PROT_WRITE),
  [MADV_HUGEPAGE]: (draft, _cpu, mmId, part) => setFlags(draft, mmId, part, VM_HUGEPAGE, VM_NOHUGEPAGE),
  [MADV_NOHUGEPAGE]: (draft, _cpu, mmId, part) => setFlags(draft, mmId, part, VM_NOHUGEPAGE, VM_HUGEPAGE),
};

/** The next touch finds zeros, or the file's page. */
function dropPages(draft: Draft, cpu: number, mmId: number, part: Vma): number {
  if ((part.flags & VM_LOCKED) !== 0) return INVALID;
  splitAround(draft, mmId, part.startVpn, endVpn(part));
  const stride = zapPages(draft, draft.records.mm(mmId).root, part.startVpn, endVpn(part));
  flushUser(draft, cpu, mmId, part.startVpn, part.nrPages, stride);
  return OK;
}

/**
 * madvise_free_pte_range(): the pages stay, clean and writable, until they are reclaimed, which writes them nowhere, or
 * written again, which no fault tells. Simplified: what others map too, is in the swap area or part of a huge page is
 * only clean.
 */
function freeLazily(draft: Draft, cpu: number, mmId: number, part: Vma): number {
  if (part.file !== 0 || part.shared || (part.flags & VM_LOCKED) !== 0) return INVALID;
  const { root } = draft.records.mm(mmId);
  splitAround(draft, mmId, part.startVpn, endVpn(part));
  forEachPte(draft, root, part.startVpn, endVpn(part), (_vpn, row, pte) => {
    draft.spend(draft.platform.costs.pteNs);
    if (isSwapPte(pte)) return;
    draft.ptes.set(row, 0, makePte(pteFrame(pte), pteFlags(pte) & ~(PTE_DIRTY | PTE_ACCESSED)));
    if (isOwnBasePage(draft, pte)) giveUp(draft, pteFrame(pte));
  });
  flushUser(draft, cpu, mmId, part.startVpn, part.nrPages);
  return OK;
}

/** A page of memory, mapped here only, and the disk is not at it: others are left alone. */
function isOwnBasePage(draft: Draft, pte: number): boolean {
  if ((pteFlags(pte) & (PTE_SPECIAL | PTE_LARGE)) !== 0) return false;
  const pfn = pteFrame(pte);
  const isCached = draft.frames.get(pfn, FRAME.use) === USE_PAGE_CACHE;
  return lruListOf(draft, pfn) >= 0 && draft.frames.get(pfn, FRAME.refs) === (isCached ? 2 : 1);
}

/** To the inactive list, as if it had not been used (folio_deactivate). */
function deactivate(draft: Draft, pfn: number): void {
  const list = lruListOf(draft, pfn);
  clearLruFlag(draft, pfn, PG_REFERENCED);
  if (isInactive(list)) return;
  moveToFront(draft, pfn, list - 1, lruFlags(draft, pfn));
  draft.counters[COUNTER.pgdeactivate]!++;
}

/** MADV_COLD: the first to go when memory is short (madvise_cold_or_pageout_pte_range). */
function makeCold(draft: Draft, cpu: number, mmId: number, part: Vma): number {
  return age(draft, cpu, mmId, part, (pfn) => deactivate(draft, pfn));
}

/** MADV_PAGEOUT: goes now. */
function pageOut(draft: Draft, cpu: number, mmId: number, part: Vma): number {
  const pfns: number[] = [];
  const status = age(draft, cpu, mmId, part, (pfn) => {
    clearLruFlag(draft, pfn, PG_REFERENCED);
    pfns.push(pfn);
  });
  draft.reclaimer?.pageOut(draft, pfns);
  return status;
}

/**
 * Takes the accessed bit from each page that is mapped here only, and hands it on. Huge pages are left alone where all of
 * them is in the range, and split where it is not. Without reclaim no page is on a list, and none is handed on.
 */
function age(draft: Draft, cpu: number, mmId: number, part: Vma, each: (pfn: number) => void): number {
  if ((part.flags & VM_LOCKED) !== 0) return INVALID;
  splitAround(draft, mmId, part.startVpn, endVpn(part));
  forEachPte(draft, draft.records.mm(mmId).root, part.startVpn, endVpn(part), (_vpn, row, pte) => {
    draft.spend(draft.platform.costs.pteNs);
    if (isSwapPte(pte) || !isOwnBasePage(draft, pte)) return;
    draft.ptes.set(row, 0, makePte(pteFrame(pte), pteFlags(pte) & ~PTE_ACCESSED));
    each(pteFrame(pte));
  });
  flushUser(draft, cpu, mmId, part.startVpn, part.nrPages);
  return OK;
}

/** folio_mark_lazyfree(). */
function giveUp(draft: Draft, pfn: number): void {
  if (draft.frames.get(pfn, FRAME.use) !== USE_ANON || slotOfPage(draft, pfn) !== 0) return;
  moveToFront(draft, pfn, INACTIVE_FILE, PG_LAZYFREE);
}

/** madvise_populate(): as if each page were read or written, without faults that a processor would take. */
function populateBy(draft: Draft, mmId: number, part: Vma, how: number): number {
  if ((part.prot & how) === 0) return INVALID;
  for (let vpn = part.startVpn; vpn < endVpn(part); vpn++) {
    const kind = faultIn(draft, mmId, vpn, how === PROT_WRITE);
    if (kind < 0) return -kind;
  }
  return OK;
}

/** Brings a file's pages into the page cache; the process still has to touch them. */
function readAhead(draft: Draft, part: Vma): number {
  const file = part.file === 0 ? undefined : draft.records.file(part.file);
  if (file === undefined || file.shmem) return OK;
  const end = Math.min(part.objectPage + part.nrPages, file.nrPages);
  for (let page = part.objectPage; page < end; page++) {
    const pfn = cachedPage(draft, file, page) >= 0 ? 0 : fillPage(draft, file, page);
    if (pfn < 0) return -pfn;
  }
  return OK;
}

function setFlags(draft: Draft, mmId: number, part: Vma, set: number, cleared: number): number {
  change(draft, mmId, part, vmaWith(part, part.prot, (part.flags & ~cleared) | set));
  return OK;
}

/**
 * Gives a part other attributes, or leaves it as it is, unmerged too (mprotect_fixup, mlock_fixup, madvise_update_vma, v6.1).
 * A VMA that is split for that splits the huge pages across its ends.
 */
function change(draft: Draft, mmId: number, part: Vma, changed: Vma): void {
  if (part.prot === changed.prot && part.flags === changed.flags) return;
  splitAround(draft, mmId, part.startVpn, endVpn(part));
  draft.records.editMm(mmId).vmas.changePart(part, changed);
}
