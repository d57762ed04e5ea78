/**
 * Contiguous buffers out of CMA: the first range of free pages that is aligned to the order of the size (mm/cma.c,
 * cma_alloc; mm/page_alloc.c, alloc_contig_range and free_contig_range, v6.1).
 *
 * Simplified: pages that CMA has lent stay where they are: a range with one is busy, and the next one is tried. A kernel
 * would move those of processes and of the page cache away; others are in its way too.
 */
import type { PfnRange } from '../layout/page-frames.ts';
import type { Draft } from '../machine/draft.ts';
import { blocksOf } from './blocks.ts';
import { freeBlock } from './buddy.ts';
import { blockOf, FRAME, USE_FREE } from './frames.ts';
import { freeCmaCell, freePagesCell, removeFromFreeList } from './free-lists.ts';
import { MIGRATE_CMA } from './migrate.ts';
import { zoneOfPfn } from './page-alloc.ts';
import { drainAllPcps, freeToPcp } from './pcp.ts';

/** CONFIG_CMA_ALIGNMENT: buffers are aligned to so much at most, as an order. */
const CMA_ALIGNMENT = 8;

/** The first frame of `nrPages` of CMA in a row, or -1. Each is a block of its own, as the kernel splits them. */
export function takeContiguous(draft: Draft, nrPages: number, use: number, owner: number): number {
  const { cma } = draft.platform;
  if (cma === undefined) return -1;
  drainAllPcps(draft);
  const align = 2 ** Math.min(Math.ceil(Math.log2(nrPages)), CMA_ALIGNMENT);
  for (const { start, end } of cma.areas) {
    const pfn = firstFree(draft, Math.ceil(start / align) * align, end, nrPages, align);
    if (pfn < 0) continue;
    takeRange(draft, { start: pfn, end: pfn + nrPages }, use, owner);
    return pfn;
  }
  return -1;
}

/** Goes on behind the first page in use that is in the way. */
function firstFree(draft: Draft, from: number, end: number, nrPages: number, align: number): number {
  for (let pfn = from; pfn + nrPages <= end; ) {
    const busy = firstBusy(draft, pfn, pfn + nrPages);
    if (busy < 0) return pfn;
    pfn = Math.ceil((busy + 1) / align) * align;
  }
  return -1;
}

function firstBusy({ frames }: Draft, from: number, end: number): number {
  for (let pfn = from; pfn < end; ) {
    const block = blockOf(frames, pfn);
    if (frames.get(block, FRAME.use) !== USE_FREE) return pfn;
    pfn = block + 2 ** frames.get(block, FRAME.order);
  }
  return -1;
}

/** Takes the free blocks that a range is in, and gives back what of them is not in it. */
function takeRange(draft: Draft, range: PfnRange, use: number, owner: number): void {
  const { frames, freeLists, platform } = draft;
  const zone = zoneOfPfn(platform.zones, range.start);
  for (let pfn = range.start; pfn < range.end; ) {
    const block = blockOf(frames, pfn);
    const order = frames.get(block, FRAME.order);
    const next = block + 2 ** order;
    removeFromFreeList(draft, zone.index, block, order);
    freeLists[freePagesCell(zone.index)]! -= 2 ** order;
    freeLists[freeCmaCell(zone.index)]! -= 2 ** order;
    const end = Math.min(next, range.end);
    for (let page = pfn; page < end; page++) occupy(draft, page, use, owner);
    for (const rest of [
      { start: block, end: pfn },
      { start: end, end: next },
    ])
      for (const piece of blocksOf(rest, order)) freeBlock(draft, zone, piece.pfn, piece.order, MIGRATE_CMA);
    pfn = next;
  }
}

function occupy({ frames }: Draft, pfn: number, use: number, owner: number): void {
  frames.set(pfn, FRAME.use, use);
  frames.set(pfn, FRAME.order, 0);
  frames.set(pfn, FRAME.next, 0);
  frames.set(pfn, FRAME.owner, owner);
  frames.set(pfn, FRAME.refs, 1);
}

/** Gives it back, page by page. */
export function freeContiguous(draft: Draft, pfn: number, nrPages: number): void {
  const zone = zoneOfPfn(draft.platform.zones, pfn);
  for (let page = pfn; page < pfn + nrPages; page++) freeToPcp(draft, zone, page, 0);
}
