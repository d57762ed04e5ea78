/** The cache of a thread (tcache): the chunks that it freed last, a few of each small size, last in, first out. */
import type { Chunk } from './chunk.ts';
import { CACHED_PER_SIZE, MAX_CACHED_BYTES } from './sizes.ts';

export class ThreadCache {
  private readonly stacks = new Map<number, Chunk[]>();

  /** Whether a chunk of that size may be put. */
  hasRoom(bytes: number): boolean {
    return bytes <= MAX_CACHED_BYTES && (this.stacks.get(bytes)?.length ?? 0) < CACHED_PER_SIZE;
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
