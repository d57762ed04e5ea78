/** A page-table walk, step by step, with every entry as the hardware reads it. */

import { isUserHalfNx } from '../paging/kpti.ts';
import {
  hardwareEntry,
  isSwapPte,
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
import { entryRow, TABLE } from '../paging/tables.ts';
import type { Machine } from '../state/machine.ts';

export interface WalkStep {
  /** pgd, p4d, pud, pmd, pte. */
  readonly level: string;
  readonly index: number;
  /** Physical address of the entry. */
  readonly entryAddress: bigint;
  /** 0: nothing there. */
  readonly entry: bigint;
  readonly flags: readonly string[];
  /** The frame of the next table. */
  readonly tablePfn: number | undefined;
  /** What the entry maps, when it maps memory. */
  readonly page: { readonly pfn: number; readonly bytes: number } | undefined;
}

const FLAG_NAMES: readonly (readonly [flag: number, name: string])[] = [
  [PTE_PRESENT, 'present'],
  [PTE_RW, 'writable'],
  [PTE_USER, 'user'],
  [PTE_ACCESSED, 'accessed'],
  [PTE_DIRTY, 'dirty'],
  [PTE_LARGE, 'large page'],
  [PTE_GLOBAL, 'global'],
  [PTE_NX, 'no-execute'],
  [PTE_COW, 'copy-on-write'],
  [PTE_SPECIAL, 'uncounted'],
];

/** The entries that a walk for page `vpn` reads, from the root to the page or to the first absent one. */
export function walkOf(machine: Machine, root: number, vpn: number): WalkStep[] {
  const { levels } = machine.platform.mmu;
  const steps: WalkStep[] = [];
  for (let table = root, level = 0; level < levels.length; level++) {
    const pte = machine.ptes.get(entryRow(machine.platform.mmu, table, vpn, level), 0);
    const isLeaf = level === levels.length - 1 || (pte & PTE_LARGE) !== 0;
    const entry = level === 0 && root !== machine.platform.kernelRoot ? userTopEntry(machine, pte) : pte;
    steps.push(stepOf(machine, table, vpn, level, entry, isLeaf));
    if (pte === 0 || isLeaf) break;
    table = pteFrame(pte);
  }
  return steps;
}

/** With page-table isolation the kernel cannot run user code: its root says so at the top. */
function userTopEntry({ platform }: Machine, pte: number): number {
  return pte !== 0 && isUserHalfNx(platform) ? pte + PTE_NX : pte;
}

function stepOf(
  machine: Machine,
  table: number,
  vpn: number,
  level: number,
  pte: number,
  isLeaf: boolean,
): WalkStep {
  const { layout, mmu } = machine.platform;
  const { name, scale, mask, span } = mmu.levels[level]!;
  const index = (vpn * scale) & mask;
  const tableStart = BigInt(machine.tables.get(table, TABLE.pfn)) << BigInt(layout.pageShift);
  const pointsToTable = pte !== 0 && !isLeaf;
  const pfn = pointsToTable ? machine.tables.get(pteFrame(pte), TABLE.pfn) : pteFrame(pte);
  const flags = visibleFlags(machine, level, pteFlags(pte));
  return {
    level: name,
    index,
    entryAddress: tableStart + BigInt(index * layout.translation.entryBytes),
    entry: pte === 0 ? 0n : hardwareEntry(pfn, flags, layout.pageShift),
    flags: FLAG_NAMES.filter(([flag]) => (flags & flag) !== 0).map(([, flagName]) => flagName),
    tablePfn: pointsToTable ? pfn : undefined,
    page: pte !== 0 && isLeaf && !isSwapPte(pte) ? { pfn, bytes: span * 2 ** layout.pageShift } : undefined,
  };
}

/** PAE's four top entries have a present bit only (pud_populate, arch/x86, v6.1); two-level entries have no NX. */
function visibleFlags({ platform }: Machine, level: number, flags: number): number {
  const { translation, wordBits } = platform.layout;
  const isPaeTop = wordBits === 32 && translation.levels.length === 3 && level === 0;
  return flags & (isPaeTop ? PTE_PRESENT : -1) & (translation.nx ? -1 : ~PTE_NX);
}
