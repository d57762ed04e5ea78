/** Walks the page tables of a process for whoever looks at a machine: reports, checks, the OOM killer. */
import { makePte, PTE_LARGE, pteFlags, pteFrame } from './pte.ts';
import { forEachEntry, type Walkable } from './table-walk.ts';

/**
 * Calls `visit` with every page of a process whose entry is in use, ascending. The base pages of a huge page come one
 * by one, each with the entry that would map it alone but for PTE_LARGE.
 */
export function forEachUserPage(
  machine: Walkable,
  root: number,
  visit: (vpn: number, pte: number) => void,
): void {
  const { mmu } = machine.platform;
  const last = mmu.levels.length - 1;
  const visitHuge = (vpn: number, nrPages: number, entry: number): void => {
    for (let i = 0; i < nrPages; i++) visit(vpn + i, makePte(pteFrame(entry) + i, pteFlags(entry)));
  };
  const visitTable = (table: number, level: number, firstVpn: number): void => {
    const { span } = mmu.levels[level]!;
    forEachEntry(machine, table, level, (entry, index) => {
      const vpn = firstVpn + index * span;
      if (level === last) visit(vpn, entry);
      else if ((entry & PTE_LARGE) !== 0) visitHuge(vpn, span, entry);
      else
        visitTable(pteFrame(entry), level + 1, vpn - (index % mmu.levels[level + 1]!.tablesPerPage) * span);
    });
  };
  visitTable(root, 0, 0);
}
