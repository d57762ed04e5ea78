/**
 * khugepaged: looks through the address spaces, a few huge pages at a time, and makes base pages one huge page where that
 * is worth it (mm/khugepaged.c, v6.1: khugepaged_do_scan, hpage_collapse_scan_pmd, collapse_huge_page).
 *
 * Simplified: it runs when the first event after its time other than an access begins, then as often as its time has
 * come, and its own time is no cpu's; address spaces come in the order of their numbers; none of files and shared memory.
 */
import { GFP_TRANSHUGE, GFP_TRANSHUGE_LIGHT } from '../event/gfp.ts';
import { PROT_WRITE } from '../event/mmap-flags.ts';
import type { Draft } from '../machine/draft.ts';
import type { Mm } from '../machine/machine.ts';
import { restOfArea } from '../mm/areas.ts';
import { countResident } from '../mm/usage.ts';
import { endVpn, VM_ANON, type Vma } from '../mm/vma.ts';
import { COUNTER } from '../outcome/counters.ts';
import { countingFrame, unmapFrame } from '../pages/frame-refs.ts';
import { isHugeAnon, mapCountOf, mapWhole } from '../pages/huge-parts.ts';
import { slotOfPage } from '../pages/swap.ts';
import { depositTable } from '../paging/deposit.ts';
import { flushUser } from '../paging/flush.ts';
import {
  isSwapPte,
  makePte,
  PTE_ACCESSED,
  PTE_DIRTY,
  PTE_LARGE,
  PTE_RW,
  PTE_SPECIAL,
  pteFrame,
} from '../paging/pte.ts';
import { TABLE } from '../paging/tables.ts';
import { FRAME, USE_ANON } from '../phys/frames.ts';
import { allocPages, freePages } from '../phys/page-alloc.ts';
import { isDmaMapped } from '../state/objects.ts';
import { hugeRow } from '../thp/entries.ts';
import { listHuge, mayHaveHuge } from '../thp/fault.ts';
import { noteOwnPages, pageFault, userFlags, writableFlags } from './fault.ts';
import { VM_VAR } from './state.ts';

/** Looks as often as it should have until now, on a machine with huge pages. */
export function runKhugepaged(draft: Draft, nowNs: number): void {
  const { vars } = draft;
  const { periodNs, pagesToScan } = draft.platform.thp!.khugepaged;
  while (nowNs >= vars[VM_VAR.khugepagedNextNs]!) {
    scanPages(draft, pagesToScan);
    vars[VM_VAR.khugepagedNextNs]! += periodNs;
  }
}

/** khugepaged_do_scan(): so many pages, but not the same address space twice. */
export function scanPages(draft: Draft, pages: number): void {
  const { vars } = draft;
  let progress = 0;
  for (let rounds = 0; progress < pages; ) {
    if (vars[VM_VAR.khugepagedMm] === 0) {
      if (++rounds > 1) return;
      goOnWith(draft, 0);
      if (vars[VM_VAR.khugepagedMm] === 0) return;
    }
    progress += scanMm(draft, vars[VM_VAR.khugepagedMm]!, pages - progress);
  }
}

/** With the address space behind this one, if there is any. */
function goOnWith({ records, vars }: Draft, after: number): void {
  let next = 0;
  for (const id of records.mmIds()) if (id > after && (next === 0 || id < next)) next = id;
  vars[VM_VAR.khugepagedMm] = next;
  vars[VM_VAR.khugepagedVpn] = 0;
}

/** Pages that a look at an address space may take, and has taken. */
interface Budget {
  readonly pages: number;
  taken: number;
}

/** khugepaged_scan_mm_slot(): goes on in an address space; what of `pages` that took. A collapse ends it. */
function scanMm(draft: Draft, id: number, pages: number): number {
  const { vars, records } = draft;
  const budget = { pages, taken: 1 };
  const mm = records.mmIds().includes(id) ? records.mm(id) : undefined;
  let area = areaFrom(mm, vars[VM_VAR.khugepagedVpn]!);
  for (; area !== undefined; area = areaFrom(mm, area.end))
    if (scanArea(draft, id, area, budget)) return budget.taken;
  goOnWith(draft, id);
  return budget.taken;
}

