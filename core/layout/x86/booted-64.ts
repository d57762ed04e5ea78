/**
 * 64-bit x86 kernels once they are up: the kernel runs in a mapping of its own, and the memory map lies in virtual
 * memory. Sources, all v6.1: as direct-map.ts; mm/sparse-vmemmap.c; arch/x86/mm/dump_pagetables.c (address_markers),
 * arch/x86/mm/init_64.c (cleanup_highmap, mark_rodata_ro), asm/{pgtable_64_types,fixmap}.h.
 */
import { MIB, PAGE_SIZE, pfnOf, pfnUp, TIB } from '../../base/units.ts';
import type { BootedKernel, DumpMarker, KernelConstants, KernelMapping } from '../booted.ts';
import { startOf, tableConstants } from '../dump/constants.ts';
import { type DirectMapPiece, pageSizes, withRights } from '../dump/direct-map.ts';
import { mappedFrom } from '../dump/kernel-map.ts';
import { markersOf } from '../dump/page-table-dump.ts';
import type { AddressRange, Layout } from '../layout.ts';
import { type PfnRange, usableFrames } from '../page-frames.ts';
import { regionOfKind } from '../regions.ts';
import { AREA_64 } from './cpu-entry-area.ts';
import { apics, dataMapping, entryAreas } from './fixed-mappings.ts';
import { pagesVisitedAgain, splitImagePages } from './miscounted-pages.ts';
import { sectionRights, trampolineRights } from './sections.ts';

export const BOOTED_64: BootedKernel = {
  isChecked: true,
  specialRights: (layout) => [...trampolineRights(layout), ...sectionRights(layout, false)],
  otherMappings: (layout) => [
    ...imageMappings(layout),
    ...memoryMap(layout),
    ...entryAreas(layout, AREA_64),
    ...apics(layout, fixApicBase(layout)),
  ],
  miscounted: (layout) => sum(pagesVisitedAgain(layout), splitImagePages(layout)),
  emptyTables,
  unlistedRootEntries: 16,
  markers,
  constants,
  pkmapMacros: ({ pkmap }) => pkmap,
};

/** The books know the direct map only, as one range of writable memory. */
export const BOOK_64: BootedKernel = {
  ...BOOTED_64,
  isChecked: false,
  specialRights: () => [],
  otherMappings: () => [],
  miscounted: () => new Map(),
  emptyTables: () => [],
};

function sum(a: ReadonlyMap<number, number>, b: ReadonlyMap<number, number>): ReadonlyMap<number, number> {
  const sizes = new Set([...a.keys(), ...b.keys()]);
  return new Map([...sizes].map((size) => [size, (a.get(size) ?? 0) + (b.get(size) ?? 0)]));
}

/** FIX_APIC_BASE: below FIX_DBGP_BASE and FIX_EARLYCON_MEM_BASE. */
function fixApicBase({ fixmap }: Layout): bigint {
  return fixmap.end - 2n * PAGE_SIZE;
}

function imageMappings(layout: Layout): KernelMapping[] {
  const image = regionOfKind(layout, 'kernel_image');
  return image === undefined ? [] : mappedFrom(layout, image.start, 0, imageMap(layout));
}

/** The kernel image as it is mapped a second time, where it runs (cleanup_highmap, mark_rodata_ro). */
export function imageMap(layout: Layout): DirectMapPiece[] {
  const { start, brkEnd, code } = layout.kernelImage;
  const large = pageSizes(layout).at(-2)!;
  const frames = { start: pfnOf(start), end: Math.ceil(pfnUp(brkEnd) / large) * large };
  const rights = sectionRights(layout, false).map((section) => ({
    ...section,
    executable: section.start === pfnOf(code.start),
  }));
  return withRights(layout, [{ ...frames, pageFrames: large }], rights);
}

/** SECTION_SIZE_BITS: memory is described in sections of 128 MiB, those without RAM not at all. */
const SECTION_FRAMES = pfnOf(1n << 27n);

