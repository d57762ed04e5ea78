/** What mprotect does to pages that are present (change_pte_range of mm/mprotect.c, v6.1). */
import { PROT_EXEC, PROT_WRITE } from '../event/mmap-flags.ts';
import { flushUser } from '../paging/flush.ts';
import {
  isSwapPte,
  makePte,
  PTE_ACCESSED,
  PTE_COW,
  PTE_DIRTY,
  PTE_GLOBAL,
  PTE_NX,
  PTE_PRESENT,
  PTE_RW,
  PTE_SPECIAL,
  PTE_USER,
  pteFlags,
  pteFrame,
} from '../paging/pte.ts';
import { forEachPte } from '../paging/tables.ts';
import { FRAME, USE_ANON } from '../phys/frames.ts';
import type { Draft } from '../state/draft.ts';
import { endVpn, type Vma } from './vma.ts';

/** Gives the pages of some parts another protection; flushes once, from the first entry that changed to the last. */
export function protectPages(
  draft: Draft,
  cpu: number,
  mmId: number,
  parts: readonly Vma[],
  prot: number,
): void {
  const { root } = draft.records.mm(mmId);
  let first = 0;
  let last = -1;
  for (const part of parts) {
    forEachPte(draft, root, part.startVpn, endVpn(part), (vpn, row, pte) => {
      draft.spend(draft.platform.costs.pteNs);
      // A page in the swap area gets its rights when it is back.
      if (isSwapPte(pte)) return;
      const changed = protectedPte(draft, part, prot, pte);
      draft.ptes.set(row, 0, changed);
      if (!needsFlush(pte, changed)) return;
      if (last < 0) first = vpn;
      last = vpn;
    });
  }
  if (last >= 0) flushUser(draft, cpu, mmId, first, last + 1 - first);
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
  const isAnon = !isSpecial && draft.frames.get(pfn, FRAME.use) === USE_ANON;
  const isOwn = isAnon && (before & PTE_COW) === 0;
  const mayWrite = (prot & PROT_WRITE) !== 0;
  const writable = mayWrite && (shared || (isOwn && (before & PTE_DIRTY) !== 0));
  const noExecute = draft.platform.mmu.nx && (prot & PROT_EXEC) === 0;
  const copied = mayWrite && !shared && !isAnon;
  return makePte(
    pfn,
    kept |
      PTE_PRESENT |
      PTE_USER |
      (writable ? PTE_RW : 0) |
      (noExecute ? PTE_NX : 0) |
      (copied ? PTE_COW : 0),
  );
}

/** pte_needs_flush(): a TLB may hold what was present, and rights that changed. */
function needsFlush(before: number, after: number): boolean {
  return (before & PTE_PRESENT) !== 0 && ((before ^ after) & (PTE_PRESENT | PTE_RW | PTE_NX)) !== 0;
}
