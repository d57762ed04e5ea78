/**
 * Page faults that huge pages serve (mm/huge_memory.c, v6.1: do_huge_pmd_anonymous_page, do_huge_pmd_wp_page).
 *
 * Private anonymous memory gets one where nothing is mapped yet of an aligned huge page that lies in one area
 * (mm/areas.ts), of several objects perhaps: a load the huge zero page, a store a block of its own. When no block is to
 * be had the fault is served as without them; khugepaged may make a huge page of its base pages later (vm/khugepaged.ts).
 */

import {
  __GFP_DIRECT_RECLAIM,
  __GFP_KSWAPD_RECLAIM,
  __GFP_NORETRY,
  GFP_TRANSHUGE,
  GFP_TRANSHUGE_LIGHT,
} from '../event/gfp.ts';
import { PROT_WRITE } from '../event/mmap-flags.ts';
import type { Draft } from '../machine/draft.ts';
import type { Mm } from '../machine/machine.ts';
import { isWithinArea } from '../mm/areas.ts';
import { countResident } from '../mm/usage.ts';
import { endVpn, VM_DONTEXPAND, VM_HUGEPAGE, VM_NOHUGEPAGE, type Vma } from '../mm/vma.ts';
import { COUNTER } from '../outcome/counters.ts';
import { FAULT_DEMAND_ZERO, FAULT_ZERO_PAGE } from '../outcome/outcome.ts';
import { putFrame } from '../pages/frame-refs.ts';
import { beginPart } from '../pages/huge-owners.ts';
import { mapWhole } from '../pages/huge-parts.ts';
import { addToLru } from '../pages/lru.ts';
import { makePte, PTE_COW, PTE_DIRTY, PTE_LARGE, PTE_RW, PTE_SPECIAL, pteFrame } from '../paging/pte.ts';
import { freeEmptyTables, freeTable, newTable } from '../paging/tables.ts';
import { FRAME, USE_ANON } from '../phys/frames.ts';
import { allocPages, freePages } from '../phys/page-alloc.ts';
import { hugeEntry, hugeRow, hugeStart, mapHuge } from './entries.ts';
import type { HugePages } from './settings.ts';
import { getHugeZeroPage } from './zero-page.ts';

/** hugepage_vma_check(): whether the memory of a VMA may come in huge pages at all. */
export function mayHaveHuge({ always }: HugePages, { flags, file, shared }: Vma): boolean {
  if (file !== 0 || shared || (flags & (VM_NOHUGEPAGE | VM_DONTEXPAND)) !== 0) return false;
  return always || (flags & VM_HUGEPAGE) !== 0;
}

/**
 * Whether what a kernel keeps as one VMA contains the whole huge page around `vpn` (transhuge_vma_suitable). `vma` is the
 * one around that page.
 */
export function containsHuge(thp: HugePages, mm: Pick<Mm, 'vmas' | 'heap'>, vma: Vma, vpn: number): boolean {
  const first = hugeStart(thp, vpn);
  const end = first + thp.nrPages;
  return (first >= vma.startVpn && end <= endVpn(vma)) || isWithinArea(mm, first, end);
}

/** Serves a fault at `vpn` with a huge page: the kind of fault, 0 to go on with a base page, or a negated reason. */
export function hugeFault(
  draft: Draft,
  mm: Mm,
  vma: Vma,
  vpn: number,
  flags: number,
  store: boolean,
): number {
  const { thp } = draft.platform;
  if (thp === undefined || !mayHaveHuge(thp, vma) || hugeEntry(draft, mm.root, vpn) !== 0) return 0;
  if (!containsHuge(thp, mm, vma, vpn)) return 0;
  const first = hugeStart(thp, vpn);
  const isOwn = store || !thp.usesZeroPage;
  const pfn = isOwn ? ownHugePage(draft, thp, vma) : getHugeZeroPage(draft);
  if (pfn < 0) {
    draft.counters[COUNTER.thpFaultFallback]!++;
    return 0;
  }
  const kind = isOwn ? ownFlags(vma) : PTE_COW | PTE_SPECIAL;
  const failure = install(draft, mm.root, first, makePte(pfn, flags | PTE_LARGE | kind));
  if (failure < 0) {
    if (isOwn) freePages(draft, pfn);
    else putFrame(draft, pfn);
    return failure;
  }
  if (!isOwn) return FAULT_ZERO_PAGE;
  mapWhole(draft, pfn);
  countResident(draft, mm.root, thp.nrPages);
  listHuge(draft, mm, pfn, first);
  draft.counters[COUNTER.thpFaultAlloc]!++;
  draft.spend(draft.platform.costs.clearPageNs * thp.nrPages);
  return FAULT_DEMAND_ZERO;
}

