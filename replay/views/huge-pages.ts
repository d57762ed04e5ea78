/** Huge pages of processes: how many there are, and who maps the base pages that they consist of. */

import type { Machine } from '../../core/machine/machine.ts';
import { endVpn, type Vma } from '../../core/mm/vma.ts';
import { PTE_LARGE, PTE_SPECIAL, pteFrame } from '../../core/paging/pte.ts';
import { forEachUserPage } from '../../core/paging/user-pages.ts';
import { blockOf, FRAME, USE_ANON } from '../../core/phys/frames.ts';
import { hugeStart } from '../../core/thp/entries.ts';
import { mayHaveHuge } from '../../core/thp/fault.ts';

/** Huge pages that some entry maps as a whole (NR_ANON_THPS counts their base pages). */
export function nrAnonHugePages(machine: Machine): number {
  const heads = new Set<number>();
  forEachMapped(machine, (pfn, isWhole) => {
    if (isWhole) heads.add(blockOf(machine.frames, pfn));
  });
  return heads.size;
}

/** First frame of the huge page that a private frame is part of, split or not; undefined when it is of none. */
export function hugePageOf({ platform, frames }: Machine, pfn: number): number | undefined {
  if (platform.thp === undefined) return undefined;
  const first = blockOf(frames, pfn);
  const isHuge = frames.get(first, FRAME.use) === USE_ANON && frames.get(first, FRAME.order) > 0;
  return isHuge ? first : undefined;
}

/** By frame of a huge page: entries that map it, alone or with the others (page_mapcount). */
export function hugeMapcounts(machine: Machine): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  forEachMapped(machine, (pfn) => {
    if (hugePageOf(machine, pfn) !== undefined) counts.set(pfn, (counts.get(pfn) ?? 0) + 1);
  });
  return counts;
}

/** Whether a fault in what a kernel keeps as one VMA may get a huge page (THPeligible of smaps). */
export function isThpEligible({ platform: { thp } }: Machine, vma: Vma): boolean {
  if (thp === undefined || !mayHaveHuge(thp, vma)) return false;
  return hugeStart(thp, endVpn(vma)) - thp.nrPages >= vma.startVpn;
}

function forEachMapped(machine: Machine, visit: (pfn: number, isWhole: boolean) => void): void {
  if (machine.platform.thp === undefined) return;
  for (const { root } of Object.values(machine.records.mms))
    forEachUserPage(machine, root, (_vpn, pte) => {
      if ((pte & PTE_SPECIAL) === 0) visit(pteFrame(pte), (pte & PTE_LARGE) !== 0);
    });
}
