/**
 * Where x86 kernels have their windows, by version: the top of the address space on 32 bits, the bases on 64 bits.
 *
 * What a build's options add to the fixmap no version tells (PCI_MMCONFIG, PARAVIRT, F00F_BUG): up to 5.0 they count as
 * set, as distributions' kernels have them; after it as in the captured 6.1, which has none.
 */
import { MIB, TIB } from '../base/units.ts';
import { type Era, inEra } from './eras.ts';
import type { LinuxVersion } from './version.ts';

/** The fixmap of 32 bits, in pages (enum fixed_addresses). */
export interface Fixmap32 {
  /** Permanent ones above those of kmap_atomic() or kmap_local(): FIX_HOLE to the last IO-APIC. */
  readonly devicePages: number;
  /** KM_TYPE_NR, KM_MAX_IDX: slots for each cpu. */
  readonly kmapSlots: number;
  /** More for each cpu: the GDT. */
  readonly otherCpuPages: number;
  /** Permanent ones below: text_poke(), ACPI tables. */
  readonly lowerPages: number;
  /** Those of options of the build: how many there can be, and how many count as set. */
  readonly optionPages: { readonly most: number; readonly usual: number };
  /** Boot-time slots of early_ioremap(), and whether they begin at a multiple of themselves. */
  readonly bootPages: number;
  readonly bootAlignment: 'none' | 'always' | 'within-a-table';
}

/** What lies at the top of the address space on 32 bits, from the fixmap down. */
export interface Windows32 {
  readonly fixmap: Fixmap32;
  /** CPU_ENTRY_AREA_PAGES for each cpu; undefined: there is no such area. */
  readonly entryAreaPages: number | undefined;
  /** LDT_BASE_ADDR: page-table isolation needs a PMD for the LDT. */
  readonly hasLdtRemap: boolean;
  /** MAXMEM: low memory ends where vmalloc's reserve below VMALLOC_END begins, or below the end of the address space. */
  readonly reserveEndsAt: 'vmalloc-end' | 'address-space';
}

const FIXMAP_H = 'arch/x86/include/asm/fixmap.h, enum fixed_addresses';
const TYPES_32_H = 'arch/x86/include/asm/pgtable_32_types.h';

/** FIX_HOLE, FIX_DBGP_BASE, FIX_EARLYCON_MEM_BASE, FIX_APIC_BASE, then MAX_IO_APICS (64 on 32 bits). */
const DEVICES = 4 + 64;
const NO_OPTIONS = { most: 8, usual: 0 };
/** PCI_MMCONFIG and PARAVIRT; PROVIDE_OHCI1394_DMA_INIT, X86_INTEL_MID and the like are seldom set. */
const DISTRIBUTION = { most: 8, usual: 2 };

const FIXMAPS_32: readonly Era<Fixmap32>[] = [
  {
    since: '5.11',
    source: `${FIXMAP_H}; include/asm-generic/kmap_size.h, KM_MAX_IDX`,
    value: fixmap({ devicePages: DEVICES, kmapSlots: 16, optionPages: NO_OPTIONS }),
  },
  {
    since: '5.2',
    source: `${FIXMAP_H}; include/asm-generic/kmap_types.h, KM_TYPE_NR`,
    value: fixmap({ devicePages: DEVICES, kmapSlots: 20, optionPages: NO_OPTIONS }),
  },
  {
    since: '4.15',
    source: `${FIXMAP_H}: FIX_TEXT_POKE0 and 1`,
    value: fixmap({ devicePages: DEVICES, kmapSlots: 20, lowerPages: 2, optionPages: DISTRIBUTION }),
  },
  {
    since: '4.12',
    source: `${FIXMAP_H}: FIX_RO_IDT, FIX_GDT_REMAP_BEGIN`,
    value: fixmap({
      devicePages: DEVICES + 1,
      kmapSlots: 20,
      otherCpuPages: 1,
      lowerPages: 2,
      optionPages: DISTRIBUTION,
    }),
  },
  {
    since: '4.1',
    source: `${FIXMAP_H}: FIX_BTMAPS_SLOTS 8`,
    value: fixmap({ devicePages: DEVICES + 1, kmapSlots: 20, lowerPages: 2, optionPages: DISTRIBUTION }),
  },
  {
    since: '3.16',
    source: `${FIXMAP_H}: no FIX_VDSO any more`,
    value: fixmap({
      devicePages: DEVICES + 1,
      kmapSlots: 20,
      lowerPages: 2,
      optionPages: DISTRIBUTION,
      bootPages: 256,
    }),
  },
  {
    since: '3.10',
    source: `${FIXMAP_H}: FIX_RO_IDT of every build`,
    value: fixmap({
      devicePages: DEVICES + 2,
      kmapSlots: 20,
      lowerPages: 2,
      optionPages: DISTRIBUTION,
      bootPages: 256,
    }),
  },
  {
    since: '2.6.37',
    source: `${FIXMAP_H}: FIX_VDSO, FIX_F00F_IDT; KM_TYPE_NR of a stack of slots`,
    value: fixmap({
      devicePages: DEVICES + 1,
      kmapSlots: 20,
      lowerPages: 2,
      optionPages: { most: 8, usual: 3 },
      bootPages: 256,
    }),
  },
  {
    since: '2.6.31',
    source: `${FIXMAP_H}; include/asm-generic/kmap_types.h, enum km_type`,
    value: fixmap({
      devicePages: DEVICES + 1,
      kmapSlots: 19,
      lowerPages: 2,
      optionPages: { most: 8, usual: 3 },
      bootPages: 256,
      bootAlignment: 'always',
    }),
  },
  {
    since: '2.6.25',
    source:
      'include/asm-x86/fixmap_32.h: FIX_DBGP_BASE, FIX_EARLYCON_MEM_BASE, FIX_ACPI_BEGIN; FIX_BTMAPS_SLOTS 4',
    value: fixmap({
      devicePages: DEVICES + 1,
      kmapSlots: 13,
      lowerPages: 4,
      optionPages: { most: 8, usual: 3 },
      bootPages: 256,
      bootAlignment: 'always',
    }),
  },
  {
    since: '2.6.24',
    source: 'include/asm-x86/fixmap_32.h; NR_FIX_BTMAPS 16',
    value: fixmap({
      devicePages: DEVICES + 1,
      kmapSlots: 13,
      lowerPages: 4,
      optionPages: { most: 8, usual: 3 },
      bootPages: 16,
      bootAlignment: 'none',
    }),
  },
  {
    since: '2.6.0',
    source:
      'include/asm-i386/fixmap.h: FIX_HOLE, FIX_VDSO, FIX_APIC_BASE, IO-APICs, FIX_ACPI_BEGIN to FIX_ACPI_END',
    value: fixmap({
      devicePages: 3 + 64,
      kmapSlots: 13,
      lowerPages: 4,
      optionPages: { most: 8, usual: 2 },
      bootPages: 16,
      bootAlignment: 'none',
    }),
  },
];

