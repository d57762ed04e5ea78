/**
 * The fields of ARM's entries by the names of the manual, and what their values mean under Linux: for those who read an
 * entry beside /sys/kernel/debug/kernel_page_tables or a debugger.
 *
 * Sources: ARM Architecture Reference Manual ARMv7-A, B3.5.1 (short) and B3.6.1, B3.6.2 (long descriptors), B3.7.1 (AP),
 * ARMv8-A, D5.3; v6.1: arch/arm/include/asm/{domain,pgtable-2level-hwdef,pgtable-2level,pgtable-3level-hwdef,
 * pgtable-3level}.h, arch/arm/mm/proc-v7-2level.S (PRRR, NMRR), arch/arm/mm/proc-v7-3level.S (MAIR),
 * arch/arm64/include/asm/{pgtable-hwdef,pgtable-prot,memory}.h.
 */
import type { EntryBit } from './entry-format.ts';

/** Domains (asm/domain.h without CONFIG_IO_36): each first-level entry has one, and DACR says what it lets through. */
export const ARM_DOMAINS = ['kernel', 'user', 'io', 'vectors'] as const;

/** Bits [at, at + width) of an entry. */
function take(entry: bigint, at: number, width = 1): number {
  return Number((entry >> BigInt(at)) & ((1n << BigInt(width)) - 1n));
}

/** A number of one bit is written as it is, a wider one in binary, as the manual does. */
function field(name: string, value: number, width: number, meaning?: string): EntryBit {
  const digits = width === 1 ? String(value) : `0b${value.toString(2).padStart(width, '0')}`;
  return { name, value: digits, ...(meaning !== undefined && { meaning }) };
}

/** A field that is an index: in decimal. */
function index(name: string, value: number, meaning: string | undefined): EntryBit {
  return { name, value: String(value), ...(meaning !== undefined && { meaning }) };
}

function rights(isReadOnly: boolean, isUser: boolean): string {
  return `${isUser ? 'kernel and user' : 'only the kernel'}, ${isReadOnly ? 'read only' : 'read and write'}`;
}

/** What TEX[0], C and B choose of PRRR and NMRR (SCTLR.TRE is set): memory types of Linux, without those it never uses. */
const SHORT_TYPES: Readonly<Record<number, string>> = {
  0: 'strongly ordered',
  1: 'normal, not cached',
  2: 'normal, write-through',
  3: 'normal, write-back',
  4: 'device',
  7: 'normal, write-back, write-allocate',
};

/** Where a section and a small page have the same fields. */
interface ShortFields {
  readonly ap: number;
  readonly apx: number;
  readonly tex: number;
  readonly s: number;
  readonly nG: number;
  readonly xn: number;
}
const SECTION_FIELDS: ShortFields = { ap: 10, apx: 15, tex: 12, s: 16, nG: 17, xn: 4 };
const PAGE_FIELDS: ShortFields = { ap: 4, apx: 9, tex: 6, s: 10, nG: 11, xn: 0 };

/** A short descriptor that is present, as the hardware has it. */
export function tellShort(entry: bigint, level: number): EntryBit[] {
  if (level > 0) return shortLeaf(entry, PAGE_FIELDS);
  const isSection = take(entry, 1) === 1;
  return [domainOf(entry), ...(isSection ? shortLeaf(entry, SECTION_FIELDS) : [])];
}

function domainOf(entry: bigint): EntryBit {
  const domain = take(entry, 5, 4);
  return index('domain', domain, ARM_DOMAINS[domain]);
}

