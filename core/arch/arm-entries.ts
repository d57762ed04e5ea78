/**
 * Entries of 32-bit ARM: short descriptors, as hardware and as Linux has them, and long ones (LPAE), which arm64 shares.
 *
 * Sources: ARM Architecture Reference Manual ARMv7-A, B3.5 (short) and B3.6 (long descriptors); v6.1:
 * arch/arm/include/asm/{pgtable-2level-hwdef,pgtable-2level,pgtable-3level-hwdef,domain}.h, arch/arm/mm/proc-v7-2level.S
 * (cpu_v7_set_pte_ext), arch/arm/mm/mmu.c (build_mem_type_table). Memory is normal, write-back, shareable: what an SMP
 * kernel gives all RAM; what is no RAM is of the type device (ioremap). Simplified: Linux makes entries that are not young, or not dirty, absent or read-only for the
 * hardware, and a fault sets the bit; here walks set it, as on x86.
 */
import { tellArm64, tellLinuxShort, tellLpae, tellShort } from './arm-entry-bits.ts';
import {
  type EntryBit,
  type EntryFields,
  type EntryFlag,
  type EntryFlags,
  type EntryFormat,
  frameField,
  NO_FLAGS,
} from './entry-format.ts';

const ADDRESS = frameField('address', 32);
const bit = (at: number): bigint => 1n << BigInt(at);

/** Type of a section and of a small page; that of a table is 1, and 0 is a fault, whatever the other bits say. */
const TYPE_PAGE = 0x2n;
/** B and C, at the same place in both: clear, they make of normal memory (TEX[0], C, B all set) a device. */
const CACHED = bit(2) | bit(3);

/** Where a format of the short descriptors has each right. */
interface ShortBits {
  /** What every entry of the kind has: type, access permission 0, memory type, shareable. */
  readonly base: bigint;
  readonly mask: bigint;
  /** AP[1]: user mode too; AP[2]: read only; nG: not global; XN: not executable. */
  readonly user: bigint;
  readonly readOnly: bigint;
  readonly notGlobal: bigint;
  readonly noExecute: bigint;
}

/** A 1 MiB section: type 2, B, C, AP[0] (bit 10), TEX[0] (bit 12), S (bit 16). */
const SECTION: ShortBits = {
  base: TYPE_PAGE | bit(2) | bit(3) | bit(10) | bit(12) | bit(16),
  mask: 0xfffn << 20n,
  user: bit(11),
  readOnly: bit(15),
  notGlobal: bit(17),
  noExecute: bit(4),
};

/** A small page: type 2, B, C, AP[0] (bit 4), TEX[0] (bit 6), S (bit 10). */
const SMALL_PAGE: ShortBits = {
  base: TYPE_PAGE | bit(2) | bit(3) | bit(4) | bit(6) | bit(10),
  mask: 0xfffffn << 12n,
  user: bit(5),
  readOnly: bit(9),
  notGlobal: bit(11),
  noExecute: bit(0),
};

function encodeShort(
  format: ShortBits,
  { pfn, flags, device = false }: EntryFields,
  pageShift: number,
): bigint {
  const frame = ADDRESS.put(pfn, pageShift) & format.mask;
  if (!flags.present) return frame;
  return (
    frame |
    (device ? format.base & ~CACHED : format.base) |
    (flags.user ? format.user : 0n) |
    (flags.writable ? 0n : format.readOnly) |
    (flags.global ? 0n : format.notGlobal) |
    (flags.noExecute ? format.noExecute : 0n)
  );
}

function decodeShort(format: ShortBits, entry: bigint, pageShift: number): EntryFields {
  const pfn = ADDRESS.get(entry & format.mask, pageShift);
  if ((entry & TYPE_PAGE) === 0n) return { pfn, flags: NO_FLAGS };
  const has = (bits: bigint): boolean => (entry & bits) !== 0n;
  const flags = {
    ...NO_FLAGS,
    present: true,
    large: format === SECTION,
    user: has(format.user),
    writable: !has(format.readOnly),
    global: !has(format.notGlobal),
    noExecute: has(format.noExecute),
  };
  return { pfn, flags };
}

/** PMD_TYPE_TABLE, PMD_BIT4, and the domain: user tables have domain 1. */
const TABLE_BASE = 0x11n;
const USER_DOMAIN = bit(5);
/** The hardware's tables lie 2 KiB into their page, behind Linux's own: two of 1 KiB, for the two entries of a pair. */
const HARDWARE_TABLES = 0x800n;
const TABLE_BYTES = 0x400n;

const PAGE_FLAGS: readonly EntryFlag[] = ['present', 'writable', 'user', 'global', 'noExecute'];
const SECTION_FLAGS: readonly EntryFlag[] = [...PAGE_FLAGS, 'large'];
const TABLE_FLAGS: readonly EntryFlag[] = ['present', 'user'];

