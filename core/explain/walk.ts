/** A page-table walk, step by step, with every entry as the hardware reads it. */

import type { EntryBit, EntryFields, EntryFlag } from '../arch/entry-format.ts';
import type { Machine } from '../machine/machine.ts';
import { isUserHalfNx } from '../paging/kpti.ts';
import {
  entryFlags,
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
import { entryRow } from '../paging/table-walk.ts';
import { TABLE } from '../paging/tables.ts';
import { isRam } from './frame.ts';

export interface WalkStep {
  /** pgd, p4d, pud, pmd, pte. */
  readonly level: string;
  readonly index: number;
  /** Physical address of the entry. */
  readonly entryAddress: bigint;
  /** 0: nothing there. */
  readonly entry: bigint;
  readonly flags: readonly string[];
  /** The fields of the entry by the manual's names, where the architecture tells them. */
  readonly bits?: readonly EntryBit[];
  /** The entry that the kernel keeps for itself of the same page, where it does (32-bit ARM). */
  readonly softwareEntry?: {
    readonly entryAddress: bigint;
    readonly entry: bigint;
    readonly bits: readonly EntryBit[];
  };
  /** The frame of the next table. */
  readonly tablePfn: number | undefined;
  /** What the entry maps, when it maps memory. */
  readonly page: { readonly pfn: number; readonly bytes: number } | undefined;
}

/** By flag of the hardware: the canonical bit, and what people call it. */
const HARDWARE_FLAGS: Readonly<Record<EntryFlag, readonly [flag: number, name: string]>> = {
  present: [PTE_PRESENT, 'present'],
  writable: [PTE_RW, 'writable'],
  user: [PTE_USER, 'user'],
  accessed: [PTE_ACCESSED, 'accessed'],
  dirty: [PTE_DIRTY, 'dirty'],
  large: [PTE_LARGE, 'large page'],
  global: [PTE_GLOBAL, 'global'],
  noExecute: [PTE_NX, 'no-execute'],
};
/** What the kernel notes in bits that the hardware leaves to it. */
const KERNEL_NOTES: readonly (readonly [flag: number, name: string])[] = [
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
    const entry =
      root === machine.platform.kernelRoot
        ? kernelEntry(machine, pte, isLeaf)
        : level === 0
          ? userTopEntry(machine, pte)
          : pte;
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

/** Where tables say whose they are, those of the kernel's half are not the user's. */
function kernelEntry({ platform }: Machine, pte: number, isLeaf: boolean): number {
  const tellsTables = platform.layout.arch.entries.tellsTables === true;
  return tellsTables && !isLeaf && (pte & PTE_USER) !== 0 ? pte - PTE_USER : pte;
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
  const { entryBytes, levels } = layout.arch.translation;
  const { bits, offsetBytes = 0 } = levels[level]!;
  // Of all tables that share the page.
  const place = (vpn * scale) & mask;
  const tableStart = BigInt(machine.tables.get(table, TABLE.pfn)) << BigInt(layout.pageShift);
  const pointsToTable = pte !== 0 && !isLeaf;
  const pfn = pointsToTable ? machine.tables.get(pteFrame(pte), TABLE.pfn) : pteFrame(pte);
  const { entries } = layout.arch;
  const isLarge = (pte & PTE_LARGE) !== 0;
  const visible = entries.visible(level, isLarge);
  const flags = pteFlags(pte);
  const fields = { pfn, flags: entryFlags(flags), device: isLeaf && !isRam(layout, pfn) };
  const entry = pte === 0 ? 0n : entries.encode(fields, level, layout.pageShift, place);
  const entryAddress = tableStart + BigInt(offsetBytes + place * entryBytes);
  return {
    level: name,
    index: place % 2 ** bits,
    entryAddress,
    entry,
    flags: flagNames(flags, visible),
    ...toldBits(machine, { level, entry, entryAddress, fields }),
    tablePfn: pointsToTable ? pfn : undefined,
    page: pte !== 0 && isLeaf && !isSwapPte(pte) ? { pfn, bytes: span * 2 ** layout.pageShift } : undefined,
  };
}

/** Of an entry that is present: its fields, and at the last level what the kernel keeps beside it. */
function toldBits(
  { platform }: Machine,
  at: { level: number; entry: bigint; entryAddress: bigint; fields: EntryFields },
): Pick<WalkStep, 'bits' | 'softwareEntry'> {
  const { arch, pageShift } = platform.layout;
  const { level, entry, entryAddress, fields } = at;
  const { tell, softwareEntry } = arch.entries;
  if (!fields.flags.present || tell === undefined) return {};
  const bits = tell(entry, level);
  if (softwareEntry === undefined || level < arch.translation.levels.length - 1) return { bits };
  const own = softwareEntry.encode(fields, pageShift);
  const ownAddress = entryAddress - BigInt(softwareEntry.bytesBelow);
  return { bits, softwareEntry: { entryAddress: ownAddress, entry: own, bits: softwareEntry.tell(own) } };
}

/** What the hardware sees at this level, and what the kernel notes of a page. */
function flagNames(flags: number, visible: readonly EntryFlag[]): string[] {
  const shown = Object.entries(HARDWARE_FLAGS).filter(([name]) => visible.includes(name as EntryFlag));
  return [...shown.map(([, flag]) => flag), ...KERNEL_NOTES]
    .filter(([flag]) => (flags & flag) !== 0)
    .map(([, name]) => name);
}
