/**
 * /sys/kernel/debug/page_tables/kernel of a machine: its kernel page tables, walked and folded into ranges as the
 * kernel does it (ptdump_walk_pgd and note_page of mm/ptdump.c and arch/x86/mm/dump_pagetables.c, v6.1), the marker
 * that comes one entry late included. What the machine does not map is not there: fixmap, cpu entry areas, the
 * second mapping of the kernel image, the memory map on 64 bits.
 */
import type { Layout } from '../../core/layout/layout.ts';
import { PTE_LARGE, pteFrame } from '../../core/paging/pte.ts';
import { entryRow } from '../../core/paging/tables.ts';
import type { Machine } from '../../core/state/machine.ts';
import { formatKernelPageTables, type PageTableMarker } from '../../traces/index.ts';
import { PageTableDump } from './page-table-dump.ts';
import { viewOf } from './view.ts';

export const kernelPageTables = viewOf(
  'kernel_page_tables',
  "the kernel's page tables as ranges that are mapped alike (/sys/kernel/debug/page_tables/kernel)",
  figures,
  (markers, { platform }) => formatKernelPageTables(markers, platform.layout.wordBits / 4),
);

function figures(machine: Machine): PageTableMarker[] {
  const { layout, kernelRoot } = machine.platform;
  const dump = new PageTableDump(layout);
  noteTable(machine, dump, kernelRoot, 0, 0);
  return dump.end();
}

/** Notes every entry that maps something and every one that maps nothing, ascending. */
function noteTable(
  machine: Machine,
  dump: PageTableDump,
  table: number,
  firstVpn: number,
  level: number,
): void {
  const { mmu, layout } = machine.platform;
  const { span, mask, name } = mmu.levels[level]!;
  const isLast = level === mmu.levels.length - 1;
  for (let index = 0; index <= mask; index++) {
    if (level === 0 && isGuardHole(layout, index, mask + 1)) continue;
    const vpn = firstVpn + index * span;
    const pte = machine.ptes.get(entryRow(mmu, table, vpn, level), 0);
    if (pte === 0) dump.noteHole(vpn, name, span);
    else if (isLast || (pte & PTE_LARGE) !== 0) dump.note(vpn, leafLevel(layout, level), pte);
    else noteTable(machine, dump, pteFrame(pte), vpn, level + 1);
  }
}

/** The first sixteen root entries of the kernel's half, which 64-bit kernels leave to hypervisors, are not walked. */
function isGuardHole({ wordBits }: Layout, index: number, entries: number): boolean {
  return wordBits === 64 && index >= entries / 2 && index < entries / 2 + 16;
}

const LEVELS_FROM_BELOW = ['pte', 'pmd', 'pud', 'p4d', 'pgd'];

/** With two levels of tables the top one is the middle directory too, and a large page is found there. */
function leafLevel({ translation }: Layout, level: number): string {
  return LEVELS_FROM_BELOW[translation.levels.length - 1 - level]!;
}
