/**
 * The direct map as the kernel has it once it is up: which frames are mapped, with pages of which size, and which
 * are read-only or executable.
 *
 * Sources, all v6.1: arch/x86/mm/init.c (init_mem_mapping, split_mem_range: RAM only, plus the first MiB, each piece
 * with the largest page that fits), init_32.c (mark_rodata_ro),
 * init_64.c (mark_rodata_ro), arch/x86/mm/pat/set_memory.c (a large page part of which gets other rights is split),
 * realmode/init.c, kernel/idt.c. The books know of none of this: their direct map is one range of writable memory.
 */

import { pfnOf, pfnUp } from '../../base/units.ts';
import { BIOS_WINDOW } from '../firmware/memory-map.ts';
import type { AddressRange, Layout } from '../layout.ts';
import { type PfnRange, subtract, usableFrames } from '../page-frames.ts';

/** Frames [startPfn, endPfn), mapped alike by pages of `pageFrames` frames each. */
export interface DirectMapPiece {
  readonly startPfn: number;
  readonly endPfn: number;
  readonly pageFrames: number;
  readonly writable: boolean;
  readonly executable: boolean;
}

/** Frames that one page size maps. */
export interface PageRun extends PfnRange {
  readonly pageFrames: number;
}

/** The direct map as page tables have it, ascending; empty where it needs none. */
export function directMap(layout: Layout): DirectMapPiece[] {
  return withRights(layout, mappedAtBoot(layout), specialRights(layout));
}

/** The kernel image as it is mapped on 64 bits a second time, where it runs (cleanup_highmap, mark_rodata_ro). */
export function imageMap(layout: Layout): DirectMapPiece[] {
  const { start, brkEnd, code } = layout.kernelImage;
  const large = pageSizes(layout).at(-2)!;
  const frames = { start: pfnOf(start), end: Math.ceil(pfnUp(brkEnd) / large) * large };
  const rights = sectionRights(layout).map((section) => ({
    ...section,
    executable: section.start === pfnOf(code.start),
  }));
  return withRights(layout, [{ ...frames, pageFrames: large }], rights);
}

/** Gives runs of pages their rights, and splits the pages in which rights change. */
function withRights(layout: Layout, runs: readonly PageRun[], rights: readonly Rights[]): DirectMapPiece[] {
  const whole = runs.flatMap((run) => splitWhere(rightsChange(rights), run, pageSizes(layout)));
  return merged(whole.flatMap((run) => cutByRights(run, rights, !layout.translation.nx)));
}

/** Frames of the pages that entries of this layout can map, largest first. */
export function pageSizes({ translation }: Layout): number[] {
  const { levels, largePageLevels } = translation;
  return levels.flatMap((_, level) => {
    const bits = levels.slice(level + 1).reduce((sum, below) => sum + below.bits, 0);
    return level === levels.length - 1 || largePageLevels.includes(level) ? [2 ** bits] : [];
  });
}

/** The first MiB is mapped whatever lies there (ISA_END_ADDRESS). */
export const ISA_END_PFN = pfnOf(BIOS_WINDOW.end);

/** Before any page was split. */
export function mappedAtBoot(layout: Layout): PageRun[] {
  const sizes = pageSizes(layout);
  return mappedFrames(layout).flatMap((range) => largestPages(range, sizes));
}

function mappedFrames(layout: Layout): PfnRange[] {
  const { family, wordBits, ram, maxLowPfn, pageShift } = layout;
  if (layout.translation.linearPageBytes !== undefined) return [];
  if (family !== 'linux-6.1' && wordBits === 32) return [{ start: 0, end: maxLowPfn }];
  const isa = { start: 0, end: pfnOf(BIOS_WINDOW.end, pageShift) };
  return [isa, ...subtract(usableFrames(ram, maxLowPfn, pageShift), isa)];
}