function fixmap(
  own: Pick<Fixmap32, 'devicePages' | 'kmapSlots' | 'optionPages'> & Partial<Fixmap32>,
): Fixmap32 {
  return { otherCpuPages: 0, lowerPages: 0, bootPages: 512, bootAlignment: 'within-a-table', ...own };
}

/** __end_of_permanent_fixed_addresses; `optionPages`: those of the build's options, if they are known. */
export function permanentPages(
  fixmap: Fixmap32,
  nrCpus: number,
  optionPages = fixmap.optionPages.usual,
): number {
  const { devicePages, kmapSlots, otherCpuPages, lowerPages } = fixmap;
  return devicePages + (kmapSlots + otherCpuPages) * nrCpus + lowerPages + optionPages;
}

/** For how many cpus, and with how many option pages, a kernel was built that has so many permanent pages; or undefined. */
export function buildOfFixmap(
  fixmap: Fixmap32,
  pages: number,
  mostCpus: number,
): { nrCpus: number; optionPages: number } | undefined {
  const builds = Array.from({ length: mostCpus }, (_, i) => {
    const nrCpus = i + 1;
    return { nrCpus, optionPages: pages - permanentPages(fixmap, nrCpus, 0) };
  });
  return builds.find(({ optionPages }) => optionPages >= 0 && optionPages <= fixmap.optionPages.most);
}

/** CPU_ENTRY_AREA_PAGES by cpu. */
const ENTRY_AREAS_32: readonly Era<number | undefined>[] = [
  { since: '5.5', value: 43, source: `${TYPES_32_H}, CPU_ENTRY_AREA_PAGES` },
  { since: '4.15', value: 40, source: `${TYPES_32_H}, CPU_ENTRY_AREA_PAGES` },
  { since: '2.6.0', value: undefined, source: `${TYPES_32_H}: PKMAP_BASE lies below the fixmap` },
];

const LDT_REMAPS_32: readonly Era<boolean>[] = [
  { since: '4.19', value: true, source: `${TYPES_32_H}, LDT_BASE_ADDR` },
  { since: '2.6.0', value: false, source: TYPES_32_H },
];

const RESERVES_32: readonly Era<Windows32['reserveEndsAt']>[] = [
  { since: '2.6.27', value: 'vmalloc-end', source: 'include/asm-x86/pgtable_32.h, MAXMEM' },
  { since: '2.6.0', value: 'address-space', source: 'include/asm-i386/page.h, MAXMEM' },
];

export function windows32(version: LinuxVersion): Windows32 {
  return {
    fixmap: inEra(FIXMAPS_32, version),
    entryAreaPages: inEra(ENTRY_AREAS_32, version),
    hasLdtRemap: inEra(LDT_REMAPS_32, version),
    reserveEndsAt: inEra(RESERVES_32, version),
  };
}

interface Range {
  readonly start: bigint;
  readonly end: bigint;
}