/** vmemmap: the struct pages of one section fill one large page. */
function memoryMap(layout: Layout): KernelMapping[] {
  const base = regionOfKind(layout, 'vmemmap')?.start;
  if (base === undefined) return [];
  const pageFrames = pageSizes(layout).at(-2)!;
  const addressOfSection = (section: number): bigint =>
    base + BigInt(section * SECTION_FRAMES * layout.structPageBytes);
  return describedSections(layout).map(({ start, end }) => ({
    ...dataMapping(layout, addressOfSection(start), addressOfSection(end)),
    pageFrames,
  }));
}

/** Numbers of the sections with RAM, neighbours in one range. */
function describedSections(layout: Layout): PfnRange[] {
  const out: PfnRange[] = [];
  for (const { start, end } of usableFrames(layout, layout.maxPfn)) {
    const range = { start: Math.floor(start / SECTION_FRAMES), end: Math.ceil(end / SECTION_FRAMES) };
    const last = out.at(-1);
    if (last !== undefined && range.start <= last.end) out[out.length - 1] = { ...last, end: range.end };
    else out.push(range);
  }
  return out;
}

/** ESPFIX_BASE_ADDR: stacks whose place is random. */
const ESPFIX_BASE = 0xffffff0000000000n;

function markers(layout: Layout): DumpMarker[] {
  const marked = markersOf(layout, [
    ['LDT remap', 'ldt', 'start'],
    ['Low Kernel Mapping', 'direct', 'start'],
    ['vmalloc() Area', 'vmalloc', 'start'],
    ['Vmemmap', 'vmemmap', 'start'],
    ['CPU entry Area', 'cpu_entry_area', 'start'],
    ['High Kernel Mapping', 'kernel_image', 'start'],
    ['Modules', 'modules', 'start'],
    ['End Modules', 'modules', 'end'],
    ['Fixmap Area', 'fixmap', 'start'],
  ]);
  const above = marked.findIndex(({ start }) => start > ESPFIX_BASE);
  return [
    { name: 'User Space', start: 0n },
    { name: 'Kernel Space', start: 1n << 63n },
    ...marked.slice(0, above),
    { name: 'ESPfix Area', start: ESPFIX_BASE },
    ...marked.slice(above),
  ];
}

/** FIXMAP_PMD_NUM: two tables for the fixmap; one for the ESPfix stacks, which begin somewhere behind. */
function emptyTables({ fixmap }: Layout): AddressRange[] {
  const fixmapEnd = fixmap.end + PAGE_SIZE;
  return [
    { start: ESPFIX_BASE, end: ESPFIX_BASE + PAGE_SIZE },
    { start: fixmapEnd - 4n * MIB, end: fixmapEnd },
  ];
}

/** The bases are variables there: KASLR, which these kernels run without, would move them. */
function constants(layout: Layout): KernelConstants {
  const { pageOffset, vmalloc, arch } = layout;
  const { PGDIR_SHIFT, PTRS_PER_P4D } = tableConstants(layout);
  return {
    FIX_APIC_BASE_vaddr: fixApicBase(layout),
    page_offset_base: pageOffset,
    vmalloc_base: vmalloc.start,
    ...startOf(layout, 'vmemmap_base', 'vmemmap'),
    ...startOf(layout, 'mem_map_or_vmemmap_pfn0', 'vmemmap'),
    pgdir_shift: PGDIR_SHIFT!,
    ptrs_per_p4d: PTRS_PER_P4D!,
    pgtable_l5_enabled: arch.translation.levels.length === 5 ? 1n : 0n,
    VMALLOC_SIZE_TB: (vmalloc.end - vmalloc.start) / TIB,
    ESPFIX_BASE_ADDR: ESPFIX_BASE,
    LDT_PGD_ENTRY: BigInt.asUintN(64, -240n),
    phys_base: 0n,
  };
}
