/**
 * glibc's malloc, version 2.36, as far as it decides where blocks lie, what is asked of the system, and what the allocator
 * itself touches (malloc/malloc.c, malloc/arena.c). Blocks are known by the addresses that were returned.
 *
 * Left out: tunables and mallopt, failures of the system, what protects against broken programs, and that
 * a thread which finds its arena locked may go to another.
 */
import { Arena } from './arena.ts';
import type { Chunk } from './chunk.ts';
import { MainHeap } from './main-heap.ts';
import { Mappings } from './mappings.ts';
import { alignDown, alignUp, chunkBytes, type MallocSizes, SIZES_64 } from './sizes.ts';
import type { MallocSystem } from './system.ts';
import { ThreadCache } from './thread-cache.ts';
import { HeapPlaces, ThreadHeaps } from './thread-heaps.ts';

interface Thread {
  readonly arena: Arena;
  /** From its first call on that is not memalign. */
  cache: ThreadCache | undefined;
  /** The chunk that the cache itself lies in. */
  cacheChunk: Chunk | undefined;
}

type CachingThread = Thread & { readonly cache: ThreadCache };

/** A block that is in use, `offset` bytes behind where it usually is in a mapping. */
interface Block {
  readonly chunk: Chunk;
  readonly offset: number;
}

export class Malloc {
  private readonly system: MallocSystem;
  private readonly sizes: MallocSizes;
  private readonly mappings: Mappings;
  private readonly places: HeapPlaces;
  /** The first is the main arena. */
  private readonly arenas: Arena[];
  /** Those whose thread has ended. */
  private readonly freeArenas: Arena[] = [];
  private readonly maxArenas: number;
  private reused = 0;
  private readonly threads = new Map<number, Thread>();
  /** Chunks of the heap that were taken before the first call. */
  private readonly unknown: Chunk[] = [];
  private readonly blocks = new Map<number, Block>();
  /** Where address 0 of the heap really lies, which alignments larger than a page depend on. */
  heapStart = 0;

  /** @param cpus of the machine: more of them are more arenas */
  constructor(system: MallocSystem, sizes: MallocSizes = SIZES_64, cpus = 2) {
    this.system = system;
    this.sizes = sizes;
    this.mappings = new Mappings(system, sizes);
    this.places = new HeapPlaces(system, sizes);
    this.arenas = [new Arena(system, sizes, new MainHeap(system, sizes, this.mappings))];
    // The limit is looked at when there are more than one cpu's (arena_test).
    this.maxArenas = Math.max(sizes.arenasPerCpu + 1, cpus * sizes.arenasPerCpu);
  }

  malloc(thread: number, bytes: number): number {
    const { arena, cache } = this.cachingThread(thread);
    const size = chunkBytes(this.sizes, bytes);
    return this.give(cache.take(size) ?? this.take(arena, size, cache));
  }

  /** Past the cache; clears what may have been in use. */
  calloc(thread: number, bytes: number): number {
    const { arena, cache } = this.cachingThread(thread);
    const { top } = arena;
    const usedOfTop = top === undefined ? 0 : arena.ground.usedOfTop(top);
    const topStart = top?.start;
    const chunk = this.take(arena, chunkBytes(this.sizes, bytes), cache);
    const address = this.give(chunk);
    const cleared = chunk.start === topStart ? Math.min(chunk.size, usedOfTop) : chunk.size;
    if (!chunk.isMapped) this.system.write(address, cleared - this.sizes.wordBytes);
    return address;
  }

  memalign(thread: number, alignment: number, bytes: number): number {
    if (alignment <= this.sizes.alignment) return this.malloc(thread, bytes);
    const { arena, cache } = this.threadOf(thread, bytes + alignment + this.sizes.minChunkBytes);
    const to = Math.max(this.sizes.minChunkBytes, 2 ** Math.ceil(Math.log2(alignment)));
    const size = chunkBytes(this.sizes, bytes);
    const whole = this.take(arena, chunkBytes(this.sizes, size + to + this.sizes.minChunkBytes), cache);
    const lead = this.leadTo(whole.start + this.sizes.headerBytes, to);
    this.system.write(whole.start + lead, this.sizes.headerBytes);
    if (whole.isMapped) return this.give(whole, lead);
    const chunk = lead === 0 ? whole : whole.split(lead);
    if (lead > 0) this.arenas[whole.arena]!.free(whole, cache);
    if (chunk.size > size + this.sizes.minChunkBytes) this.arenas[chunk.arena]!.giveRest(chunk, size, cache);
    return this.give(chunk);
  }

  /**
   * @param old a block that is in use
   * @returns where it is now
   */
  realloc(thread: number, old: number, bytes: number): number {
    const { chunk, offset } = this.blocks.get(old)!;
    const size = chunkBytes(this.sizes, bytes);
    this.blocks.delete(old);
    if (!chunk.isMapped) return this.give(this.resize(thread, chunk, size));
    this.mappings.remap(chunk, offset, size);
    return this.give(chunk, offset);
  }

