/** Walks the page tables of a process for whoever looks at a machine: reports, checks, the OOM killer. */
import { pteFrame } from './pte.ts';
import { entryRow, type Walkable } from './tables.ts';

/** Calls `visit` with every last-level entry of a process that is in use, ascending. */
export function forEachUserPage(
  machine: Walkable,
  root: number,
  visit: (vpn: number, pte: number) => void,
): void {
  const { mmu } = machine.platform;
  const last = mmu.levels.length - 1;
  const visitTable = (table: number, level: number, firstVpn: number): void => {
    const { span, mask } = mmu.levels[level]!;
    for (let index = 0; index <= mask; index++) {
      const vpn = firstVpn + index * span;
      const entry = machine.ptes.get(entryRow(mmu, table, vpn, level), 0);
      if (entry === 0) continue;
      if (level === last) visit(vpn, entry);
      else visitTable(pteFrame(entry), level + 1, vpn);
    }
  };
  visitTable(root, 0, 0);
}
