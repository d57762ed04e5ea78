/**
 * Where x86 kernels of 32 bits have their windows, by version: the top of the address space, from the fixmap down.
 *
 * What a build's options add to the fixmap no version tells (PCI_MMCONFIG, PARAVIRT, F00F_BUG): up to 5.0 they count as
 * set, as distributions' kernels have them; after it as in the captured 6.1, which has none.
 */
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