/** A range in the largest pages that fit and are aligned. */
function largestPages(range: PfnRange, [size, ...smaller]: readonly number[]): PageRun[] {
  if (range.start >= range.end) return [];
  if (smaller.length === 0) return [{ ...range, pageFrames: size! }];
  const start = Math.ceil(range.start / size!) * size!;
  const end = Math.floor(range.end / size!) * size!;
  if (start >= end) return largestPages(range, smaller);
  return [
    ...largestPages({ start: range.start, end: start }, smaller),
    { start, end, pageFrames: size! },
    ...largestPages({ start: end, end: range.end }, smaller),
  ];
}

/** Frames that are not plain data: writable and not executable. */
interface Rights extends PfnRange {
  readonly writable: boolean;
  readonly executable: boolean;
}

function specialRights(layout: Layout): Rights[] {
  return layout.family !== 'linux-6.1' ? [] : [...trampolineRights(layout), ...sectionRights(layout)];
}

/** On 64 bits code is executed elsewhere. */
function sectionRights(layout: Layout): Rights[] {
  const { code, rodata, idtTable } = layout.kernelImage;
  const readOnly = { writable: false, executable: false };
  return [
    { ...pagesOf(code), writable: false, executable: layout.wordBits === 32 },
    { ...pagesOf(rodata), ...readOnly },
    { start: pfnOf(idtTable), end: pfnOf(idtTable) + 1, ...readOnly },
  ];
}

/** The real-mode trampoline takes the highest RAM below 1 MiB: a page of data, a page of code, then what it writes. */
function trampolineRights({ ram, kernelImage }: Layout): Rights[] {
  const { realModePages } = kernelImage;
  const low = usableFrames(ram, ISA_END_PFN).findLast(({ start, end }) => end - start >= realModePages);
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

function rightsChange(rights: readonly Rights[]): number[] {
  return rights.flatMap(({ start, end }) => [start, end]).sort((a, b) => a - b);
}

/** Splits those pages of a run that have one of the cuts inside into the next smaller size, and so on. */
function splitWhere(cuts: readonly number[], run: PageRun, sizes: readonly number[]): PageRun[] {
  const { start, end, pageFrames } = run;
  const cut = cuts.find((pfn) => pfn > start && pfn < end && pfn % pageFrames !== 0);
  if (cut === undefined) return [run];
  const page = Math.floor(cut / pageFrames) * pageFrames;
  const smaller = sizes.filter((size) => size < pageFrames);
  const inside = { start: page, end: page + pageFrames, pageFrames: smaller[0]! };
  return [
    { start, end: page, pageFrames },
    ...splitWhere(cuts, inside, smaller),
    ...splitWhere(cuts, { start: inside.end, end, pageFrames }, sizes),
  ].filter((piece) => piece.start < piece.end);
}

/** A run cut where rights change. */
function cutByRights(run: PageRun, rights: readonly Rights[], alwaysExecutable: boolean): DirectMapPiece[] {
  const inside = rightsChange(rights).filter((pfn) => pfn > run.start && pfn < run.end);
  const edges = [run.start, ...inside, run.end];
  return edges.slice(1).map((endPfn, index) => {
    const startPfn = edges[index]!;
    const found = rights.find(({ start, end }) => start <= startPfn && startPfn < end);
    return {
      startPfn,
      endPfn,
      pageFrames: run.pageFrames,
      writable: found?.writable ?? true,
      executable: alwaysExecutable || (found?.executable ?? false),
    };
  });
}

/** Neighbours of one kind become one piece. */
function merged(pieces: readonly DirectMapPiece[]): DirectMapPiece[] {
  const out: DirectMapPiece[] = [];
  for (const piece of pieces) {
    const last = out.at(-1);
    if (piece.startPfn === piece.endPfn) continue;
    if (last && last.endPfn === piece.startPfn && alike(last, piece)) {
      out[out.length - 1] = { ...last, endPfn: piece.endPfn };
    } else out.push(piece);
  }
  return out;
}

function alike(a: DirectMapPiece, b: DirectMapPiece): boolean {
  return a.pageFrames === b.pageFrames && a.writable === b.writable && a.executable === b.executable;
}
