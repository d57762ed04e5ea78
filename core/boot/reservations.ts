/**
 * What is free when the kernel starts: RAM less what the firmware keeps, the kernel image, and the memory map. What is
 * RAM but not free gets blocks of its own, so that every frame has an owner.
 */
import { entrySpans } from '../arch/translation.ts';
import { firstPfn } from '../layout/convert.ts';
import type { Layout } from '../layout/layout.ts';
import { countFrames, type PfnRange, subtract } from '../layout/page-frames.ts';
import type { Draft } from '../machine/draft.ts';
import { blocksOf } from '../phys/blocks.ts';
import { FRAME, USE_RESERVED } from '../phys/frames.ts';
import type { Block } from '../phys/room.ts';
import { tooSmall } from './too-small.ts';

/** Ascending: before anything is set aside. */
export function freeAtBoot(layout: Layout): PfnRange[] {
  return subtract(subtract(ramFrames(layout), lowReserve(layout)), imageFrames(layout));
}

/** What of it is left without the memory map, which comes from the top of the direct map. */
export function memoryMapAtBoot(layout: Layout, free: readonly PfnRange[]): PfnRange[] {
  return takenFromTop(layout, free, memoryMapPages(layout));
}

function memoryMapPages(layout: Layout): number {
  const bytes = describedFrames(layout, ramFrames(layout)) * layout.structPageBytes;
  return Math.ceil(bytes / 2 ** layout.pageShift);
}

/** What is left without the tables of the direct map, which is in single pages (early_pgtable_alloc() of arm64). */
export function directMapTablesAtBoot(layout: Layout, free: readonly PfnRange[]): PfnRange[] {
  const spans = entrySpans(layout.arch.translation).slice(0, -1);
  const tables = ramFrames(layout).flatMap(({ start, end }) =>
    spans.map((span) => Math.ceil(end / span) - Math.floor(start / span)),
  );
  return takenFromTop(
    layout,
    free,
    tables.reduce((sum, nr) => sum + nr, 0),
  );
}

/** What is left without the memory map, of which each section's part is whole large pages (sparse_buffer_init()). */
export function sparseMapAtBoot(layout: Layout, free: readonly PfnRange[]): PfnRange[] {
  const largePage = entrySpans(layout.arch.translation).at(-2)!;
  const pages = Math.ceil(memoryMapPages(layout) / largePage) * largePage;
  return takenFromTop(layout, free, pages, largePage);
}

/** Whole frames of RAM that the kernel can use. */
function ramFrames({ ram, pageShift, maxPfn }: Layout): PfnRange[] {
  const pageBytes = 2 ** pageShift;
  return ram.map(({ start, end }) => ({
    start: Math.ceil(Number(start) / pageBytes),
    end: Math.min(Math.floor(Number(end) / pageBytes), maxPfn),
  }));
}

/** What is never given out; frame 0 in any case, whose number means none in several tables. */
function lowReserve({ arch, pageShift }: Layout): PfnRange {
  return { start: 0, end: Math.max(1, Math.ceil(arch.port.lowReservedBytes / 2 ** pageShift)) };
}

/** Frames that have a struct page: in flat memory the holes too, in sparse memory RAM only. */
function describedFrames(layout: Layout, ram: readonly PfnRange[]): number {
  const { maxPfn, arch } = layout;
  if (arch.port.memoryModel.kind === 'flat') return maxPfn - firstPfn(layout);
  return countFrames(ram, 0, maxPfn);
}

/** Takes pages from the top of low memory, below a multiple of `align` frames. */
function takenFromTop(layout: Layout, frames: readonly PfnRange[], pages: number, align = 1): PfnRange[] {
  let free = [...frames];
  let left = pages;
  for (const range of frames.toReversed()) {
    const top = Math.min(range.end, layout.maxLowPfn);
    const end = top - (top % align);
    const taken = Math.min(left, end - range.start);
    if (taken <= 0) continue;
    free = subtract(free, { start: end - taken, end });
    left -= taken;
  }
  if (left > 0) throw tooSmall(layout);
  return free;
}

/** Gives the frames of RAM that are not free to the kernel. */
export function reserveFrames(draft: Draft, layout: Layout, free: readonly PfnRange[]): void {
  for (const { pfn, order } of reservedBlocks(draft, layout, free)) {
    draft.frames.set(pfn, FRAME.use, USE_RESERVED);
    draft.frames.set(pfn, FRAME.order, order);
    draft.frames.set(pfn, FRAME.refs, 1);
  }
}

function reservedBlocks(draft: Draft, layout: Layout, free: readonly PfnRange[]): Block[] {
  const reserved = free.reduce<PfnRange[]>(subtract, ramFrames(layout));
  return reserved.flatMap((range) => [...blocksOf(range, draft.platform.maxOrder)]);
}

/** Of those, what a kernel need not keep: neither frame 0 nor its image. */
export function spareBlocks(draft: Draft, layout: Layout, free: readonly PfnRange[]): Block[] {
  const { start, end } = imageFrames(layout);
  return reservedBlocks(draft, layout, free)
    .flatMap((block) =>
      block.pfn === 0 ? [...blocksOf({ start: 1, end: 2 ** block.order }, block.order)] : [block],
    )
    .filter(({ pfn, order }) => pfn + 2 ** order <= start || pfn >= end);
}

function imageFrames({ kernelImage, pageShift }: Layout): PfnRange {
  const pageBytes = 2 ** pageShift;
  return {
    start: Math.floor(Number(kernelImage.start) / pageBytes),
    end: Math.ceil(Number(kernelImage.end) / pageBytes),
  };
}
