/**
 * x86: what its three kinds of page tables share. Sources, all v6.1: arch/x86/include/asm/{page_types,pgtable_types,
 * dma,elf,cache,fixmap}.h, arch/x86/kernel/{setup,e820}.c; Intel SDM vol. 3A, 4.3 to 4.7.
 */
import { MIB } from '../base/units.ts';
import { type BitFormat, bitFormat, type EntryFlag, type EntryFormat } from './entry-format.ts';
import type { Port } from './port.ts';

const BITS = {
  present: 0,
  writable: 1,
  user: 2,
  accessed: 5,
  dirty: 6,
  large: 7,
  global: 8,
} as const;

/** Entries of 32 bits, which cannot forbid execution. */
export const NARROW_ENTRIES: EntryFormat = bitFormat({ bits: BITS, frameAt: 'address', frameBits: 32 });

const WIDE: BitFormat = { bits: { ...BITS, noExecute: 63 }, frameAt: 'address', frameBits: 52 };
/** Entries of 64 bits, bit 63 of which forbids execution. */
export const WIDE_ENTRIES: EntryFormat = bitFormat(WIDE);

const PRESENT_ONLY: readonly EntryFlag[] = ['present'];
/** PAE's four top entries have a present bit only (pud_populate). */
export const PAE_ENTRIES: EntryFormat = bitFormat({
  ...WIDE,
  visible: (level) => (level === 0 ? PRESENT_ONLY : undefined),
});

/** FIX_HOLE, FIX_DBGP_BASE, FIX_EARLYCON_MEM_BASE, FIX_APIC_BASE, then MAX_IO_APICS (64 on 32 bits). */
const FIXMAP_DEVICE_PAGES = 4 + 64;

/** The same for all of them. */
export const X86_PORT = {
  /** arch/x86/kernel/cpu/common.c, arch/x86/mm/init_32.c. */
  ownOptions: ['nopse', 'nopge', 'highmem'],
  /** MAX_DMA_PFN: ISA devices address 16 MiB. */
  zoneDmaBits: 24,
  /** reserve_real_mode() and trim_low_memory_range(): the first MiB is never given out. */
  lowReservedBytes: Number(MIB),
  /** trim_bios_range(): 640 KiB to 1 MiB. */
  firmwareWindow: { start: 0xa0000n, end: MIB },
  /** setup_arch(): max_pfn_mapped; no pools (CONFIG_DMA_COHERENT_POOL is AMD's encrypted memory). */
  cma: { below: 'low-memory', beforeMemoryMap: true, coherent: 'large', atomicPools: () => [] },
  /** Set in the configuration of each captured kernel, also without PAE. */
  hasHugePages: true,
  fixmapDevicePages: FIXMAP_DEVICE_PAGES,
  fixmapUses: 'local APIC, kmap_local slots',
  cacheLineBytes: 64,
  /** __alignof__(unsigned long long): 8 with gcc on i386 too. */
  slabMinAlignBytes: 8,
  kmallocMinBytes: 8,
} as const satisfies Partial<Port>;
