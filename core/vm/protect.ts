/** What mprotect does to pages that are present (change_pte_range of mm/mprotect.c, v6.1). */
import { PROT_EXEC, PROT_WRITE } from '../event/mmap-flags.ts';
import type { Draft } from '../machine/draft.ts';
import { endVpn, type Vma } from '../mm/vma.ts';
import { isAnonFrame } from '../pages/frame-refs.ts';
import { flushUser } from '../paging/flush.ts';
import {
  isSwapPte,
  makePte,
  PTE_ACCESSED,
  PTE_COW,
  PTE_DIRTY,
  PTE_GLOBAL,
  PTE_LARGE,
  PTE_NX,
  PTE_PRESENT,
  PTE_RW,
  PTE_SPECIAL,
  PTE_USER,
  pteFlags,
  pteFrame,
} from '../paging/pte.ts';
import { forEachPte } from '../paging/table-walk.ts';
import { forEachSize } from '../thp/entries.ts';

/**
 * Gives the pages of some parts another protection; flushes once, from the first entry that changed to the last. At
 * the ends of a part no huge page is cut.
 */
export function protectPages(
  draft: Draft,
  cpu: number,
  mmId: number,
  parts: readonly Vma[],
  prot: number,
): void {
  const { root } = draft.records.mm(mmId);
  const changes = { start: -1, end: 0, stride: draft.platform.thp?.nrPages ?? 1 };
  for (const part of parts) {
    // What is as it should be is not looked at (mprotect_fixup).
    if (part.prot === prot) continue;
    const base = (start: number, end: number): void =>
      forEachPte(draft, root, start, end, (vpn, row, pte) => {
        draft.spend(draft.platform.costs.pteNs);
        // A page in the swap area gets its rights when it is back.
        if (!isSwapPte(pte)) rewrite(draft, changes, vpn, 1, row, protectedPte(draft, part, prot, pte));
      });
    forEachSize(draft, root, part.startVpn, endVpn(part), base, (vpn, row) => {
      draft.spend(draft.platform.costs.pteNs);
      const { nrPages } = draft.platform.thp!;
      rewrite(draft, changes, vpn, nrPages, row, protectedHuge(draft, prot, draft.ptes.get(row, 0)));
    });
  }
  const { start, end, stride } = changes;
  if (start >= 0) flushUser(draft, cpu, mmId, start, end - start, stride);
}

/** What has to be flushed: pages [start, end), from entries of at least `stride` pages; a start below zero: nothing. */
interface Changes {
  start: number;
  end: number;
  stride: number;
}

/** Writes an entry of `nrPages` pages anew, and notes if a TLB may know the old one. */
function rewrite(
  { ptes }: Draft,
  changes: Changes,
  vpn: number,
  nrPages: number,
  row: number,
  entry: number,
): void {
  const before = ptes.get(row, 0);
  ptes.set(row, 0, entry);
  if (!needsFlush(before, entry)) return;
  if (changes.start < 0) changes.start = vpn;
  changes.end = vpn + nrPages;
  changes.stride = Math.min(changes.stride, nrPages);
}

/** change_huge_pmd(): the first store has to make the page writable again (until v6.2, can_change_pmd_writable). */
function protectedHuge(draft: Draft, prot: number, pte: number): number {
  const kept = pteFlags(pte) & (PTE_ACCESSED | PTE_DIRTY | PTE_COW | PTE_SPECIAL | PTE_LARGE);
  return makePte(pteFrame(pte), kept | (prot === 0 ? PTE_GLOBAL : readableFlags(draft, prot)));
}

function readableFlags({ platform }: Draft, prot: number): number {
  return PTE_PRESENT | PTE_USER | (platform.mmu.nx && (prot & PROT_EXEC) === 0 ? PTE_NX : 0);
}

/**
 * The entry under another protection. A private page becomes writable at once only if it is the process's own and
 * dirty, so that no store to it could need a copy (can_change_pte_writable). PROT_NONE leaves an entry that the
 * hardware takes for absent (_PAGE_PROTNONE, which is the bit of global pages).
 */
function protectedPte(draft: Draft, { shared }: Vma, prot: number, pte: number): number {
  const before = pteFlags(pte);
  const pfn = pteFrame(pte);
  const kept = before & (PTE_ACCESSED | PTE_DIRTY | PTE_COW | PTE_SPECIAL);
  if (prot === 0) return makePte(pfn, kept | PTE_GLOBAL);
  const isSpecial = (before & PTE_SPECIAL) !== 0;
  const isAnon = !isSpecial && isAnonFrame(draft, pfn);
  const isOwn = isAnon && (before & PTE_COW) === 0;
  const mayWrite = (prot & PROT_WRITE) !== 0;
  const writable = mayWrite && (shared || (isOwn && (before & PTE_DIRTY) !== 0));
  const copied = mayWrite && !shared && !isAnon;
  return makePte(pfn, kept | readableFlags(draft, prot) | (writable ? PTE_RW : 0) | (copied ? PTE_COW : 0));
}

/** pte_needs_flush(): a TLB may hold what was present, and rights that changed. */
function needsFlush(before: number, after: number): boolean {
  return (before & PTE_PRESENT) !== 0 && ((before ^ after) & (PTE_PRESENT | PTE_RW | PTE_NX)) !== 0;
}
