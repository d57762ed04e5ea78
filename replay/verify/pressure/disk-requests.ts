/**
 * Requests of a virtio disk behind bounce buffers, and what of each is copied: a header, the data, a status, and the table of
 * descriptors (drivers/block/virtio_blk.c, drivers/virtio/virtio_ring.c, kernel/dma/swiotlb.c, v6.1).
 *
 * Which frames the pages had is not predicted: it is read from the capture, whose trace tells the address of every copy.
 */

import { RunList } from '../../../core/dma/runs.ts';
import { MAX_BOUNCE_BYTES } from '../../../core/dma/swiotlb.ts';

const PAGE_BYTES = 4096;
/** struct virtio_blk_outhdr, the status byte, and struct vring_desc. */
const HEADER_BYTES = 16;
const STATUS_BYTES = 1;
const DESCRIPTOR_BYTES = 16;
/** VM_READAHEAD_PAGES of include/linux/mm.h, v6.1. */
const READAHEAD_PAGES = 32;

export interface Bounce {
  readonly address: number;
  readonly bytes: number;
}

/** What was copied while the program did one thing. */
export interface BouncePhase {
  /** What the program said before. */
  readonly note: string;
  readonly bounces: readonly Bounce[];
}

const NOTE_OR_BOUNCE = /: tracing_mark_write: (.*)|: swiotlb_bounced: .*dev_addr=([0-9a-f]+) size=(\d+)/g;

export function bouncePhases(trace: string): BouncePhase[] {
  const phases: { note: string; bounces: Bounce[] }[] = [];
  for (const [, note, address, bytes] of trace.matchAll(NOTE_OR_BOUNCE))
    if (note !== undefined) phases.push({ note, bounces: [] });
    else phases.at(-1)?.bounces.push({ address: Number.parseInt(address!, 16), bytes: Number(bytes) });
  return phases.filter(({ bounces }) => bounces.length > 0);
}

/** Frames of the data of a phase, page after page: the data lie between a request's header and its status. */
function dataFrames({ bounces }: BouncePhase): number[] {
  const frames: number[] = [];
  let isData = false;
  for (const { address, bytes } of bounces) {
    if (isData && bytes === STATUS_BYTES) isData = false;
    else if (isData)
      for (let at = 0; at < bytes; at += PAGE_BYTES) frames.push(Math.floor((address + at) / PAGE_BYTES));
    else if (bytes === HEADER_BYTES) isData = true;
  }
  return frames;
}

export class DiskRequests {
  /** Sizes of all that is copied, in order. */
  readonly bounced: number[] = [];
  /** Of the buffer of direct reads, and of the page cache, from the first page read on. */
  private readonly bufferFrames: readonly number[];
  private readonly cacheFrames: readonly number[];
  private readonly window = new ReadWindow();
  private nextCached = 0;

  constructor(phases: readonly BouncePhase[]) {
    const framesOf = (isDirect: boolean): number[] =>
      phases
        .filter(({ note }) => note.includes('O_DIRECT') === isDirect)
        .map(dataFrames)
        .sort((a, b) => b.length - a.length)[0] ?? [];
    this.bufferFrames = framesOf(true);
    this.cacheFrames = framesOf(false);
  }

  /** read() with O_DIRECT into the program's buffer. */
  direct(bytes: number): void {
    this.request(this.bufferFrames, 0, bytes);
  }

  /** read() of pages of a file of which nothing is cached yet, or what reading ahead brought. */
  buffered(first: number, pages: number): void {
    for (const read of this.window.read(first, pages)) {
      this.request(this.cacheFrames, this.nextCached, read * PAGE_BYTES);
      this.nextCached += read;
    }
  }

  private request(frames: readonly number[], first: number, bytes: number): void {
    const runs = new RunList();
    for (let at = 0; at < bytes; at += PAGE_BYTES) {
      const length = Math.min(PAGE_BYTES, bytes - at);
      runs.extend(frames[first + at / PAGE_BYTES] ?? -1, 0, length, PAGE_BYTES, MAX_BOUNCE_BYTES);
    }
    const data = runs.lengthBytes.slice(0, runs.count);
    const table = (data.length + 2) * DESCRIPTOR_BYTES;
    this.bounced.push(HEADER_BYTES, ...data, STATUS_BYTES, table);
  }
}

/** struct file_ra_state, for a file that is read in order (ondemand_readahead of mm/readahead.c, v6.1). */
class ReadWindow {
  private end = 0;
  /** The page at which the next window is read ahead (PG_readahead); -1: none. */
  private ahead = -1;
  private last = -1;

  /** What is read from the disk for that, in pages. */
  read(first: number, pages: number): number[] {
    const reads: number[] = [];
    for (let page = first; page < first + pages; page++) {
      if (page >= this.end) reads.push(this.miss(page, first + pages - page));
      else if (page === this.ahead) reads.push(this.next(READAHEAD_PAGES));
    }
    this.last = first + pages - 1;
    return reads;
  }

  /** Alone in the file it is a random read of what was asked for; after the page before it the first window. */
  private miss(page: number, asked: number): number {
    const isInOrder = page === 0 || page === this.last + 1;
    this.end = page;
    if (isInOrder && this.last >= 0) {
      const read = this.next(READAHEAD_PAGES);
      this.ahead = page + asked;
      return read;
    }
    this.end += asked;
    return asked;
  }

  private next(pages: number): number {
    this.ahead = this.end;
    this.end += pages;
    return pages;
  }
}
