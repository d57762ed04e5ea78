/**
 * Contiguous buffers out of CMA: the first range that is aligned to the order of the size and has only free pages and such
 * that can be moved away (mm/cma.c, cma_alloc; mm/page_alloc.c, alloc_contig_range and free_contig_range, v6.1).
 *
 * Simplified: pages are moved where the machine reclaims (option `reclaim`), else a range with one is passed over; so is one
 * with a page that cannot be moved, before any of it is: a kernel moves the others first. Copies may go to the rest of the
 * pageblocks that a range begins and ends in, which a kernel isolates.
 */
import type { PfnRange } from '../layout/page-frames.ts';
import type { Draft } from '../machine/draft.ts';
import { blocksOf } from './blocks.ts';
import { freeBlock } from './buddy.ts';
import { blockOf, FRAME, USE_FREE, USE_PCP } from './frames.ts';
import { freeCmaCell, freePagesCell, removeFromFreeList } from './free-lists.ts';
import { MIGRATE_CMA } from './migrate.ts';
import { zoneOfPfn } from './page-alloc.ts';
import { drainAllPcps, freeToPcp } from './pcp.ts';
import { type Mover, VACATE } from './reclaimer.ts';

/** CONFIG_CMA_ALIGNMENT: buffers are aligned to so much at most, as an order. */
const CMA_ALIGNMENT = 8;
const NONE = -1;

/** Who gets the frames. */
interface Taker {
  readonly use: number;
  readonly owner: number;
}

/** The first frame of `nrPages` of CMA in a row, or -1. Each is a block of its own, as the kernel splits them. */
export function takeContiguous(draft: Draft, nrPages: number, use: number, owner: number): number {
  const { cma } = draft.platform;
  if (cma === undefined) return NONE;
  drainAllPcps(draft);
  const align = 2 ** Math.min(Math.ceil(Math.log2(nrPages)), CMA_ALIGNMENT);
  const mover = draft.reclaimer?.mover(draft);
  const taker = { use, owner };
  for (const { start, end } of cma.areas) {
    for (let pfn = Math.ceil(start / align) * align; pfn + nrPages <= end; ) {
      const range = { start: pfn, end: pfn + nrPages };
      const busy = firstObstacle(draft, range, mover);
      if (busy === NONE && takeAll(draft, range, taker, mover)) return pfn;
      // Behind what is in the way.
      pfn = Math.ceil(((busy === NONE ? pfn : busy) + 1) / align) * align;
    }
  }
  return NONE;
}

/** The first page of a range that is in use and has to stay, or -1. */
function firstObstacle({ frames }: Draft, { start, end }: PfnRange, mover: Mover | undefined): number {
  for (let pfn = start; pfn < end; ) {
    const block = blockOf(frames, pfn);
    if (frames.get(block, FRAME.use) !== USE_FREE && !mover?.isMovable(pfn)) return pfn;
    pfn = block + 2 ** frames.get(block, FRAME.order);
  }
  return NONE;
}

/** Free pages first, so that nothing is moved to them. False: something could not be moved, and all is as free as before. */
function takeAll(draft: Draft, range: PfnRange, taker: Taker, mover: Mover | undefined): boolean {
  const isInTheWay = takeFree(draft, range, taker);
  for (let i = 0; i < isInTheWay.length; i++) {
    const pfn = isInTheWay[i]!;
    if (takeUsed(draft, pfn, taker, mover!)) continue;
    giveBack(draft, range, new Set(isInTheWay.slice(i)));
    return false;
  }
  return true;
}

function takeUsed(draft: Draft, pfn: number, taker: Taker, mover: Mover): boolean {
  if (!isFree(draft, pfn)) {
    const isDone = mover.vacate(pfn) === VACATE.done;
    if (isDone) occupy(draft, pfn, taker);
    return isDone;
  }
  // Making room for the copy of another one has freed it.
  drainAllPcps(draft);
  return takeFree(draft, { start: pfn, end: pfn + 1 }, taker).length === 0;
}

function isFree({ frames }: Draft, pfn: number): boolean {
  const use = frames.get(blockOf(frames, pfn), FRAME.use);
  return use === USE_FREE || use === USE_PCP;
}

/** All but what had to stay, page by page. */
function giveBack(draft: Draft, { start, end }: PfnRange, stays: ReadonlySet<number>): void {
  const zone = zoneOfPfn(draft.platform.zones, start);
  for (let pfn = start; pfn < end; pfn++) if (!stays.has(pfn)) freeBlock(draft, zone, pfn, 0, MIGRATE_CMA);
}

/** Takes the free blocks that a range is in, and gives back what of them is not in it. Returns the pages that are not free. */
function takeFree(draft: Draft, range: PfnRange, taker: Taker): number[] {
  const { frames, freeLists, platform } = draft;
  const zone = zoneOfPfn(platform.zones, range.start);
  const used: number[] = [];
  for (let pfn = range.start; pfn < range.end; ) {
    const block = blockOf(frames, pfn);
    const order = frames.get(block, FRAME.order);
    if (frames.get(block, FRAME.use) !== USE_FREE) {
      used.push(pfn++);
      continue;
    }
    const next = block + 2 ** order;
    removeFromFreeList(draft, zone.index, block, order);
    freeLists[freePagesCell(zone.index)]! -= 2 ** order;
    freeLists[freeCmaCell(zone.index)]! -= 2 ** order;
    const end = Math.min(next, range.end);
    for (let page = pfn; page < end; page++) occupy(draft, page, taker);
    for (const rest of [
      { start: block, end: pfn },
      { start: end, end: next },
    ])
      for (const piece of blocksOf(rest, order)) freeBlock(draft, zone, piece.pfn, piece.order, MIGRATE_CMA);
    pfn = next;
  }
  return used;
}

function occupy({ frames }: Draft, pfn: number, { use, owner }: Taker): void {
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
