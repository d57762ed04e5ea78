/** The cache of a thread (tcache): the chunks that it freed last, a few of each small size, last in, first out. */
import type { Chunk } from './chunk.ts';
import { CACHED_PER_SIZE, type MallocSizes } from './sizes.ts';

export class ThreadCache {
  private readonly stacks = new Map<number, Chunk[]>();
  private readonly maxBytes: number;

  constructor({ maxCachedBytes }: MallocSizes) {
    this.maxBytes = maxCachedBytes;
  }

  /** Whether a chunk of that size may be put. */
  hasRoom(bytes: number): boolean {
    return bytes <= this.maxBytes && (this.stacks.get(bytes)?.length ?? 0) < CACHED_PER_SIZE;
  }

  put(chunk: Chunk): void {
    const stack = this.stacks.get(chunk.size);
    if (stack === undefined) this.stacks.set(chunk.size, [chunk]);
    else stack.push(chunk);
  }

  take(bytes: number): Chunk | undefined {
    return this.stacks.get(bytes)?.pop();
  }

  /** All of it, when the thread ends; in the order of tcache_thread_shutdown(). */
  empty(): Chunk[] {
    const sizes = [...this.stacks.keys()].sort((a, b) => a - b);
    const all = sizes.flatMap((size) => this.stacks.get(size)!.reverse());
    this.stacks.clear();
    return all;
  }
}
