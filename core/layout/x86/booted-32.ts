/**
 * 32-bit x86 kernels once they are up. Sources, all v6.1: as direct-map.ts; arch/x86/mm/dump_pagetables.c
 * (address_markers), arch/x86/mm/init_32.c (page_table_range_init), asm/{pgtable_32_areas,fixmap}.h.
 */
import { addressOf, alignDown, PAGE_SIZE } from '../../base/units.ts';
import type { BootedKernel, KernelConstants } from '../booted.ts';
import { pageSizes } from '../dump/direct-map.ts';
import { markersOf } from '../dump/page-table-dump.ts';
import { KMAP_LOCAL_SLOTS } from '../fixmap.ts';
import type { AddressRange, Layout } from '../layout.ts';
import { regionOfKind } from '../regions.ts';
import { AREA_32, CPU_ENTRY_AREA_PAGES_32 } from './cpu-entry-area.ts';
import { apics, entryAreas } from './fixed-mappings.ts';
import { pagesVisitedAgain } from './miscounted-pages.ts';
import { sectionRights, trampolineRights } from './sections.ts';

/** The kernel runs in the direct map. */
export const BOOTED_32: BootedKernel = {
  isChecked: true,
  specialRights: (layout) => [...trampolineRights(layout), ...sectionRights(layout, true)],
  otherMappings: (layout) => [...entryAreas(layout, AREA_32), ...apics(layout, fixApicBase(layout))],
  miscounted: pagesVisitedAgain,
  emptyTables,
  unlistedRootEntries: 0,
  markers: (layout) => [
    { name: 'User Space', start: 0n },
    ...markersOf(layout, [
      ['Kernel Mapping', 'direct', 'start'],
      ['vmalloc() Area', 'vmalloc', 'start'],
      ['vmalloc() End', 'vmalloc', 'end'],
      ['Persistent kmap() Area', 'pkmap', 'start'],
      ['LDT remap', 'ldt', 'start'],
      ['CPU entry area', 'cpu_entry_area', 'start'],
      ['Fixmap area', 'fixmap', 'start'],
    ]),
  ],
  constants,
  pkmapMacros,
};

/** The books know the direct map only, as one range of writable memory. */
export const BOOK_32: BootedKernel = {
  ...BOOTED_32,
  isChecked: false,
  specialRights: () => [],
  otherMappings: () => [],
  miscounted: () => new Map(),
  emptyTables: () => [],
};

/** FIX_APIC_BASE: below FIX_HOLE, FIX_DBGP_BASE and FIX_EARLYCON_MEM_BASE. */
function fixApicBase({ fixmap }: Layout): bigint {
  return fixmap.end - 3n * PAGE_SIZE;
}

/** The windows at the top have their tables from boot on (page_table_range_init); drivers map something at once. */
function emptyTables(layout: Layout): AddressRange[] {
  const { vmalloc, pkmap, fixmapTotalStart } = layout;
  const tableBytes = addressOf(pageSizes(layout).at(-2)!);
  const entryArea = regionOfKind(layout, 'cpu_entry_area');
  const kmap = pkmap && { start: pkmap.base, end: pkmap.base + addressOf(pkmap.slots) };
  return [
    { start: vmalloc.start, end: vmalloc.start + PAGE_SIZE },
    ...(kmap ? [kmap] : []),
    ...(entryArea ? [entryArea] : []),
    { start: alignDown(fixmapTotalStart, tableBytes), end: 1n << 32n },
  ];
}

/** PKMAP_BASE. */
export function pkmapBase(ldtStart: bigint, pmdSize: bigint): bigint {
  return alignDown(ldtStart - PAGE_SIZE, pmdSize);
}

/** A kernel without high memory has no kmap area, but its headers still define where it would be. */
function pkmapMacros(layout: Layout): Layout['pkmap'] {
  const { pkmap, arch } = layout;
  const ldt = regionOfKind(layout, 'ldt');
  if (pkmap || !ldt) return pkmap;
  const slots = 2 ** arch.translation.levels.at(-1)!.bits;
  return { base: pkmapBase(ldt.start, BigInt(slots) * PAGE_SIZE), slots };
}

function constants(layout: Layout): KernelConstants {
  const { vmalloc, pageOffset, maxMem, highMemory, nrCpus } = layout;
  const pkmap = pkmapMacros(layout);
  return {
    FIX_APIC_BASE_vaddr: fixApicBase(layout),
    VMALLOC_OFFSET: vmalloc.start - highMemory,
    __VMALLOC_RESERVE: vmalloc.end - pageOffset - maxMem,
    CPU_ENTRY_AREA_PAGES: BigInt(CPU_ENTRY_AREA_PAGES_32 * nrCpus),
    ...(pkmap && { PKMAP_BASE: pkmap.base, LAST_PKMAP: BigInt(pkmap.slots) }),
    ...highmemConstants(layout),
  };
}

/** With CONFIG_HIGHMEM only. */
function highmemConstants({ highstartPfn, maxPfn, fixmap, nrCpus, arch }: Layout): KernelConstants {
  if (highstartPfn === undefined) return {};
  const { fixmapDevicePages } = arch.port;
  const slot = (index: number): bigint => fixmap.end - addressOf(index);
  return {
    highstart_pfn: BigInt(highstartPfn),
    highend_pfn: BigInt(maxPfn),
    KM_MAX_IDX: BigInt(KMAP_LOCAL_SLOTS),
    FIX_KMAP_BEGIN_vaddr: slot(fixmapDevicePages),
    FIX_KMAP_END_vaddr: slot(fixmapDevicePages + KMAP_LOCAL_SLOTS * nrCpus - 1),
  };
}