/** The bases on 64 bits, with four and with five levels of tables. */
export interface Windows64 {
  readonly pageOffset: { readonly four: bigint; readonly five: bigint };
  /** MAX_PHYSMEM_BITS with four levels. */
  readonly physicalBits: bigint;
  readonly vmalloc: Range;
  readonly vmemmap: Range;
  /** LDT_BASE_ADDR, as an entry of the top level; undefined: the LDT lies elsewhere. */
  readonly ldtEntry: bigint | undefined;
  readonly hasEntryArea: boolean;
  /** KERNEL_IMAGE_SIZE: modules begin above the kernel's own mapping. */
  readonly imageBytes: bigint;
  readonly modulesEnd: bigint;
  readonly fixaddrTop: bigint;
}

const PAGE_64_H = 'arch/x86/include/asm/page_64_types.h, __PAGE_OFFSET';
const TYPES_64_H = 'arch/x86/include/asm/pgtable_64_types.h';
const MM_TXT = 'Documentation/x86/x86_64/mm.txt';

const PAGE_OFFSETS_64: readonly Era<Windows64['pageOffset']>[] = [
  { since: '4.20', value: { four: 0xffff888000000000n, five: 0xff11000000000000n }, source: PAGE_64_H },
  { since: '2.6.27', value: { four: 0xffff880000000000n, five: 0xff10000000000000n }, source: PAGE_64_H },
  {
    since: '2.6.11',
    value: { four: 0xffff810000000000n, five: 0xff10000000000000n },
    source: 'include/asm-x86_64/page.h, __PAGE_OFFSET',
  },
];

const VMALLOCS_64: readonly Era<Pick<Windows64, 'vmalloc' | 'vmemmap' | 'physicalBits'>>[] = [
  {
    since: '2.6.31',
    value: {
      vmalloc: sized(0xffffc90000000000n, 32n * TIB),
      vmemmap: sized(0xffffea0000000000n, TIB),
      physicalBits: 46n,
    },
    source: `${TYPES_64_H}, VMALLOC_START, VMEMMAP_START; asm/sparsemem.h, MAX_PHYSMEM_BITS`,
  },
  {
    since: '2.6.11',
    value: {
      vmalloc: sized(0xffffc20000000000n, 32n * TIB),
      vmemmap: sized(0xffffe20000000000n, TIB),
      physicalBits: 44n,
    },
    source: `include/asm-x86/pgtable_64.h, VMALLOC_START, VMEMMAP_START; ${MM_TXT}`,
  },
];

const LDTS_64: readonly Era<bigint | undefined>[] = [
  { since: '4.20', value: -240n, source: `${TYPES_64_H}, LDT_PGD_ENTRY` },
  { since: '4.15', value: -3n, source: `${TYPES_64_H}, LDT_PGD_ENTRY` },
  { since: '2.6.0', value: undefined, source: MM_TXT },
];

const ENTRY_AREAS_64: readonly Era<boolean>[] = [
  { since: '4.15', value: true, source: `${TYPES_64_H}, CPU_ENTRY_AREA_PGD` },
  { since: '2.6.0', value: false, source: MM_TXT },
];

const IMAGES_64: readonly Era<Pick<Windows64, 'imageBytes' | 'modulesEnd'>>[] = [
  {
    since: '2.6.39',
    value: { imageBytes: 512n * MIB, modulesEnd: 0xffffffffff000000n },
    source: `${TYPES_64_H}, MODULES_VADDR, MODULES_END`,
  },
  {
    since: '2.6.26',
    value: { imageBytes: 512n * MIB, modulesEnd: 0xfffffffffff00000n },
    source: `include/asm-x86/pgtable_64.h, MODULES_VADDR, MODULES_END`,
  },
  {
    since: '2.6.11',
    value: { imageBytes: 128n * MIB, modulesEnd: 0xfffffffffff00000n },
    source: 'include/asm-x86_64/pgtable.h, MODULES_VADDR',
  },
];

const FIXADDR_TOPS_64: readonly Era<bigint>[] = [
  {
    since: '3.16',
    value: 0xffffffffff7ff000n,
    source: 'arch/x86/include/asm/fixmap.h, FIXADDR_TOP: above VSYSCALL_ADDR',
  },
  {
    since: '2.6.11',
    value: 0xffffffffffdff000n,
    source: 'arch/x86/include/asm/fixmap.h, FIXADDR_TOP: VSYSCALL_END - PAGE_SIZE',
  },
];

export function windows64(version: LinuxVersion): Windows64 {
  return {
    pageOffset: inEra(PAGE_OFFSETS_64, version),
    ...inEra(VMALLOCS_64, version),
    ldtEntry: inEra(LDTS_64, version),
    hasEntryArea: inEra(ENTRY_AREAS_64, version),
    ...inEra(IMAGES_64, version),
    fixaddrTop: inEra(FIXADDR_TOPS_64, version),
  };
}

function sized(start: bigint, bytes: bigint): Range {
  return { start, end: start + bytes };
}
