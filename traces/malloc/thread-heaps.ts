/**
 * The ground of another arena: heaps of up to 64 MiB of addresses (of a 32-bit machine
 * 1 MiB), aligned to as much, of which the first part is memory
 * (new_heap(), grow_heap(), shrink_heap(), heap_trim() of arena.c). The last one has the top.
 */
import { Arena, type Ground } from './arena.ts';
import { Chunk, unlink } from './chunk.ts';
import type { Mappings } from './mappings.ts';
import {
  alignDown,
  alignUp,
  firstChunkFrom,
  HEAP_MIN_BYTES,
  type MallocSizes,
  PAGE_BYTES,
  TOP_PAD,
} from './sizes.ts';
import type { MallocSystem } from './system.ts';
import type { ThreadCache } from './thread-cache.ts';

interface Heap {
  readonly start: number;
  /** In use, and committed once. */
  bytes: number;
  committed: number;
  /** Where its first chunk begins. */
  readonly first: number;
  readonly previous: Heap | undefined;
  /** What the top became when the next heap began: the end that chunks do not merge with. */
  fence: Chunk | undefined;
}

/** Where the next heaps can go: what was reserved beside the last one and given back. */
export class HeapPlaces {
  readonly system: MallocSystem;
  readonly sizes: MallocSizes;
  private readonly heapBytes: number;
  private aligned: number | undefined;

  constructor(system: MallocSystem, sizes: MallocSizes) {
    this.system = system;
    this.sizes = sizes;
    this.heapBytes = sizes.heapMaxBytes;
  }

  /** An aligned place for a heap. */
  take(): number {
    return this.atHint() ?? this.cutFromTwice();
  }

  give(start: number): void {
    this.system.unmap(start, this.heapBytes);
    if (start + this.heapBytes === this.aligned) this.aligned = undefined;
  }

  private atHint(): number | undefined {
    const { aligned } = this;
    if (aligned === undefined) return undefined;
    this.aligned = undefined;
    const start = this.system.reserve(this.heapBytes, aligned);
    if (start % this.heapBytes === 0) return start;
    this.system.unmap(start, this.heapBytes);
    return undefined;
  }

  private cutFromTwice(): number {
    const whole = this.system.reserve(2 * this.heapBytes, undefined);
    const start = alignUp(whole, this.heapBytes);
    const before = start - whole;
    if (before > 0) this.system.unmap(whole, before);
    else this.aligned = start + this.heapBytes;
    this.system.unmap(start + this.heapBytes, this.heapBytes - before);
    return start;
  }
}

export class ThreadHeaps implements Ground {
  private readonly system: MallocSystem;
  private readonly sizes: MallocSizes;
  readonly mappings: Mappings;
  private readonly places: HeapPlaces;
  private readonly number: number;
  private heap: Heap;

  /** Makes an arena on a heap of its own, with room for `bytes` if one may be that large (_int_new_arena()). */
  static arena(number: number, bytes: number, mappings: Mappings, places: HeapPlaces): Arena {
    const { system, sizes } = places;
    const least = sizes.arenaBytes + sizes.alignment;
    const first = least + bytes <= sizes.heapMaxBytes ? least + bytes : least;
    const ground = new ThreadHeaps(number, first, mappings, places);
    const arena = new Arena(system, sizes, ground);
    arena.setTop(ground.wholeHeap());
    return arena;
  }

  private constructor(number: number, bytes: number, mappings: Mappings, places: HeapPlaces) {
    this.number = number;
    this.system = places.system;
    this.sizes = places.sizes;
    this.mappings = mappings;
    this.places = places;
    const { arenaBytes } = this.sizes;
    this.heap = this.newHeap(bytes, arenaBytes, undefined);
    this.system.write(this.heap.start, arenaBytes);
  }

  /** @param headBytes what its first chunk lies behind */
  private newHeap(needed: number, headBytes: number, previous: Heap | undefined): Heap {
    const { sizes } = this;
    const most = Math.max(HEAP_MIN_BYTES, needed + TOP_PAD);
    const bytes = alignUp(Math.min(sizes.heapMaxBytes, most), PAGE_BYTES);
    const start = this.places.take();
    this.system.commit(start, bytes);
    const first = firstChunkFrom(sizes, start + headBytes);
    return { start, bytes, committed: bytes, first, previous, fence: undefined };
  }

  private wholeHeap(): Chunk {
    const { start, bytes, first } = this.heap;
    return new Chunk(first, start + bytes - first, this.number);
  }

  grow(arena: Arena, bytes: number, cache: ThreadCache | undefined): boolean {
    const top = arena.top!;
    const missing = alignUp(this.sizes.minChunkBytes + bytes - top.size, PAGE_BYTES);
    if (this.heap.bytes + missing <= this.sizes.heapMaxBytes) {
      this.extend(missing);
      top.size += missing;
      arena.setTop(top);
    } else this.addHeap(arena, bytes, cache);
    return true;
  }

  private extend(bytes: number): void {
    const { heap } = this;
    heap.bytes += bytes;
    if (heap.bytes <= heap.committed) return;
    this.system.commit(heap.start + heap.committed, heap.bytes - heap.committed);
    heap.committed = heap.bytes;
  }

  /**
   * The old top is freed but for its end, which is in use for ever. Where that trims the arena, the new heap, in which
   * nothing is in use yet, is gone again: then there is no room.
   */
  private addHeap(arena: Arena, bytes: number, cache: ThreadCache | undefined): void {
    const old = arena.top!;
    const previous = this.heap;
    const { heapInfoBytes, minChunkBytes, alignment } = this.sizes;
    this.heap = this.newHeap(bytes + minChunkBytes + heapInfoBytes, heapInfoBytes, previous);
    this.system.write(this.heap.start, heapInfoBytes);
    arena.setTop(this.wholeHeap());
    old.isFree = false;
    const freed = alignDown(old.size - minChunkBytes, alignment);
    if (freed < minChunkBytes) {
      previous.fence = old;
      return;
    }
    previous.fence = old.split(freed);
    arena.free(old, cache);
  }

  trim(arena: Arena): void {
    this.dropHeaps(arena);
    const top = arena.top!;
    if (top.size < this.mappings.trimThreshold) return;
    const released = alignDown(top.size - this.sizes.minChunkBytes - 1 - TOP_PAD, PAGE_BYTES);
    if (released <= 0) return;
    const { heap } = this;
    heap.bytes -= released;
    this.system.discard(heap.start + heap.bytes, released);
    top.size -= released;
    arena.setTop(top);
  }

  /** Heaps of which nothing is in use go, unless the one before is as good as full. */
  private dropHeaps(arena: Arena): void {
    for (let { heap } = this; heap.previous !== undefined; heap = heap.previous) {
      if (arena.top!.start !== heap.first) return;
      const { previous } = heap;
      const fence = previous.fence!;
      const free = fence.before?.isFree ? fence.before : undefined;
      const bytes = fence.size + (free?.size ?? 0);
      if (bytes + this.sizes.heapMaxBytes - previous.bytes < TOP_PAD + this.sizes.minChunkBytes + PAGE_BYTES)
        return;
      this.places.give(heap.start);
      this.heap = previous;
      if (free !== undefined) {
        unlink(free);
        free.swallow();
      }
      arena.setTop(free ?? fence);
    }
  }

  /** Of what is committed all may have been in use. */
  usedOfTop(top: Chunk): number {
    const { start, committed } = this.heap;
    return Math.max(top.size, start + committed - top.start);
  }
}
