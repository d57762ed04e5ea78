/**
 * The direct map as the kernel has it once it is up: which frames are mapped, with pages of which size, and which
 * are read-only or executable.
 *
 * Sources, all v6.1: arch/x86/mm/init.c (init_mem_mapping, split_mem_range: RAM only, plus the first MiB, each piece
 * with the largest page that fits), init_32.c (mark_rodata_ro),
 * init_64.c (mark_rodata_ro), arch/x86/mm/pat/set_memory.c (a large page part of which gets other rights is split),
 * realmode/init.c, kernel/idt.c. The books know of none of this: their direct map is one range of writable memory.
 */

import { entrySpans } from '../../arch/translation.ts';
import { pfnOf } from '../../base/units.ts';
import type { PageRun, Rights } from '../booted.ts';
import { firstPfn } from '../convert.ts';
import type { Layout } from '../layout.ts';
import { type PfnRange, subtract, usableFrames } from '../page-frames.ts';

/** Frames [startPfn, endPfn), mapped alike by pages of `pageFrames` frames each. */
export interface DirectMapPiece {
  readonly startPfn: number;
  readonly endPfn: number;
  readonly pageFrames: number;
  readonly writable: boolean;
  readonly executable: boolean;
}

/** The direct map as page tables have it, ascending; empty where it needs none. */
export function directMap(layout: Layout): DirectMapPiece[] {
  return withRights(layout, mappedAtBoot(layout), layout.booted?.specialRights(layout) ?? []);
}

/** Gives runs of pages their rights, and splits the pages in which rights change. */
export function withRights(
  layout: Layout,
  runs: readonly PageRun[],
  rights: readonly Rights[],
): DirectMapPiece[] {
  const whole = runs.flatMap((run) => splitWhere(rightsChange(rights), run, pageSizes(layout)));
  return merged(whole.flatMap((run) => cutByRights(run, rights, !layout.arch.translation.nx)));
}

/** Frames of the pages that entries of this layout can map, largest first. */
export function pageSizes({ arch: { translation } }: Layout): number[] {
  const { levels, largePageLevels } = translation;
  return entrySpans(translation).filter(
    (_, level) => level === levels.length - 1 || largePageLevels.includes(level),
  );
}

/** Before any page was split. */
export function mappedAtBoot(layout: Layout): readonly PageRun[] {
  const own = layout.booted?.directMapRuns?.(layout);
  if (own !== undefined) return own;
  // Without PSE nothing is mapped large (probe_page_size_mask).
  const sizes = layout.withoutLargePages ? pageSizes(layout).slice(-1) : pageSizes(layout);
  return mappedFrames(layout).flatMap((range) => largestPages(range, sizes));
}

function mappedFrames(layout: Layout): PfnRange[] {
  const { kernel, maxLowPfn } = layout;
  const { port, translation } = layout.arch;
  if (translation.linearPageBytes !== undefined) return [];
  const first = firstPfn(layout);
  if (kernel.mapsMemoryHoles && port.memoryModel.kind === 'flat') return [{ start: first, end: maxLowPfn }];
  const low = firmwareFrames(layout);
  return [low, ...subtract(usableFrames(layout, maxLowPfn), low)].filter(({ start, end }) => start < end);
}

/** What is mapped whatever lies there, up to the end of the firmware's window (ISA_END_ADDRESS). */
function firmwareFrames(layout: Layout): PfnRange {
  const start = firstPfn(layout);
  const end = pfnOf(layout.arch.port.firmwareWindow?.end ?? 0n, layout.pageShift);
  return { start, end: Math.max(start, end) };
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