/** The huge page of a process at `vpn`, in one area, joins the LRU lists, and says of which objects its pages are. */
export function listHuge(draft: Draft, mm: Mm, pfn: number, vpn: number): void {
  if (draft.platform.reclaim === undefined) return;
  for (const { startVpn, object, objectPage } of mm.vmas.within(vpn, vpn + draft.platform.thp!.nrPages)) {
    if (startVpn === vpn) addToLru(draft, pfn, false, object, objectPage);
    else beginPart(draft, pfn + startVpn - vpn, object, objectPage);
  }
}

/** A huge page of the process's own is dirty from the start (do_huge_pmd_anonymous_page), writable if its VMA is. */
function ownFlags({ prot }: Vma): number {
  return PTE_DIRTY | ((prot & PROT_WRITE) === 0 ? 0 : PTE_RW);
}

/** vma_thp_gfp_mask(): by `defrag`, and by whether the process asked for huge pages. */
function hugeGfp({ defrag }: HugePages, { flags }: Vma): number {
  const hasAsked = (flags & VM_HUGEPAGE) !== 0;
  if (defrag === 'always') return GFP_TRANSHUGE | (hasAsked ? 0 : __GFP_NORETRY);
  if (defrag === 'defer' || (defrag === 'defer+madvise' && !hasAsked))
    return GFP_TRANSHUGE_LIGHT | __GFP_KSWAPD_RECLAIM;
  return GFP_TRANSHUGE_LIGHT | (hasAsked && defrag !== 'never' ? __GFP_DIRECT_RECLAIM : 0);
}

function ownHugePage(draft: Draft, thp: HugePages, vma: Vma): number {
  const { order } = thp;
  const gfp = hugeGfp(thp, vma);
  return allocPages(draft, order, gfp, USE_ANON, 0);
}

/** Maps a huge page and the table in reserve for it, or nothing. */
function install(draft: Draft, root: number, vpn: number, pte: number): number {
  const deposited = newTable(draft);
  if (deposited < 0) return deposited;
  const failure = mapHuge(draft, root, vpn, pte, deposited);
  if (failure === 0) return 0;
  freeTable(draft, deposited);
  freeEmptyTables(draft, root, vpn, vpn + 1);
  return failure;
}

/**
 * A store to the huge zero page that gets a huge page of its own (do_huge_zero_wp_pmd, v6.13). False where the kernel has
 * no such rule, or no block.
 */
export function replaceHugeZero(draft: Draft, mm: Mm, vma: Vma, vpn: number, flags: number): boolean {
  const { thp, layout, costs } = draft.platform;
  const row = hugeRow(draft, mm.root, vpn);
  const entry = draft.ptes.get(row, 0);
  if (thp === undefined || layout.kernel.hugeZeroWrite === 'base' || (entry & PTE_SPECIAL) === 0)
    return false;
  const pfn = ownHugePage(draft, thp, vma);
  if (pfn < 0) {
    draft.counters[COUNTER.thpFaultFallback]!++;
    return false;
  }
  putFrame(draft, pteFrame(entry));
  draft.ptes.set(row, 0, makePte(pfn, flags | PTE_LARGE));
  mapWhole(draft, pfn);
  countResident(draft, mm.root, thp.nrPages);
  listHuge(draft, mm, pfn, hugeStart(thp, vpn));
  draft.counters[COUNTER.thpFaultAlloc]!++;
  draft.spend(costs.clearPageNs * thp.nrPages);
  return true;
}

/** A store to a huge page that is mapped read-only: makes it writable if it is the process's own; else false. */
export function reuseHuge(draft: Draft, { root }: Mm, vpn: number, flags: number): boolean {
  const row = hugeRow(draft, root, vpn);
  const entry = draft.ptes.get(row, 0);
  if ((entry & PTE_SPECIAL) !== 0) return false;
  const pfn = pteFrame(entry);
  if ((entry & PTE_COW) !== 0 && draft.frames.get(pfn, FRAME.refs) > 1) return false;
  draft.ptes.set(row, 0, makePte(pfn, flags | PTE_LARGE));
  return true;
}