/** Whether that was enough. */
function scanArea(draft: Draft, id: number, area: Area, budget: Budget): boolean {
  const { vars, platform } = draft;
  const { nrPages } = platform.thp!;
  const behindLast = Math.floor(area.end / nrPages) * nrPages;
  if (!mayCollapse(draft, area) || vars[VM_VAR.khugepagedVpn]! > behindLast) {
    budget.taken++;
    return false;
  }
  let vpn = Math.max(Math.ceil(area.start / nrPages) * nrPages, vars[VM_VAR.khugepagedVpn]!);
  while (vpn < behindLast) {
    const hasTried = scanHuge(draft, id, vpn);
    vpn += nrPages;
    vars[VM_VAR.khugepagedVpn] = vpn;
    budget.taken += nrPages;
    if (hasTried || budget.taken >= budget.pages) return true;
  }
  return false;
}

/** What a kernel keeps as one VMA (mm/areas.ts), as far as khugepaged asks: pages [start, end). */
interface Area {
  readonly start: number;
  readonly end: number;
  /** The first of its VMAs, which are alike, and whether a page of its own was ever faulted in, in any of them. */
  readonly vma: Vma;
  readonly hasOwnPages: boolean;
}

/** The first that ends above a page, from the VMA there on: what lies below was looked at. */
function areaFrom(mm: Mm | undefined, vpn: number): Area | undefined {
  const vma = mm?.vmas.firstEndingAbove(vpn);
  if (vma === undefined) return undefined;
  const vmas = restOfArea(mm!, vma);
  const hasOwnPages = vmas.some(({ flags }) => (flags & VM_ANON) !== 0);
  return { start: vma.startVpn, end: endVpn(vmas[vmas.length - 1]!), vma, hasOwnPages };
}

/** hugepage_vma_check(): only where a page of its own was ever faulted in. */
function mayCollapse(draft: Draft, { vma, hasOwnPages }: Area): boolean {
  return hasOwnPages && mayHaveHuge(draft.platform.thp!, vma);
}

/** What the entries that a huge page would replace are like. */
interface Entries {
  readonly isWorthIt: boolean;
  readonly swapped: readonly number[];
}

/** hpage_collapse_scan_pmd(): whether it tried to make the pages from `vpn` on a huge one. */
function scanHuge(draft: Draft, mmId: number, vpn: number): boolean {
  const mm = draft.records.mm(mmId);
  const row = hugeRow(draft, mm.root, vpn);
  const entry = row === 0 ? 0 : draft.ptes.get(row, 0);
  if (entry === 0 || (entry & PTE_LARGE) !== 0) return false;
  if (isHeldByDevice(draft, mm, vpn)) return false;
  const entries = lookAt(draft, pteFrame(entry));
  if (!entries.isWorthIt) return false;
  collapse(draft, mm, vpn, entries);
  return true;
}

/** A device's pages do not move. */
function isHeldByDevice(draft: Draft, { vmas }: Mm, vpn: number): boolean {
  const parts = vmas.within(vpn, vpn + draft.platform.thp!.nrPages);
  return parts.some(({ object }) => isDmaMapped(draft, object));
}

