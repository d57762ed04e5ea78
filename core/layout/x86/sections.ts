/**
 * Which frames of an x86 kernel's direct map are not plain data: its sections and the real-mode trampoline.
 *
 * Sources, all v6.1: arch/x86/mm/init_32.c and init_64.c (mark_rodata_ro), arch/x86/mm/pat/set_memory.c (a large page
 * part of which gets other rights is split), realmode/init.c, kernel/idt.c.
 */
import { MIB, pfnOf, pfnUp } from '../../base/units.ts';
import type { Rights } from '../booted.ts';
import type { AddressRange, Layout } from '../layout.ts';
import { type PfnRange, usableFrames } from '../page-frames.ts';

/** The first MiB is mapped whatever lies there (ISA_END_ADDRESS). */
export const ISA_END_PFN = pfnOf(MIB);

/** `isRunHere`: code is executed in the direct map, and not in a mapping of its own. */
export function sectionRights({ kernelImage }: Layout, isRunHere: boolean): Rights[] {
  const { code, rodata, idtTable } = kernelImage;
  const readOnly = { writable: false, executable: false };
  return [
    { ...pagesOf(code), writable: false, executable: isRunHere },
    { ...pagesOf(rodata), ...readOnly },
    { start: pfnOf(idtTable), end: pfnOf(idtTable) + 1, ...readOnly },
  ];
}

/** The real-mode trampoline takes the highest RAM below 1 MiB: a page of data, a page of code, then what it writes. */
export function trampolineRights(layout: Layout): Rights[] {
  const { realModePages } = layout.kernelImage;
  const low = usableFrames(layout, ISA_END_PFN).findLast(({ start, end }) => end - start >= realModePages);
  if (low === undefined) return [];
  const start = low.end - realModePages;
  return [
    { start, end: start + 1, writable: false, executable: false },
    { start: start + 1, end: start + 2, writable: false, executable: true },
  ];
}

/** Sections end somewhere in a page; their rights reach to its end. */
function pagesOf({ start, end }: AddressRange): PfnRange {
  return { start: pfnOf(start), end: pfnUp(end) };
}
