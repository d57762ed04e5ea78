/**
 * Blocks that have a mapping of their own: from M_MMAP_THRESHOLD on, which rises to the size of any that is freed, for what
 * is short-lived is better taken from the heap (sysmalloc_mmap(), munmap_chunk(), mremap_chunk(), __libc_free()).
 */
import { Chunk } from './chunk.ts';
import {
  alignUp,
  HEADER_BYTES,
  MMAP_MAX,
  MMAP_THRESHOLD,
  MMAP_THRESHOLD_MAX,
  PAGE_BYTES,
  TRIM_THRESHOLD,
  WORD_BYTES,
} from './sizes.ts';
import type { MallocSystem } from './system.ts';

export class Mappings {
  /** M_TRIM_THRESHOLD: from which size of a top on some of it is given back. */
  trimThreshold = TRIM_THRESHOLD;
  private threshold = MMAP_THRESHOLD;
  private count = 0;
  private readonly system: MallocSystem;

  constructor(system: MallocSystem) {
    this.system = system;
  }

  /** Whether a chunk is large enough. */
  serves(bytes: number): boolean {
    return bytes >= this.threshold && this.count < MMAP_MAX;
  }

  map(bytes: number): Chunk {
    this.count++;
    const whole = alignUp(bytes + WORD_BYTES, PAGE_BYTES);
    const chunk = new Chunk(this.system.map(whole), whole);
    chunk.isMapped = true;
    return chunk;
  }

  /** @param offset of the block's own chunk, which memalign has moved in the mapping */
  unmap(chunk: Chunk, offset: number): void {
    const bytes = chunk.size - offset;
    if (bytes > this.threshold && bytes <= MMAP_THRESHOLD_MAX) {
      this.threshold = bytes;
      this.trimThreshold = 2 * bytes;
    }
    this.count--;
    this.system.unmap(chunk.start, chunk.size);
  }

  remap(chunk: Chunk, offset: number, bytes: number): void {
    const whole = alignUp(bytes + offset + WORD_BYTES, PAGE_BYTES);
    if (whole === chunk.size) return;
    chunk.start = this.system.remap(chunk.start, chunk.size, whole);
    chunk.size = whole;
    this.system.write(chunk.start + offset, HEADER_BYTES);
  }
}
