/** Which pages each page table maps, and in whose address space: found by walking all of them from their roots. */

import type { Machine } from '../machine/machine.ts';
import { PTE_LARGE, pteFrame } from '../paging/pte.ts';

export interface TablePlace {
  /** `kernel`, `address space 3`, `device 2`. */
  readonly space: string;
  /** Level of its entries, 0 that of the root. */
  readonly level: number;
  /** First page that it maps. */
  readonly vpn: number;
}

/** By row of `tables`. */
export function tablePlaces(machine: Machine): Map<number, TablePlace> {
  const places = new Map<number, TablePlace>();
  addTables(machine, places, machine.platform.kernelRoot, { space: 'kernel', level: 0, vpn: 0 });
  for (const { id, root } of Object.values(machine.records.mms))
    addTables(machine, places, root, { space: `address space ${id}`, level: 0, vpn: 0 });
  return places;
}

function addTables(
  machine: Machine,
  places: Map<number, TablePlace>,
  table: number,
  place: TablePlace,
): void {
  const { levels, entriesPerTable } = machine.platform.mmu;
  places.set(table, place);
  const { space, level, vpn } = place;
  if (level === levels.length - 1) return;
  const { span, mask } = levels[level]!;
  for (let i = 0; i <= mask; i++) {
    const entry = machine.ptes.get(table * entriesPerTable + i, 0);
    if (entry === 0 || (entry & PTE_LARGE) !== 0) continue;
    addTables(machine, places, pteFrame(entry), { space, level: level + 1, vpn: vpn + i * span });
  }
}
