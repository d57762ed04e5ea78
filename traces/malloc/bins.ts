/**
 * Free chunks of an arena: unsorted as they came, and when somebody looked at them there, by size. Small bins have one
 * size each, first in, first out; large ones are sorted, the largest first.
 */
import { type Chunk, ChunkList } from './chunk.ts';
import { BIN_COUNT, binOf, type MallocSizes } from './sizes.ts';

export class Bins {
  readonly unsorted = new ChunkList();
  private readonly lists: readonly ChunkList[] = Array.from({ length: BIN_COUNT }, () => new ChunkList());
  private readonly sizes: MallocSizes;

  constructor(sizes: MallocSizes) {
    this.sizes = sizes;
  }

  /** The last of a small bin: the one that has waited longest. */
  small(bytes: number): Chunk | undefined {
    return this.lists[binOf(this.sizes, bytes)]!.last;
  }

  /** Sorts a chunk in. Of a large one that is as large as another, the second place is taken, which moves no list of sizes. */
  add(chunk: Chunk): void {
    const list = this.lists[binOf(this.sizes, chunk.size)]!;
    const { last } = list;
    if (chunk.size < this.sizes.minLargeBytes || last === undefined) list.addFirst(chunk);
    else if (chunk.size < last.size) list.addLast(chunk);
    else addSorted(list, chunk);
  }

  /** The smallest of its own large bin that is large enough. */
  large(bytes: number): Chunk | undefined {
    const list = this.lists[binOf(this.sizes, bytes)]!;
    if ((list.first?.size ?? 0) < bytes) return undefined;
    let best = list.last!;
    while (best.size < bytes) best = list.before(best)!;
    return secondOfSize(list, best);
  }

  /** The last of the next bin with larger chunks. */
  larger(bytes: number): Chunk | undefined {
    for (let bin = binOf(this.sizes, bytes) + 1; bin < BIN_COUNT; bin++) {
      const { last } = this.lists[bin]!;
      if (last !== undefined) return last;
    }
    return undefined;
  }
}

/** The second of as many as have a size, or the only one. */
function secondOfSize(list: ChunkList, chunk: Chunk): Chunk {
  let first = chunk;
  for (let other = list.before(first); other?.size === chunk.size; other = list.before(first)) first = other;
  const second = list.after(first);
  return second?.size === chunk.size ? second : first;
}

function addSorted(list: ChunkList, chunk: Chunk): void {
  let place = list.first!;
  while (chunk.size < place.size) place = list.after(place)!;
  if (chunk.size === place.size) list.addAfter(chunk, place);
  else list.addBefore(chunk, place);
}
