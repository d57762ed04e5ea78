/** 32-bit x86: tables of two levels, or with PAE of three with wider entries. Sources as in x86.ts. */
import type { Architecture } from './architecture.ts';
import { CODE_FAULTS } from './fault-code.ts';
import type { Port } from './port.ts';
import { radix } from './translation.ts';
import { PORT_32, PROCESSOR_32, WIDE_TABLES } from './word-32.ts';
import { NARROW_ENTRIES, PAE_ENTRIES, X86_PORT } from './x86.ts';

/** Believes whatever is neither user space, nor vmalloc, nor fixmap, and would have a struct page. */
export const virtAddrValid32: Port['virtAddrValid'] = (space, address) =>
  address >= space.pageOffset &&
  !space.isVmalloc(address) &&
  address < space.fixmapStart &&
  space.hasStructPage(space.pa(address));

const PORT = {
  ...X86_PORT,
  ...PORT_32,
  maximumCpus: 64,
  virtAddrValid: virtAddrValid32,
  /** video_ram_resource (arch/x86/kernel/setup.c). */
  fixedResources: [{ name: 'Video RAM area', start: 0xa0000n, end: 0xc0000n }],
  /** `config PAGE_TABLE_ISOLATION` depends on X86_64 or X86_PAE (security/Kconfig). PAE's top entries have no such bit. */
  isolation: { leastLevels: 3, userHalfNoExecute: false },
} as const satisfies Partial<Port>;

const PROCESSOR = {
  ...PROCESSOR_32,
  faultCodes: CODE_FAULTS,
  /** PCID exists in 64-bit mode only (Intel SDM vol. 3A, 4.10.1), so this is for those who ask what if. */
  asids: { count: 6, usual: false },
  hasSegments: true,
} as const satisfies Partial<Architecture>;

/** Two levels; a page directory entry can map 4 MiB (PSE). */
export const X86_32: Architecture = {
  ...PROCESSOR,
  name: 'x86-32',
  widerTables: 'PAE',
  physicalBits: 32,
  physAddrBytes: 4,
  translation: radix(['pgd', 'pte'], 10, { entryBytes: 4, largePageLevels: [0], nx: false }),
  entries: NARROW_ENTRIES,
  port: {
    ...PORT,
    hasSwiotlb: false,
    memoryBits: 32,
    kernelHalf: 'copied',
    /** arch_vmap_pmd_supported(): no large pages; IOREMAP_MAX_ORDER is the PMD's span. */
    ioremap: { largePages: false, alignLevels: 1, refuses: 'usable-pages' },
  },
};

/** PAE: three levels of 64-bit entries; a page middle directory entry can map 2 MiB. */
export const X86_PAE: Architecture = {
  ...PROCESSOR,
  name: 'x86-pae',
  /** Of the captured processor (QEMU's, `address sizes` in /proc/cpuinfo). */
  physicalBits: 40,
  physAddrBytes: 8,
  translation: WIDE_TABLES,
  entries: PAE_ENTRIES,
  port: {
    ...PORT,
    hasSwiotlb: true,
    /** MAX_ARCH_PFN (arch/x86/kernel/e820.c). */
    memoryBits: 36,
    /** SHARED_KERNEL_PMD, without page-table isolation. */
    kernelHalf: 'copied-when-isolated',
    ioremap: { largePages: true, alignLevels: 1, refuses: 'usable-pages' },
  },
};
