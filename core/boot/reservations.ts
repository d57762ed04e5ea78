/**
 * What is free when the kernel starts: RAM less what the firmware keeps, the kernel image, and the memory map. What is
 * RAM but not free gets blocks of its own, so that every frame has an owner.
 */
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
export function memoryMapAtBoot(layout: Layout, free: PfnRange[]): PfnRange[] {
  const bytes = describedFrames(layout, ramFrames(layout)) * layout.structPageBytes;
  return withoutMemoryMap(layout, free, Math.ceil(bytes / 2 ** layout.pageShift));
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

function withoutMemoryMap(layout: Layout, frames: PfnRange[], memoryMapPages: number): PfnRange[] {
  let free = frames;
  let left = memoryMapPages;
  for (const range of frames.toReversed()) {
    const end = Math.min(range.end, layout.maxLowPfn);
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
