/**
 * An arena: the free chunks of one heap or several, and the top, from which what no bin serves is cut (_int_malloc(),
 * _int_free(), malloc_consolidate() of malloc.c, glibc 2.36). Where more memory comes from, and goes back to, is the
 * business of its `ground`.
 */
import { Bins } from './bins.ts';
import { type Chunk, unlink } from './chunk.ts';
import type { Mappings } from './mappings.ts';
import { CONSOLIDATION_BYTES, type MallocSizes } from './sizes.ts';
import type { MallocSystem } from './system.ts';
import type { ThreadCache } from './thread-cache.ts';

/** MAX_ITERS: so many unsorted chunks are looked at for one request. */
const MAX_SORTED = 10_000;

/** The memory that an arena lies on. */
export interface Ground {
  /** Where blocks that are too large for an arena go. */
  readonly mappings: Mappings;
  /**
   * Makes the top larger, or another one that is: large enough for a chunk of `bytes` and a rest.
   * @returns false where there is no room
   */
  grow(arena: Arena, bytes: number, cache: ThreadCache | undefined): boolean;
  /** Gives back what the top has too much of. */
  trim(arena: Arena): void;
  /** How much of the top may have been in use once, so that calloc has to clear it. */
  usedOfTop(top: Chunk): number;
}

export class Arena {
  top: Chunk | undefined;
  readonly ground: Ground;
  private readonly system: MallocSystem;
  private readonly sizes: MallocSizes;
  private readonly bins: Bins;
  /** Freed chunks by size, last in, first out; they do not merge. */
  private readonly fast: Chunk[][];
  private hasFast = false;
  /** What is left of the chunk that was split last for a small request. */
  private lastRemainder: Chunk | undefined;

  constructor(system: MallocSystem, sizes: MallocSizes, ground: Ground) {
    this.system = system;
    this.sizes = sizes;
    this.ground = ground;
    this.bins = new Bins(sizes);
    this.fast = Array.from({ length: sizes.maxFastBytes / sizes.alignment + 1 }, () => []);
  }

  /** A chunk of `bytes` or a little more; undefined where there is no room for more memory. */
  take(bytes: number, cache: ThreadCache | undefined): Chunk | undefined {
    const chunk = this.takeExact(bytes, cache) ?? this.takeFitting(bytes, cache);
    if (chunk !== undefined) this.head(chunk);
    return chunk;
  }

  /** From the fast or small bin of that size. What is large cannot be there, and is time to merge what is. */
  private takeExact(bytes: number, cache: ThreadCache | undefined): Chunk | undefined {
    if (bytes < this.sizes.minLargeBytes)
      return (
        this.takeAndCache(() => this.takeFast(bytes), cache) ??
        this.takeAndCache(() => this.takeSmall(bytes), cache)
      );
    this.consolidate();
    return undefined;
  }

  /** One chunk of a bin; of the others the cache takes as many as it has room for. */
  private takeAndCache(take: () => Chunk | undefined, cache: ThreadCache | undefined): Chunk | undefined {
    const found = take();
    while (found !== undefined && cache?.hasRoom(found.size)) {
      const other = take();
      if (other === undefined) break;
      this.cached(other, cache);
    }
    return found;
  }

  private takeFast(bytes: number): Chunk | undefined {
    return bytes <= this.sizes.maxFastBytes ? this.fast[bytes / this.sizes.alignment]!.pop() : undefined;
  }

  private takeSmall(bytes: number): Chunk | undefined {
    const chunk = this.bins.small(bytes);
    if (chunk !== undefined) this.claim(chunk);
    return chunk;
  }

  private takeFitting(bytes: number, cache: ThreadCache | undefined): Chunk | undefined {
    for (;;) {
      const found = this.takeUnsorted(bytes, cache) ?? this.takeBinned(bytes);
      if (found !== undefined) return found;
      const { top } = this;
      if (top !== undefined && top.size >= bytes + this.sizes.minChunkBytes) return this.cutTop(bytes);
      if (!this.hasFast) return this.takeNew(bytes, cache);
      this.consolidate();
    }
  }

  /** sysmalloc(). */
  private takeNew(bytes: number, cache: ThreadCache | undefined): Chunk | undefined {
    const { mappings } = this.ground;
    if (mappings.serves(bytes) || !this.ground.grow(this, bytes, cache)) return mappings.map(bytes);
    return this.top!.size >= bytes + this.sizes.minChunkBytes ? this.cutTop(bytes) : undefined;
  }

  /**
   * Looks at the unsorted chunks, the one that has waited longest first, and sorts them. Those of the very size go to the
   * cache as far as that has room, and one of them is taken in the end.
   */
  private takeUnsorted(bytes: number, cache: ThreadCache | undefined): Chunk | undefined {
    const { unsorted } = this.bins;
    const isSmall = bytes < this.sizes.minLargeBytes;
    let isCached = false;
    let sorted = 0;
    for (let chunk = unsorted.last; chunk !== undefined; chunk = unsorted.last) {
      const isOnly = unsorted.first === chunk;
      if (isSmall && isOnly && chunk === this.lastRemainder && chunk.size > bytes + this.sizes.minChunkBytes)
        return this.cut(chunk, bytes, true);
      unlink(chunk);
      if (chunk.size === bytes) {
        chunk.isFree = false;
        if (cache === undefined || bytes > this.sizes.maxCachedBytes || !cache.hasRoom(bytes)) return chunk;
        this.cached(chunk, cache);
        isCached = true;
        continue;
      }
      this.bins.add(chunk);
      this.linked(chunk);
      if (++sorted >= MAX_SORTED) break;
    }
    return isCached ? cache!.take(bytes) : undefined;
  }

