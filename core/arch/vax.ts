/**
 * VAX: pages of 512 bytes, and an address space of parts with a linear page table each (layout/vax/vax.ts tells more).
 *
 * Source: VAX Architecture Reference Manual, ch. 4.
 */
import type { Architecture } from './architecture.ts';
import { type EntryFormat, frameField, NO_FLAGS } from './entry-format.ts';
import { namedFaults } from './fault-code.ts';
import { PORT_32 } from './word-32.ts';
import { virtAddrValid32 } from './x86-32.ts';

/** The frame number, bits 0 to 20. */
const FRAME = frameField(0, 21);
const MODIFY = 1n << 26n;
const PROTECTION_SHIFT = 27n;
const PROTECTION_MASK = 15n;
const VALID = 1n << 31n;
/** Protection codes (table 4-1): KW, KR, UW, UR. No mode in between is used. */
const KERNEL_WRITE = 2n;
const KERNEL_READ = 3n;
const USER_WRITE = 4n;
const USER_READ = 15n;

/** There is neither an accessed bit nor one against execution. */
const ENTRIES: EntryFormat = {
  visible: () => ['present', 'writable', 'user', 'dirty'],
  encode({ pfn, flags }, _level, pageShift) {
    const user = flags.writable ? USER_WRITE : USER_READ;
    const kernel = flags.writable ? KERNEL_WRITE : KERNEL_READ;
    return (
      FRAME.put(pfn, pageShift) |
      ((flags.user ? user : kernel) << PROTECTION_SHIFT) |
      (flags.dirty ? MODIFY : 0n) |
      (flags.present ? VALID : 0n)
    );
  },
  decode(entry, _level, pageShift) {
    const protection = (entry >> PROTECTION_SHIFT) & PROTECTION_MASK;
    const flags = {
      ...NO_FLAGS,
      present: (entry & VALID) !== 0n,
      writable: protection === KERNEL_WRITE || protection === USER_WRITE,
      user: protection === USER_WRITE || protection === USER_READ,
      dirty: (entry & MODIFY) !== 0n,
    };
    return { pfn: FRAME.get(entry, pageShift), flags };
  },
};

/** VAX Architecture Reference Manual, ch. 5. */
const FAULTS = namedFaults({
  absent: 'translation not valid fault',
  forbidden: 'access control violation fault',
});

export const VAX: Architecture = {
  name: 'vax',
  wordBits: 32,
  pointerBytes: 4,
  virtualBits: 32,
  physicalBits: 32,
  physAddrBytes: 4,
  pageShift: 9,
  translation: {
    kind: 'base-and-length',
    levels: [
      { name: 'part', bits: 2 },
      { name: 'spt', bits: 7 },
      { name: 'spte', bits: 7 },
      { name: 'pte', bits: 7 },
    ],
    entryBytes: 4,
    largePageLevels: [],
    nx: false,
    linearPageBytes: undefined,
    walkReads: { user: 2, kernel: 1 },
  },
  pageWindows: undefined,
  regionShift: undefined,
  entries: ENTRIES,
  faultCodes: FAULTS,
  asids: { count: 6, usual: false },
  hasSegments: false,
  port: {
    ...PORT_32,
    maximumCpus: 64,
    virtAddrValid: virtAddrValid32,
    zoneNames: ['DMA', 'Normal'],
    zoneDmaBits: 24,
    hasSwiotlb: false,
    memoryBits: 32,
    /** Kept for the console, as on a PC for its firmware. */
    lowReservedBytes: 2 ** 20,
    firmwareWindow: undefined,
    fixedResources: [],
    kernelHalf: 'shared',
    isolation: undefined,
    hasHugePages: false,
    ioremap: { largePages: false, alignLevels: 1, refuses: 'usable-pages' },
    fixmapDevicePages: 0,
    cacheLineBytes: 64,
    slabMinAlignBytes: 8,
    kmallocMinBytes: 8,
  },
};
