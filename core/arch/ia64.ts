/**
 * IA-64: the upper three bits of an address choose one of eight regions, and the page size decides how much three
 * levels of tables map, since a table is one page.
 *
 * Sources: Intel Itanium Architecture Software Developer's Manual vol. 2, 4.1; Mosberger, Eranian, "IA-64 Linux
 * Kernel", ch. 4; arch/ia64/include/asm/{page,pgtable}.h, v6.1. Simplified: physical addresses have 40 bits, as much as
 * the simulator knows.
 */
import type { Architecture, PageWindow } from './architecture.ts';
import { type EntryFormat, frameField, NO_FLAGS } from './entry-format.ts';
import { namedFaults } from './fault-code.ts';
import type { Translation } from './translation.ts';
import { PORT_64 } from './x86-64.ts';

/** Where the number of the region begins in an address (RGN_SHIFT). */
const REGION_SHIFT = 61;
/** IA64_MAX_PHYS_BITS: how wide the regions are that show physical memory. */
export const IA64_WINDOW_BITS = 50n;
/** Regions of a user, and those of the kernel: mapped by tables, physical uncached, physical cached. */
export const IA64_USER_REGIONS = 5;
export const IA64_VIRTUAL_REGION = 5;
export const IA64_UNCACHED_REGION = 6;
export const IA64_KERNEL_REGION = 7;
/** IA64_GRANULE_SIZE: what one TLB entry of regions 6 and 7 maps. */
const GRANULE_BYTES = 2 ** 24;

/** First address of a region. */
export function ia64RegionBase(number: number): bigint {
  return BigInt(number) << BigInt(REGION_SHIFT);
}

/** RGN_MAP_SHIFT: what three levels map, of whose top one a user region has an eighth. */
export function ia64UserBits(pageShift: number): bigint {
  return ia64KernelBits(pageShift) - 3n;
}

/** The same with a whole top level, as region 5 has it. */
export function ia64KernelBits(pageShift: number): bigint {
  return BigInt(4 * pageShift - 9);
}

/** Intel Itanium Architecture SDM vol. 2, 5.6 and 8.3. */
const FAULTS = namedFaults({ absent: 'page not present fault', forbidden: 'access rights fault' });

/** The processor with pages of 2^pageShift bytes. */
export function ia64(pageShift: number): Architecture {
  return {
    name: 'ia64',
    wordBits: 64,
    pointerBytes: 8,
    virtualBits: Number(ia64KernelBits(pageShift)),
    physicalBits: 40,
    physAddrBytes: 8,
    pageShift,
    translation: translation(pageShift),
    pageWindows: pageWindows(pageShift),
    regionShift: REGION_SHIFT,
    entries: ENTRIES,
    faultCodes: FAULTS,
    asids: { count: 6, usual: true },
    hasSegments: false,
    port: IA64_PORT,
  };
}

const IA64_PORT: Architecture['port'] = {
  ...PORT_64,
  zoneDmaBits: 24,
  /** Kept for firmware, as on a PC. */
  lowReservedBytes: 2 ** 20,
  firmwareWindow: undefined,
  isolation: undefined,
  hasHugePages: false,
  ioremap: { largePages: false, alignLevels: 2, refuses: 'usable-pages' },
  vmallocEndIsLastByte: false,
  fixmapDevicePages: 0,
  cacheLineBytes: 64,
  slabMinAlignBytes: 8,
  kmallocMinBytes: 8,
  /** A region without tables: every address whose frame there is. */
  virtAddrValid: (space, address) => space.hasStructPage(space.pa(address)),
};

function translation(pageShift: number): Translation {
  const bits = pageShift - 3;
  return {
    kind: 'radix-and-linear-windows',
    levels: ['pgd', 'pmd', 'pte'].map((name) => ({ name, bits })),
    entryBytes: 8,
    largePageLevels: [],
    nx: true,
    linearPageBytes: GRANULE_BYTES,
    walkReads: undefined,
  };
}

/**
 * Page numbers with which the index of each level is a field of the number: user regions lie side by side in one tree;
 * each kernel region begins at a multiple of what a tree maps.
 */
function pageWindows(pageShift: number): PageWindow[] {
  const userPages = 2 ** Number(ia64UserBits(pageShift) - BigInt(pageShift));
  const treePages = 8 * userPages;
  const window = (number: number, vpn: number, bits: bigint): PageWindow => {
    const start = ia64RegionBase(number);
    return { start, end: start + (1n << bits), vpn };
  };
  return [
    ...Array.from({ length: IA64_USER_REGIONS }, (_, number) =>
      window(number, number * userPages, ia64UserBits(pageShift)),
    ),
    window(IA64_VIRTUAL_REGION, treePages, ia64KernelBits(pageShift)),
    window(IA64_UNCACHED_REGION, 4 * treePages, IA64_WINDOW_BITS),
    window(IA64_KERNEL_REGION, 8 * treePages, IA64_WINDOW_BITS),
  ];
}

const FRAME = frameField('address', Number(IA64_WINDOW_BITS));
const PRESENT = 1n;
const ACCESSED = 1n << 5n;
const DIRTY = 1n << 6n;
/** Privilege level 3 of bits 7 and 8. */
const USER_LEVEL = 3n << 7n;
/** Access rights, bits 9 to 11: read; execute and write are added to that. */
const RIGHTS_SHIFT = 9n;
const EXECUTE = 1n;
const WRITE = 2n;

/** The short format of a translation (vol. 2, 4.1.1.1), which Linux has in its tables too; upper ones hold addresses. */
const ENTRIES: EntryFormat = {
  visible: () => ['present', 'writable', 'user', 'accessed', 'dirty', 'noExecute'],
  encode({ pfn, flags }, _level, pageShift) {
    const rights = (flags.noExecute ? 0n : EXECUTE) | (flags.writable ? WRITE : 0n);
    return (
      FRAME.put(pfn, pageShift) |
      (flags.present ? PRESENT : 0n) |
      (flags.accessed ? ACCESSED : 0n) |
      (flags.dirty ? DIRTY : 0n) |
      (flags.user ? USER_LEVEL : 0n) |
      (rights << RIGHTS_SHIFT)
    );
  },
  decode(entry, _level, pageShift) {
    const rights = entry >> RIGHTS_SHIFT;
    const flags = {
      ...NO_FLAGS,
      present: (entry & PRESENT) !== 0n,
      writable: (rights & WRITE) !== 0n,
      user: (entry & USER_LEVEL) === USER_LEVEL,
      accessed: (entry & ACCESSED) !== 0n,
      dirty: (entry & DIRTY) !== 0n,
      noExecute: (rights & EXECUTE) === 0n,
    };
    return { pfn: FRAME.get(entry, pageShift), flags };
  },
};