function shortLeaf(entry: bigint, { ap, apx, tex, s, nG, xn }: ShortFields): EntryBit[] {
  const [permission, readOnly, type] = [take(entry, ap, 2), take(entry, apx), take(entry, tex, 3)];
  const [c, b] = [take(entry, 3), take(entry, 2)];
  return [
    field('APX', readOnly, 1),
    field('AP', permission, 2, rights(readOnly === 1, (permission & 2) !== 0)),
    field('TEX', type, 3),
    field('C', c, 1),
    field('B', b, 1, SHORT_TYPES[(type & 1) * 4 + c * 2 + b]),
    field('S', take(entry, s), 1),
    field('XN', take(entry, xn), 1),
    field('nG', take(entry, nG), 1),
  ];
}

/** L_PTE_*: the entry that Linux keeps beside that of the hardware. */
export function tellLinuxShort(entry: bigint): EntryBit[] {
  const type = take(entry, 2, 4);
  return [
    field('YOUNG', take(entry, 1), 1),
    field('DIRTY', take(entry, 6), 1),
    field('RDONLY', take(entry, 7), 1),
    field('USER', take(entry, 8), 1),
    field('XN', take(entry, 9), 1),
    field('SHARED', take(entry, 10), 1),
    index('MT', type, SHORT_TYPES[type]),
  ];
}

/** What differs between the long descriptors of LPAE and of arm64. */
interface LongNames {
  /** What MAIR says for an AttrIndx. */
  readonly types: Readonly<Record<number, string>>;
  readonly userNoExecute: string;
  readonly tableNoExecute: string;
  /** Bits that the hardware leaves to Linux, or that only one of the two has. */
  readonly own: readonly (readonly [name: string, at: number])[];
}

/** L_PTE_MT_* are indexes into MAIR there. */
const LPAE_NAMES: LongNames = {
  types: SHORT_TYPES,
  userNoExecute: 'XN',
  tableNoExecute: 'XNTable',
  own: [
    ['L_PTE_DIRTY', 55],
    ['L_PTE_RDONLY', 58],
  ],
};
const ARM64_NAMES: LongNames = {
  types: { 0: 'normal, write-back', 2: 'normal, not cached', 3: 'device, nGnRnE', 4: 'device, nGnRE' },
  userNoExecute: 'UXN',
  tableNoExecute: 'UXNTable',
  own: [
    ['DBM', 51],
    ['PTE_DIRTY', 55],
  ],
};

/** A long descriptor that is present; those of the last level are pages, others blocks or tables. */
function tellLong(names: LongNames, lastLevel: number): (entry: bigint, level: number) => EntryBit[] {
  return (entry, level) =>
    level < lastLevel && take(entry, 1) === 1 ? longTable(names, entry) : longLeaf(names, entry);
}

export const tellLpae = tellLong(LPAE_NAMES, 2);
export function tellArm64(lastLevel: number): (entry: bigint, level: number) => EntryBit[] {
  return tellLong(ARM64_NAMES, lastLevel);
}

function longTable({ tableNoExecute }: LongNames, entry: bigint): EntryBit[] {
  return [
    field('PXNTable', take(entry, 59), 1),
    field(tableNoExecute, take(entry, 60), 1),
    field('APTable', take(entry, 61, 2), 2),
  ];
}

/** SH: 0 is not shareable, 2 outer, 3 inner. */
const SHAREABILITY = ['not shareable', undefined, 'outer shareable', 'inner shareable'];

function longLeaf({ types, userNoExecute, own }: LongNames, entry: bigint): EntryBit[] {
  const [type, permission, share] = [take(entry, 2, 3), take(entry, 6, 2), take(entry, 8, 2)];
  return [
    index('AttrIndx', type, types[type]),
    field('AP', permission, 2, rights((permission & 2) !== 0, (permission & 1) !== 0)),
    field('SH', share, 2, SHAREABILITY[share]),
    field('AF', take(entry, 10), 1),
    field('nG', take(entry, 11), 1),
    field('contiguous', take(entry, 52), 1),
    field('PXN', take(entry, 53), 1),
    field(userNoExecute, take(entry, 54), 1),
    ...own.map(([name, at]) => field(name, take(entry, at), 1)),
  ];
}