  private resize(thread: number, chunk: Chunk, size: number): Chunk {
    const { arena, cache } = this.cachingThread(thread);
    const own = this.arenas[chunk.arena]!;
    const resized = own.resize(chunk, size, cache);
    return resized ?? own.move(chunk, cache.take(size) ?? this.take(arena, size, cache), cache);
  }

  /** @param address of a block that is in use */
  free(thread: number, address: number): void {
    const { chunk, offset } = this.blocks.get(address)!;
    this.blocks.delete(address);
    if (chunk.isMapped) this.mappings.unmap(chunk, offset);
    else this.arenas[chunk.arena]!.free(chunk, this.cachingThread(thread).cache);
  }

  /** Its cached chunks are freed, that of the cache too, and its arena is for the next (tcache_thread_shutdown()). */
  endThread(thread: number): void {
    const ended = this.threads.get(thread);
    if (ended === undefined) return;
    this.threads.delete(thread);
    const { cache, cacheChunk } = ended;
    const chunks = [...(cache?.empty() ?? []), ...(cacheChunk === undefined ? [] : [cacheChunk])];
    for (const chunk of chunks) this.arenas[chunk.arena]!.free(chunk, undefined);
    if (ended.arena !== this.arenas[0]) this.freeArenas.push(ended.arena);
  }

  /** So many bytes of the heap are taken, nobody knows how, when the first block follows them. */
  takeUnknown(thread: number, bytes: number): void {
    const size = alignDown(bytes, this.sizes.alignment);
    if (size < this.sizes.minChunkBytes) return;
    this.unknown.push(this.take(this.cachingThread(thread).arena, size, undefined));
  }

  /** A block at this address, of which nobody knew how it was taken: it was free. Undefined for any other address. */
  claimUnknown(address: number, bytes: number): number | undefined {
    const start = address - this.sizes.headerBytes;
    const size = chunkBytes(this.sizes, bytes);
    const at = this.unknown.findIndex((chunk) => chunk.start <= start && start + size <= chunk.end);
    if (at < 0) return undefined;
    const [whole] = this.unknown.splice(at, 1);
    const chunk =
      start - whole!.start < this.sizes.minChunkBytes ? whole! : whole!.split(start - whole!.start);
    if (chunk !== whole) this.unknown.push(whole!);
    if (chunk.size - size >= this.sizes.minChunkBytes) this.unknown.push(chunk.split(size));
    return this.give(chunk);
  }

  /** Blocks in use. */
  get size(): number {
    return this.blocks.size;
  }

  /** How many bytes of a block may be used (malloc_usable_size()). */
  usableBytes(address: number): number {
    const { chunk, offset } = this.blocks.get(address)!;
    return chunk.size - offset - (chunk.isMapped ? this.sizes.headerBytes : this.sizes.wordBytes);
  }

  /** Where an arena has no room, from the main one (arena_get_retry()), which has always. */
  private take(arena: Arena, size: number, cache: ThreadCache | undefined): Chunk {
    return arena.take(size, cache) ?? this.arenas[0]!.take(size, cache)!;
  }

  private give(chunk: Chunk, offset = 0): number {
    const address = chunk.start + offset + this.sizes.headerBytes;
    this.blocks.set(address, { chunk, offset });
    return address;
  }

  private threadOf(number: number, bytes: number): Thread {
    const known = this.threads.get(number);
    if (known !== undefined) return known;
    const thread = { arena: this.arenaForNext(bytes), cache: undefined, cacheChunk: undefined };
    this.threads.set(number, thread);
    return thread;
  }

  /** The cache of a thread lies in its arena (tcache_init()). */
  private cachingThread(number: number): CachingThread {
    const thread = this.threadOf(number, this.sizes.cacheBytes);
    if (thread.cache === undefined) {
      const chunk = this.take(thread.arena, chunkBytes(this.sizes, this.sizes.cacheBytes), undefined);
      this.system.write(chunk.start + this.sizes.headerBytes, this.sizes.cacheBytes);
      thread.cacheChunk = chunk;
      thread.cache = new ThreadCache(this.sizes);
    }
    return thread as CachingThread;
  }

  /** The first has the main arena; the others one that is free, a new one, or each in turn (arena_get2(), reused_arena()). */
  private arenaForNext(bytes: number): Arena {
    const { arenas } = this;
    if (this.threads.size === 0 && arenas.length === 1) return arenas[0]!;
    const free = this.freeArenas.pop();
    if (free !== undefined) return free;
    if (arenas.length < this.maxArenas) {
      const arena = ThreadHeaps.arena(arenas.length, bytes, this.mappings, this.places);
      arenas.push(arena);
      return arena;
    }
    // a list that begins with the main arena, and then the youngest
    const turn = this.reused++ % arenas.length;
    return arenas[turn === 0 ? 0 : arenas.length - turn]!;
  }

  /** Bytes from a block to the next aligned address before which a chunk of its own fits. */
  private leadTo(block: number, alignment: number): number {
    const address = block + this.heapStart;
    const lead = alignUp(address, alignment) - address;
    return lead === 0 || lead >= this.sizes.minChunkBytes ? lead : lead + alignment;
  }
}
