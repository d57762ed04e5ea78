/** 64-bit x86, with four or five levels of page tables. Sources as in x86.ts. */
import type { Architecture } from './architecture.ts';
import { CODE_FAULTS } from './fault-code.ts';
import type { LinearSpace, Port } from './port.ts';
import { radix } from './translation.ts';
import { WIDE_ENTRIES, X86_PORT } from './x86.ts';

/** What 64-bit kernels have in common, as far as the machine goes. */
export const PORT_64 = {
  /** NR_CPUS_RANGE_END of arch/x86/Kconfig, as distributions have it (CPUMASK_OFFSTACK). */
  maximumCpus: 8192,
  zoneNames: ['DMA', 'DMA32', 'Normal'],
  hasSwiotlb: true,
  /** SECTION_SIZE_BITS (asm/sparsemem.h). */
  memoryModel: { kind: 'sparse', sectionBits: 27 },
  memoryBits: 52,
  kernelHalf: 'shared',
  fixedResources: [],
  /** Two thirds of the way up (asm/elf.h). */
  pieBase: (stackTop) => (stackTop / 3n) * 2n,
} as const satisfies Partial<Port>;

/** __virt_addr_valid() of arch/x86/mm/physaddr.c: the kernel's image, else what looks like the direct map. */
function virtAddrValid({ image, pageOffset, physicalEnd, ...space }: LinearSpace, address: bigint): boolean {
  const physical = space.pa(address);
  if (image !== undefined && address >= image.start)
    return address < image.end && space.hasStructPage(physical);
  return address >= pageOffset && physical < physicalEnd && space.hasStructPage(physical);
}

/** Four levels; pmd entries can map 2 MiB, pud entries 1 GiB (oracle machine x86_64_4096 does both). */
export const X86_64: Architecture = {
  name: 'x86-64',
  wordBits: 64,
  pointerBytes: 8,
  virtualBits: 48,
  /** Of the captured processor (QEMU's, `address sizes` in /proc/cpuinfo). */
  physicalBits: 40,
  physAddrBytes: 8,
  pageShift: 12,
  translation: radix(['pgd', 'pud', 'pmd', 'pte'], 9, { entryBytes: 8, largePageLevels: [1, 2], nx: true }),
  pageWindows: undefined,
  regionShift: undefined,
  entries: WIDE_ENTRIES,
  faultCodes: CODE_FAULTS,
  nonCanonicalFault: 'a general protection fault before any page table is read',
  /** TLB_NR_DYN_ASIDS (asm/tlbflush.h). */
  asids: { count: 6, usual: true },
  hasSegments: false,
  port: {
    ...X86_PORT,
    ...PORT_64,
    /** __pti_set_user_pgtbl(). */
    isolation: { leastLevels: 3, userHalfNoExecute: true },
    /** IOREMAP_MAX_ORDER is the PUD's span (asm/page_64_types.h). */
    ioremap: { largePages: true, alignLevels: 2, refuses: 'usable-pages' },
    /** VMALLOC_END is VMALLOC_START + size - 1 (asm/pgtable_64_types.h). */
    vmallocEndIsLastByte: true,
    virtAddrValid,
  },
};

/** Five levels (CR4.LA57). */
export const X86_64_LA57: Architecture = {
  ...X86_64,
  virtualBits: 57,
  translation: radix(['pgd', 'p4d', 'pud', 'pmd', 'pte'], 9, {
    entryBytes: 8,
    largePageLevels: [2, 3],
    nx: true,
  }),
};
