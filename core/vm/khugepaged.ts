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
import { countResident } from '../mm/usage.ts';
import { baseVpn, endVpn, VM_ANON, type Vma } from '../mm/vma.ts';
import { Vmas } from '../mm/vmas.ts';
import { COUNTER } from '../outcome/counters.ts';
import { countingFrame, unmapFrame } from '../pages/frame-refs.ts';
import { isHugeAnon, mapCountOf, mapWhole } from '../pages/huge-parts.ts';
import { addToLru } from '../pages/lru.ts';
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
import { mayHaveHuge } from '../thp/fault.ts';
import { pageFault, userFlags, writableFlags } from './fault.ts';
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

/** khugepaged_scan_mm_slot(): goes on in an address space; what of `pages` that took. A collapse ends it. */
function scanMm(draft: Draft, id: number, pages: number): number {
  const { vars, records, platform } = draft;
  const { nrPages } = platform.thp!;
  let progress = 1;
  const vmas = records.mmIds().includes(id) ? records.mm(id).vmas : Vmas.EMPTY;
  let vma = vmas.firstEndingAbove(vars[VM_VAR.khugepagedVpn]!);
  for (; vma !== undefined; vma = vmas.firstEndingAbove(endVpn(vma))) {
    const start = Math.ceil(vma.startVpn / nrPages) * nrPages;
    const end = Math.floor(endVpn(vma) / nrPages) * nrPages;
    if (!mayCollapse(draft, vma) || vars[VM_VAR.khugepagedVpn]! > end) {
      progress++;
      continue;
    }
    let vpn = Math.max(start, vars[VM_VAR.khugepagedVpn]!);
    while (vpn < end) {
      const hasTried = scanHuge(draft, id, vma, vpn);
      vpn += nrPages;
      vars[VM_VAR.khugepagedVpn] = vpn;
      progress += nrPages;
      if (hasTried || progress >= pages) return progress;
    }
  }
  goOnWith(draft, id);
  return progress;
}

/** hugepage_vma_check(): only where a page of its own was ever faulted in. A device's pages do not move. */
function mayCollapse(draft: Draft, vma: Vma): boolean {
  return (
    (vma.flags & VM_ANON) !== 0 && mayHaveHuge(draft.platform.thp!, vma) && !isDmaMapped(draft, vma.object)
  );
}

/** What the entries that a huge page would replace are like. */
interface Entries {
  readonly isWorthIt: boolean;
  readonly swapped: readonly number[];
}

/** hpage_collapse_scan_pmd(): whether it tried to make the pages from `vpn` on a huge one. */
function scanHuge(draft: Draft, mmId: number, vma: Vma, vpn: number): boolean {
  const mm = draft.records.mm(mmId);
  const row = hugeRow(draft, mm.root, vpn);
  const entry = row === 0 ? 0 : draft.ptes.get(row, 0);
  if (entry === 0 || (entry & PTE_LARGE) !== 0) return false;
  const entries = lookAt(draft, pteFrame(entry));
  if (!entries.isWorthIt) return false;
  collapse(draft, mm, vma, vpn, entries);
  return true;
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
function collapse(draft: Draft, mm: Mm, vma: Vma, vpn: number, { swapped }: Entries): void {
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
  const here = mm.vmas.at(vpn) ?? vma;
  const isWritable = (here.prot & PROT_WRITE) !== 0;
  const flags = isWritable ? writableFlags(draft, here) : userFlags(draft, here) | PTE_DIRTY;
  draft.ptes.set(row, 0, makePte(pfn, flags | PTE_LARGE));
  mapWhole(draft, pfn);
  countResident(draft, mm.root, nrPages - moved);
  addToLru(draft, pfn, false, here.object, vpn - baseVpn(here));
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