/**
 * Short descriptors as the hardware reads them. At the first level an entry is a section or leads to a table, `index`
 * says to which of the two that share a page.
 */
export const SHORT_ENTRIES: EntryFormat = {
  tellsTables: true,
  visible: (level, large = false) => (level > 0 ? PAGE_FLAGS : large ? SECTION_FLAGS : TABLE_FLAGS),
  encode(fields, level, pageShift, index = 0) {
    if (level > 0) return encodeShort(SMALL_PAGE, fields, pageShift);
    if (fields.flags.large) return encodeShort(SECTION, fields, pageShift);
    const page = ADDRESS.put(fields.pfn, pageShift);
    if (!fields.flags.present) return page;
    const table = page | HARDWARE_TABLES | (index % 2 === 0 ? 0n : TABLE_BYTES);
    return table | TABLE_BASE | (fields.flags.user ? USER_DOMAIN : 0n);
  },
  decode(entry, level, pageShift) {
    if (level > 0) return decodeShort(SMALL_PAGE, entry, pageShift);
    if ((entry & TYPE_PAGE) !== 0n) return decodeShort(SECTION, entry, pageShift);
    const present = (entry & 0x1n) !== 0n;
    const flags = { ...NO_FLAGS, present, user: present && (entry & USER_DOMAIN) !== 0n };
    return { pfn: ADDRESS.get(entry, pageShift), flags };
  },
  tell: tellShort,
  softwareEntry: {
    bytesBelow: Number(HARDWARE_TABLES),
    encode: linuxShortEntry,
    tell: tellLinuxShort,
  },
};

/** L_PTE_MT_DEV_SHARED: the type without the two bits of a cache. */
const LINUX_CACHED = 3n << 2n;
/** L_PTE_*: VALID, YOUNG, DIRTY, RDONLY, USER, XN, SHARED; bits 2 to 5 are the memory type, 7 is write-allocate. */
const LINUX_PAGE = bit(0) | (7n << 2n) | bit(10);
const LINUX_BITS = { accessed: bit(1), dirty: bit(6), user: bit(8), noExecute: bit(9) };
const LINUX_READ_ONLY = bit(7);

/** The entry that Linux keeps for itself of a page, 2 KiB below the hardware's: it has the bits that the hardware lacks. */
export function linuxShortEntry({ pfn, flags, device = false }: EntryFields, pageShift: number): bigint {
  if (!flags.present) return ADDRESS.put(pfn, pageShift);
  const page = device ? LINUX_PAGE & ~LINUX_CACHED : LINUX_PAGE;
  let entry = ADDRESS.put(pfn, pageShift) | page | (flags.writable ? 0n : LINUX_READ_ONLY);
  for (const name of ['accessed', 'dirty', 'user', 'noExecute'] as const)
    if (flags[name]) entry |= LINUX_BITS[name];
  return entry;
}

/** Where long descriptors of a kernel have what differs between LPAE and arm64. */
interface LongBits {
  /** What leaves have beside type and rights: memory type, shareability. */
  readonly memory: bigint;
  readonly tell: (entry: bigint, level: number) => readonly EntryBit[];
  /** Writable as Linux sees it; and read only, for it and for the hardware. Of a clean page the hardware's is set too. */
  readonly writable: bigint;
  readonly readOnly: bigint;
  readonly dirty: bigint;
  /** What forbids execution to the one whose page it is; and to the other, which is always set. */
  readonly userNoExecute: bigint;
  readonly kernelNoExecute: bigint;
  readonly userAlways: bigint;
  readonly kernelAlways: bigint;
  /** What entries that lead to tables have beside their type, in the user's half and in the kernel's. */
  readonly userTable: bigint;
  readonly kernelTable: bigint;
  /** Blocks have the software bit for dirty. */
  readonly blocksAreDirty: boolean;
  /** The level whose entries are pages. */
  readonly lastLevel: number;
  /** Width of the physical address. */
  readonly frameBits: number;
}

/** Valid; bit 1 is set in tables and pages, clear in blocks. AP[1] user, AP[2] read only, access flag, nG. */
const VALID = bit(0);
const TABLE_OR_PAGE = bit(1);
const LONG_USER = bit(6);
const LONG_READ_ONLY = bit(7);
const LONG_ACCESSED = bit(10);
const LONG_NOT_GLOBAL = bit(11);
/** SH: inner shareable. */
const SHAREABLE = 3n << 8n;
/** Memory type 4: MT_DEV_SHARED of ARM, MT_DEVICE_nGnRE of arm64. */
const DEVICE = (4n << 2n) | SHAREABLE;