function lookAt(draft: Draft, table: number): Entries {
  const { ptes, platform, counters } = draft;
  const { nrPages, khugepaged } = platform.thp!;
  const { maxPtesNone, maxPtesSwap, maxPtesShared } = khugepaged;
  const first = table * platform.mmu.entriesPerTable;
  const swapped: number[] = [];
  const letGo = (counter: number): Entries => {
    counters[counter]!++;
    return { isWorthIt: false, swapped };
  };
  let [none, shared, referenced] = [0, 0, 0];
  let isWritable = false;
  for (let i = 0; i < nrPages; i++) {
    const pte = ptes.get(first + i, 0);
    if (isSwapPte(pte)) {
      swapped.push(i);
      if (swapped.length > maxPtesSwap) return letGo(COUNTER.thpScanExceedSwapPte);
    } else if (pte === 0 || (pte & PTE_SPECIAL) !== 0) {
      if (++none > maxPtesNone) return letGo(COUNTER.thpScanExceedNonePte);
    } else {
      if ((pte & PTE_RW) !== 0) isWritable = true;
      if (isShared(draft, pteFrame(pte)) && ++shared > maxPtesShared)
        return letGo(COUNTER.thpScanExceedSharePte);
      if ((pte & PTE_ACCESSED) !== 0) referenced++;
    }
  }
  const isUsed = referenced > 0 && (swapped.length === 0 || referenced >= nrPages / 2);
  return { isWorthIt: isWritable && isUsed, swapped };
}

/** The swap cache's own reference is none of a mapping. */
function cacheRefs(draft: Draft, pfn: number): number {
  return draft.platform.reclaim !== undefined && slotOfPage(draft, pfn) !== 0 ? 1 : 0;
}

function isShared(draft: Draft, pfn: number): boolean {
  const first = countingFrame(draft, pfn);
  return isHugeAnon(draft, first)
    ? mapCountOf(draft, first, pfn) > 1
    : draft.frames.get(first, FRAME.refs) - cacheRefs(draft, first) > 1;
}

/** collapse_huge_page(): takes a huge page, brings in what is swapped out, looks once more, and copies. */
function collapse(draft: Draft, mm: Mm, vpn: number, { swapped }: Entries): void {
  const { thp, costs } = draft.platform;
  const { order, nrPages, khugepaged } = thp!;
  const pfn = allocPages(draft, order, khugepaged.defrag ? GFP_TRANSHUGE : GFP_TRANSHUGE_LIGHT, USE_ANON, 0);
  draft.counters[pfn < 0 ? COUNTER.thpCollapseAllocFailed : COUNTER.thpCollapseAlloc]!++;
  if (pfn < 0) return;
  const isBack = swapped.every((i) => pageFault(draft, mm.id, vpn + i, false) >= 0);
  // Making room for the huge page may have taken what was to become one.
  const row = hugeRow(draft, mm.root, vpn);
  const table = row === 0 ? 0 : pteFrame(draft.ptes.get(row, 0));
  if (!isBack || table === 0 || !lookAt(draft, table).isWorthIt) {
    freePages(draft, pfn);
    return;
  }
  const moved = moveAway(draft, table);
  depositTable(draft, Math.floor(row / draft.platform.mmu.entriesPerTable), table);
  const here = mm.vmas.at(vpn)!;
  const isWritable = (here.prot & PROT_WRITE) !== 0;
  const flags = isWritable ? writableFlags(draft, here) : userFlags(draft, here) | PTE_DIRTY;
  draft.ptes.set(row, 0, makePte(pfn, flags | PTE_LARGE));
  mapWhole(draft, pfn);
  countResident(draft, mm.root, nrPages - moved);
  listHuge(draft, mm, pfn, vpn);
  noteOwnPages(draft, mm.id, vpn, vpn + nrPages);
  draft.counters[COUNTER.thpPagesCollapsed]!++;
  draft.spend(costs.copyPageNs * nrPages);
  flushUser(draft, draft.cpu, mm.id, vpn, nrPages);
}

/** The base pages are copied (__collapse_huge_page_copy): their entries go, and their table is empty. How many. */
function moveAway(draft: Draft, table: number): number {
  const { ptes, platform, tables } = draft;
  const first = table * platform.mmu.entriesPerTable;
  let moved = 0;
  for (let i = 0; i < platform.thp!.nrPages; i++) {
    const pte = ptes.get(first + i, 0);
    ptes.set(first + i, 0, 0);
    if (pte === 0 || (pte & PTE_SPECIAL) !== 0) continue;
    unmapFrame(draft, pteFrame(pte));
    moved++;
  }
  tables.set(table, TABLE.entries, 0);
  return moved;
}
