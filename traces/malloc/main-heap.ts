/** The ground of the main arena: the heap of the process, whose end brk moves (sysmalloc(), systrim() of malloc.c). */
import type { Arena, Ground } from './arena.ts';
import { Chunk } from './chunk.ts';
import type { Mappings } from './mappings.ts';
import { alignDown, alignUp, firstChunkFrom, type MallocSizes, PAGE_BYTES, TOP_PAD } from './sizes.ts';
import type { MallocSystem } from './system.ts';

export class MainHeap implements Ground {
  private readonly system: MallocSystem;
  private readonly sizes: MallocSizes;
  readonly mappings: Mappings;
  private start = 0;
  private bytes = 0;
  private mostBytes = 0;

  constructor(system: MallocSystem, sizes: MallocSizes, mappings: Mappings) {
    this.system = system;
    this.sizes = sizes;
    this.mappings = mappings;
  }

  /** As much as is missing, and M_TOP_PAD. */
  grow(arena: Arena, bytes: number): boolean {
    const { top } = arena;
    const missing = alignUp(bytes + TOP_PAD + this.sizes.minChunkBytes - (top?.size ?? 0), PAGE_BYTES);
    const start = this.system.sbrk(missing);
    if (start === undefined) return false;
    this.bytes += missing;
    const grown = top ?? this.firstTop(start);
    grown.size += missing;
    this.mostBytes = Math.max(this.mostBytes, this.bytes);
    arena.setTop(grown);
    return true;
  }

  /** Where the heap begins: if that is no place for a chunk, a little behind it, for which a page more is asked for. */
  private firstTop(start: number): Chunk {
    this.start = start;
    const first = firstChunkFrom(this.sizes, start);
    const lead = first - start;
    const more = alignUp(lead, PAGE_BYTES);
    if (more > 0) this.system.sbrk(more);
    this.bytes += more;
    return new Chunk(first, more - lead);
  }

  /** Whole pages, so that M_TOP_PAD is left, once the top is M_TRIM_THRESHOLD large. */
  trim(arena: Arena): void {
    const top = arena.top!;
    if (top.size < this.mappings.trimThreshold) return;
    const spare = top.size - this.sizes.minChunkBytes - 1 - TOP_PAD;
    const released = alignDown(spare, PAGE_BYTES);
    if (released <= 0) return;
    this.system.sbrk(-released);
    this.bytes -= released;
    top.size -= released;
    arena.setTop(top);
  }

  /** What brk has added since the heap was at its largest was never in use, and is zero. */
  usedOfTop(top: Chunk): number {
    return Math.max(top.size, this.start + this.mostBytes - top.start);
  }
}