const LONG_PAGE_FLAGS: readonly EntryFlag[] = [...PAGE_FLAGS, 'accessed', 'dirty'];
const LONG_TABLE_FLAGS: readonly EntryFlag[] = ['present', 'user'];

/** LPAE: memory type 7 (write-allocate), XN, L_PTE_DIRTY, L_PTE_RDONLY, PXNTable in the user's tables. */
export const LPAE_ENTRIES = longEntries({
  memory: (7n << 2n) | SHAREABLE,
  tell: tellLpae,
  writable: 0n,
  readOnly: LONG_READ_ONLY | bit(58),
  dirty: bit(55),
  userNoExecute: bit(54),
  kernelNoExecute: bit(54),
  userAlways: 0n,
  kernelAlways: 0n,
  userTable: bit(59),
  kernelTable: 0n,
  blocksAreDirty: false,
  lastLevel: 2,
  frameBits: 40,
});

/** arm64: memory type 0 (normal), PTE_WRITE (DBM), PTE_DIRTY, UXN and PXN, PXNTable and UXNTable. */
export function arm64Entries(lastLevel: number): EntryFormat {
  return longEntries({
    memory: SHAREABLE,
    tell: tellArm64(lastLevel),
    writable: bit(51),
    readOnly: LONG_READ_ONLY,
    dirty: bit(55),
    userNoExecute: bit(54),
    kernelNoExecute: bit(53),
    userAlways: bit(53),
    kernelAlways: bit(54),
    userTable: bit(59),
    kernelTable: bit(60),
    blocksAreDirty: true,
    lastLevel,
    frameBits: 48,
  });
}

/** Long descriptors: 64 bits, at every level but the last a table or a block. */
function longEntries(format: LongBits): EntryFormat {
  const frame = frameField('address', format.frameBits);
  const blockFlags = LONG_PAGE_FLAGS.filter((flag) => flag !== 'dirty' || format.blocksAreDirty);
  return {
    tellsTables: true,
    visible: (level, large = false) => {
      if (level === format.lastLevel) return LONG_PAGE_FLAGS;
      return large ? [...blockFlags, 'large'] : LONG_TABLE_FLAGS;
    },
    tell: format.tell,
    encode({ pfn, flags, device = false }, level, pageShift) {
      const at = frame.put(pfn, pageShift) | (device ? DEVICE : format.memory);
      if (!flags.present) return frame.put(pfn, pageShift);
      if (level === format.lastLevel) return at | TABLE_OR_PAGE | leafBits(format, flags);
      if (flags.large)
        return at | leafBits(format, format.blocksAreDirty ? flags : { ...flags, dirty: false });
      const table = frame.put(pfn, pageShift) | VALID | TABLE_OR_PAGE;
      return table | (flags.user ? format.userTable : format.kernelTable);
    },
    decode(entry, level, pageShift) {
      const pfn = frame.get(entry & ~LOW_BITS, pageShift);
      if ((entry & VALID) === 0n) return { pfn, flags: NO_FLAGS };
      const isTable = level < format.lastLevel && (entry & TABLE_OR_PAGE) !== 0n;
      return { pfn, flags: isTable ? tableFlags(format, entry) : leafFlags(format, entry, level) };
    },
  };
}

const LOW_BITS = 0xfffn;

function leafBits(
  format: LongBits,
  { user, writable, accessed, global, dirty, noExecute }: EntryFlags,
): bigint {
  const set = (when: boolean, bits: bigint): bigint => (when ? bits : 0n);
  const forbidden = user ? format.userNoExecute : format.kernelNoExecute;
  return (
    VALID |
    set(user, LONG_USER) |
    set(writable, format.writable) |
    set(!writable, format.readOnly) |
    set(format.writable !== 0n && writable && !dirty, LONG_READ_ONLY) |
    set(accessed, LONG_ACCESSED) |
    set(!global, LONG_NOT_GLOBAL) |
    set(dirty, format.dirty) |
    set(noExecute, forbidden) |
    (user ? format.userAlways : format.kernelAlways)
  );
}

function leafFlags(format: LongBits, entry: bigint, level: number): EntryFlags {
  const has = (bits: bigint): boolean => (entry & bits) !== 0n;
  const user = has(LONG_USER);
  return {
    present: true,
    large: level < format.lastLevel,
    user,
    writable: has(format.writable) || !has(LONG_READ_ONLY),
    accessed: has(LONG_ACCESSED),
    global: !has(LONG_NOT_GLOBAL),
    dirty: has(format.dirty),
    noExecute: has(user ? format.userNoExecute : format.kernelNoExecute),
  };
}

function tableFlags(format: LongBits, entry: bigint): EntryFlags {
  return { ...NO_FLAGS, present: true, user: (entry & format.userTable) !== 0n };
}
