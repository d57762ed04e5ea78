/**
 * What an x86 kernel maps page by page at fixed places: the cpu entry areas, and the APICs' registers in the fixmap.
 * Frames that are taken from early memory are not known. Sources, both v6.1: as cpu-entry-area.ts;
 * arch/x86/kernel/apic/{apic,io_apic}.c.
 */
import { addressOf, PAGE_SIZE, pfnOf } from '../../base/units.ts';
import type { KernelMapping } from '../booted.ts';
import type { Layout } from '../layout.ts';
import { regionOfKind } from '../regions.ts';
import { type AreaPage, entryAreaPages } from './cpu-entry-area.ts';

/** Plain data in any frames. */
export function dataMapping({ arch }: Layout, start: bigint, end: bigint): KernelMapping {
  const executable = !arch.translation.nx;
  return { start, end, pfn: undefined, pageFrames: 1, writable: true, executable, uncached: false };
}

/** The IDT's page, and behind it an area of these pages for each cpu that may come. */
export function entryAreas(layout: Layout, area: readonly AreaPage[]): KernelMapping[] {
  const base = regionOfKind(layout, 'cpu_entry_area')?.start;
  if (base === undefined) return [];
  const idtPfn = pfnOf(layout.kernelImage.idtTable);
  const areas = entryAreaPages(area, layout.possibleCpus).map(({ page, writable }) => {
    const start = base + addressOf(page);
    return { ...dataMapping(layout, start, start + PAGE_SIZE), writable };
  });
  return [{ ...dataMapping(layout, base, base + PAGE_SIZE), pfn: idtPfn, writable: false }, ...areas];
}

/** APIC_DEFAULT_PHYS_BASE and IO_APIC_DEFAULT_PHYS_BASE (arch/x86/include/asm/apicdef.h, v6.1). */
const LOCAL_APIC_PFN = pfnOf(0xfee00000n);
const IO_APIC_PFN = pfnOf(0xfec00000n);

/** Slots of the fixmap: FIX_APIC_BASE, at `local`, and the one IO-APIC below it. */
export function apics(layout: Layout, local: bigint): KernelMapping[] {
  return [
    { at: local - PAGE_SIZE, pfn: IO_APIC_PFN },
    { at: local, pfn: LOCAL_APIC_PFN },
  ].map(({ at, pfn }) => ({
    ...dataMapping(layout, at, at + PAGE_SIZE),
    pfn,
    uncached: true,
  }));
}
