/**
 * An architecture: what the processor fixes, and what a kernel's code for this processor fixes whatever its version.
 * Widths of addresses, the tree of page tables, the format of an entry, address-space identifiers, error codes.
 *
 * A platform is a layout on an architecture under a kernel (kernel/kernel.ts). Records are plain data but for a few
 * formulas; nothing outside of this folder asks which architecture it has, only what a field says.
 */
import type { EntryFormat } from './entry-format.ts';
import type { FaultCodeFormat } from './fault-code.ts';
import type { Port } from './port.ts';
import type { Translation } from './translation.ts';

/** Ranges are [start, end): `end` is the first address that no longer belongs. */
interface AddressRange {
  readonly start: bigint;
  readonly end: bigint;
}

/** Virtual addresses [start, end) whose pages are numbered from `vpn` on. */
export interface PageWindow extends AddressRange {
  readonly vpn: number;
}

/** What the choice of a root depends on, beside the address. */
export interface RootSpace {
  readonly pageOffset: bigint;
  /** Where RAM begins. */
  readonly physicalBase: bigint;
}

/** The register that holds the root of the tables for an address, and the rule by which it is this one. */
export interface RootChoice {
  readonly register: string;
  readonly rule: string;
}

/** Address spaces that a cpu keeps apart in its TLBs. */
export interface AsidRules {
  /** How many at most (state/cpus.ts, tlb/keys.ts), and whether by default. */
  readonly count: number;
  readonly usual: boolean;
  /** Width of an ASID that is the same on all cpus, given out by generations; absent: each cpu has its own few in turn. */
  readonly bits?: number;
}

/** As many asids as keys of a TLB have room for (tlb/keys.ts). */
export const MOST_TAGS = 62;

/** How the kernel makes cpus forget pages. */
export interface InvalidationRules {
  /** Up to so many pages go one by one; of more, all of the address space, or of the kernel everything. */
  readonly mostPages: number;
  /** The processor tells the other cpus: no interrupt is needed. */
  readonly isBroadcast: boolean;
}

/** By interrupts; tlb_single_page_flush_ceiling of arch/x86/mm/tlb.c, v6.1. */
export const USUAL_INVALIDATION: InvalidationRules = { mostPages: 33, isBroadcast: false };

export interface Architecture {
  /** What a layout file calls it: `x86-32`. */
  readonly name: string;
  /** Width of a register: of an address as programs and the kernel write it. */
  readonly wordBits: number;
  /** sizeof(void *), in bytes. */
  readonly pointerBytes: number;
  /** Width of a virtual address that the MMU translates: 32, 48, 57. */
  readonly virtualBits: number;
  /** Width of a physical address that an entry holds. */
  readonly physicalBits: number;
  /** sizeof(phys_addr_t), in bytes: how the kernel itself keeps physical addresses. */
  readonly physAddrBytes: number;
  readonly pageShift: number;
  readonly translation: Translation;
  /** What tables of wider entries are called, where the same processor has them too. */
  readonly widerTables?: string;
  /** How pages are numbered where the number is not made of the lower `virtualBits` of an address; ascending. */
  readonly pageWindows: readonly PageWindow[] | undefined;
  /** The bits above this choose a region, and the rest is physical in regions without tables; undefined: no regions. */
  readonly regionShift: number | undefined;
  readonly entries: EntryFormat;
  /** Which of two roots translates an address; absent: there is one. */
  readonly rootOf?: (space: RootSpace, address: bigint) => RootChoice;
  readonly faultCodes: FaultCodeFormat;
  /** What an access raises where the unused upper bits of an address are not all equal, if there are such. */
  readonly nonCanonicalFault?: string;
  readonly asids: AsidRules;
  /** Absent: USUAL_INVALIDATION. */
  readonly invalidation?: InvalidationRules;
  /** There is a segmentation unit before the paging unit. */
  readonly hasSegments: boolean;
  /** What the kernel's code for this processor does. */
  readonly port: Port;
}

/** Whether an address has unused upper bits, all equal to the uppermost one that is used. */
export function isSignExtended({ wordBits, virtualBits, pageWindows }: AddressWidths): boolean {
  return wordBits > virtualBits && pageWindows === undefined;
}

/** What decides which numbers are addresses. */
export type AddressWidths = Pick<Architecture, 'wordBits' | 'virtualBits' | 'pageWindows'>;

/** Whether the MMU translates an address at all: it is canonical, or lies in one of the windows of pages. */
export function isTranslated(arch: AddressWidths, address: bigint): boolean {
  const { wordBits, virtualBits, pageWindows } = arch;
  if (address >= 1n << BigInt(wordBits)) return false;
  if (pageWindows !== undefined)
    return pageWindows.some(({ start, end }) => start <= address && address < end);
  if (!isSignExtended(arch)) return true;
  const signBits = address >> BigInt(virtualBits - 1);
  return signBits === 0n || signBits === (1n << BigInt(wordBits - virtualBits + 1)) - 1n;
}
