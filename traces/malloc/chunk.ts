/** Chunks of memory, which know their neighbours, and lists of those that are free. */

export class Chunk {
  /** An address in bytes, and how many of them. */
  start: number;
  size: number;
  /** The number of the arena whose heap it lies in. */
  readonly arena: number;
  /** It has a mapping of its own. */
  isMapped = false;
  /** What lies right before and behind it in the same heap. */
  before: Chunk | undefined;
  after: Chunk | undefined;
  /** It is in a bin, or the top: neighbours that become free merge with it. Chunks of caches and fast bins are not. */
  isFree = false;
  /** Its neighbours in the list that it is in. */
  next: Chunk = this;
  previous: Chunk = this;

  constructor(start: number, size: number, arena = 0) {
    this.start = start;
    this.size = size;
    this.arena = arena;
  }

  get end(): number {
    return this.start + this.size;
  }

  /** Keeps the first `bytes`; the rest is a chunk of its own. */
  split(bytes: number): Chunk {
    const rest = new Chunk(this.start + bytes, this.size - bytes, this.arena);
    this.size = bytes;
    rest.before = this;
    rest.after = this.after;
    if (rest.after !== undefined) rest.after.before = rest;
    this.after = rest;
    return rest;
  }

  /** Takes what lies behind it in. */
  swallow(): void {
    const gone = this.after!;
    this.size += gone.size;
    this.after = gone.after;
    if (this.after !== undefined) this.after.before = this;
  }
}

/** A circular list; `next` of the list is its first chunk (fd of malloc.c), `previous` its last (bk). */
export class ChunkList {
  private readonly ends = new Chunk(-1, 0);

  get first(): Chunk | undefined {
    return this.chunkAt(this.ends.next);
  }

  get last(): Chunk | undefined {
    return this.chunkAt(this.ends.previous);
  }

  after(chunk: Chunk): Chunk | undefined {
    return this.chunkAt(chunk.next);
  }

  before(chunk: Chunk): Chunk | undefined {
    return this.chunkAt(chunk.previous);
  }

  addFirst(chunk: Chunk): void {
    link(chunk, this.ends);
  }

  addLast(chunk: Chunk): void {
    link(chunk, this.ends.previous);
  }

  addBefore(chunk: Chunk, other: Chunk): void {
    link(chunk, other.previous);
  }

  addAfter(chunk: Chunk, other: Chunk): void {
    link(chunk, other);
  }

  private chunkAt(chunk: Chunk): Chunk | undefined {
    return chunk === this.ends ? undefined : chunk;
  }
}

function link(chunk: Chunk, previous: Chunk): void {
  chunk.previous = previous;
  chunk.next = previous.next;
  chunk.next.previous = chunk;
  previous.next = chunk;
}

/** Out of whatever list it is in. */
export function unlink(chunk: Chunk): void {
  chunk.previous.next = chunk.next;
  chunk.next.previous = chunk.previous;
}
