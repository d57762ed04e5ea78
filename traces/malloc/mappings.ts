/**
 * Blocks that have a mapping of their own: from M_MMAP_THRESHOLD on, which rises to the size of any that is freed, for what
 * is short-lived is better taken from the heap (sysmalloc_mmap(), munmap_chunk(), mremap_chunk(), __libc_free()).
 */
import { Chunk } from './chunk.ts';
import {
  alignUp,
  firstChunkFrom,
  type MallocSizes,
  MMAP_MAX,
  MMAP_THRESHOLD,
  PAGE_BYTES,
  TRIM_THRESHOLD,
} from './sizes.ts';
import type { MallocSystem } from './system.ts';

export class Mappings {
  /** M_TRIM_THRESHOLD: from which size of a top on some of it is given back. */
  trimThreshold = TRIM_THRESHOLD;
  private threshold = MMAP_THRESHOLD;
  private count = 0;
  private readonly system: MallocSystem;
  private readonly sizes: MallocSizes;

  constructor(system: MallocSystem, sizes: MallocSizes) {
    this.system = system;
    this.sizes = sizes;
  }

  /** Whether a chunk is large enough. */
  serves(bytes: number): boolean {
    return bytes >= this.threshold && this.count < MMAP_MAX;
  }

  map(bytes: number): Chunk {
    this.count++;
    const { wordBytes, alignment } = this.sizes;
    const whole = alignUp(bytes + wordBytes + (this.lead > 0 ? alignment - 1 : 0), PAGE_BYTES);
    const chunk = new Chunk(this.system.map(whole) + this.lead, whole - this.lead);
    chunk.isMapped = true;
    return chunk;
  }

  /** @param offset of the block's own chunk, which memalign has moved in the mapping */
  unmap(chunk: Chunk, offset: number): void {
    const bytes = chunk.size - offset;
    if (bytes > this.threshold && bytes <= this.sizes.mmapThresholdMax) {
      this.threshold = bytes;
      this.trimThreshold = 2 * bytes;
    }
    this.count--;
    this.system.unmap(chunk.start - this.lead, chunk.size + this.lead);
  }

  remap(chunk: Chunk, offset: number, bytes: number): void {
    const { lead, sizes } = this;
    const old = chunk.size + lead;
    const whole = alignUp(bytes + lead + offset + sizes.wordBytes, PAGE_BYTES);
    if (whole === old) return;
    chunk.start = this.system.remap(chunk.start - lead, old, whole) + lead;
    chunk.size = whole - lead;
    this.system.write(chunk.start + offset, sizes.headerBytes);
  }

  /** Bytes of a mapping before its chunk, so that the block is aligned. */
  private get lead(): number {
    return firstChunkFrom(this.sizes, 0);
  }
}