  /** The best fit; what is too much of it is unsorted again. */
  private takeBinned(bytes: number): Chunk | undefined {
    const isSmall = bytes < this.sizes.minLargeBytes;
    const own = isSmall ? undefined : this.bins.large(bytes);
    const chunk = own ?? this.bins.larger(bytes);
    if (chunk === undefined) return undefined;
    if (chunk.size - bytes < this.sizes.minChunkBytes) return this.claim(chunk);
    return this.cut(chunk, bytes, isSmall);
  }

  /** The first part of a free chunk; the rest is unsorted, and remembered if that is for a small request. */
  private cut(chunk: Chunk, bytes: number, remembers: boolean): Chunk {
    this.claim(chunk);
    const rest = chunk.split(bytes);
    this.addUnsorted(rest);
    if (remembers) this.lastRemainder = rest;
    return chunk;
  }

  private cutTop(bytes: number): Chunk {
    const chunk = this.top!;
    chunk.isFree = false;
    this.setTop(chunk.split(bytes));
    return chunk;
  }

  setTop(chunk: Chunk): void {
    chunk.isFree = true;
    this.top = chunk;
    this.head(chunk);
  }

  /** Takes a free chunk out of its bin. */
  private claim(chunk: Chunk): Chunk {
    unlink(chunk);
    chunk.isFree = false;
    return chunk;
  }

  /** A chunk that was in use: to the cache, to a fast bin, or merged with its neighbours. */
  free(chunk: Chunk, cache: ThreadCache | undefined): void {
    if (cache?.hasRoom(chunk.size)) this.cached(chunk, cache);
    else if (chunk.size <= this.sizes.maxFastBytes) {
      this.fast[chunk.size / this.sizes.alignment]!.push(chunk);
      this.hasFast = true;
      this.system.write(chunk.start + this.sizes.headerBytes, this.sizes.wordBytes);
    } else {
      const merged = this.merge(chunk);
      if (merged.size < CONSOLIDATION_BYTES) return;
      this.consolidate();
      this.ground.trim(this);
    }
  }

  private merge(chunk: Chunk): Chunk {
    let merged = chunk;
    if (chunk.before?.isFree) {
      merged = this.claim(chunk.before);
      merged.swallow();
    }
    const { after } = merged;
    if (after !== undefined && after === this.top) {
      merged.swallow();
      this.setTop(merged);
      return merged;
    }
    if (after?.isFree) {
      this.claim(after);
      merged.swallow();
    }
    this.addUnsorted(merged);
    return merged;
  }

  /** All chunks of the fast bins are merged with their neighbours. */
  private consolidate(): void {
    if (!this.hasFast) return;
    this.hasFast = false;
    for (const stack of this.fast) {
      for (let chunk = stack.pop(); chunk !== undefined; chunk = stack.pop()) this.merge(chunk);
    }
  }

  /** _int_realloc(): stays where it is if there is room behind it, else it is copied. Undefined as of take(). */
  resize(chunk: Chunk, bytes: number, cache: ThreadCache | undefined): Chunk | undefined {
    if (chunk.size < bytes) {
      const { after } = chunk;
      if (
        after !== undefined &&
        after === this.top &&
        chunk.size + after.size >= bytes + this.sizes.minChunkBytes
      ) {
        chunk.swallow();
        this.head(chunk);
        this.setTop(chunk.split(bytes));
        return chunk;
      }
      if (after?.isFree && after !== this.top && chunk.size + after.size >= bytes) {
        this.claim(after);
        chunk.swallow();
      } else {
        const other = this.take(bytes, cache);
        if (other === undefined || other !== chunk.after) return other && this.move(chunk, other, cache);
        chunk.swallow();
      }
    }
    this.head(chunk);
    this.giveRest(chunk, bytes, cache);
    return chunk;
  }

  /** Copies a block, and frees its chunk. */
  move(from: Chunk, to: Chunk, cache: ThreadCache | undefined): Chunk {
    const bytes = from.size - this.sizes.wordBytes;
    this.system.read(from.start + this.sizes.headerBytes, bytes);
    this.system.write(to.start + this.sizes.headerBytes, bytes);
    this.free(from, cache);
    return to;
  }

  /** Frees what a chunk has too much of. */
  giveRest(chunk: Chunk, bytes: number, cache: ThreadCache | undefined): void {
    if (chunk.size - bytes < this.sizes.minChunkBytes) return;
    const rest = chunk.split(bytes);
    this.head(rest);
    this.free(rest, cache);
  }

  private cached(chunk: Chunk, cache: ThreadCache): void {
    cache.put(chunk);
    this.system.write(chunk.start + this.sizes.headerBytes, this.sizes.headerBytes);
  }

  private addUnsorted(chunk: Chunk): void {
    chunk.isFree = true;
    this.bins.unsorted.addFirst(chunk);
    this.head(chunk);
    this.linked(chunk);
  }

  /** set_head(). */
  private head({ start }: Chunk): void {
    this.system.write(start + this.sizes.wordBytes, this.sizes.wordBytes);
  }

  /** Links to the next and previous chunk, of large ones to those of other sizes too, and the size again behind it. */
  private linked({ start, size, end }: Chunk): void {
    this.system.write(
      start + this.sizes.headerBytes,
      (size < this.sizes.minLargeBytes ? 2 : 4) * this.sizes.wordBytes,
    );
    this.system.write(end, this.sizes.wordBytes);
  }
}
