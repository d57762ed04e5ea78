/**
 * The heap of a traced program as user memory. Blocks are finer than mappings: here they become the system calls that
 * glibc's allocator would make for blocks at these addresses, and the references with which it and the program
 * first touch them (malloc/malloc.c of glibc 2.36).
 *
 *   a block in the heap          brk when it ends above the heap's end, with M_TOP_PAD to spare
 *   a large block elsewhere      a mapping of its own, which ends with the block
 *   a small block elsewhere      an arena: 1 MiB of addresses around it, mapped when first used
 *   malloc, realloc              writes of the whole block with its header; of a copy, reads of the old block
 *   free                         a write of the header and the links of the free list
 *
 *   a call that failed           the mapping that glibc tries last, and a note that it was refused
 *
 * "In the heap" is at or above the page of the first block, by less than 1 GiB. References are one for each
 * page, since an event touches no more than a page. Simplified: all of a block is touched at once, when it is
 * allocated; the heap never shrinks (M_TRIM_THRESHOLD), arenas never go.
 */
import { READ, WRITE } from '../../core/event/access-mode.ts';
import { EVENT_KINDS } from '../../core/event/kinds.ts';
import { MREMAP_MAYMOVE, PROT_READ, PROT_WRITE } from '../../core/event/mmap-flags.ts';
import { type EventStream, GIVEN_BACK, MAX_LENGTH } from './event-stream.ts';

const { access, brk, mmap, mremap, munmap } = EVENT_KINDS;

const PAGE_BYTES = 4096;
/** DEFAULT_MMAP_THRESHOLD, DEFAULT_TOP_PAD, MINSIZE. */
const MMAP_THRESHOLD = 131_072;
const TOP_PAD = 131_072;
const MIN_CHUNK_BYTES = 32;
/** MMAP_AS_MORECORE_SIZE: what is mapped at least where brk cannot make the heap larger. */
const MORECORE_BYTES = 2 ** 20;
/** Before a block: the size of its chunk. In a free one: links to the next and previous free chunk. */
const HEADER_BYTES = 8;
const LINK_BYTES = 16;
const HEAP_REACH = 2 ** 30;
const ARENA_BYTES = 2 ** 20;
/** An event carries lengths below 4 GiB. */
const MAX_BLOCK_BYTES = 2 ** 31;
const READ_WRITE = PROT_READ | PROT_WRITE;

const HEAP_RULES = {
  heap: 'heap that brk makes larger',
  mapping: 'mapping of a large block',
  arena: 'arena around blocks outside the heap',
  pages: 'block of several pages: a reference for each',
  copy: 'copy of a block that realloc moves',
  grown: 'what realloc adds to a block where it is',
  moved: 'old block of realloc, freed',
  lost: 'block freed without a line: its address is given away again',
  unknown: 'free of a block of before the trace',
  twice: 'free of a block that is free',
  vast: 'failed call for 4 GiB or more',
  nothing: 'free(NULL)',
  huge: 'block of 2 GiB or more',
} as const;

interface Block {
  readonly size: number;
  /** Of a large block: its own object, and where that begins. */
  readonly object?: number;
  readonly start?: number;
}

/** What the heaps of all processes of a trace have in common. */
export class SharedByHeaps {
  readonly events: EventStream;
  lastObject = 0;
  /** References made, by what they do. */
  readonly references = { read: 0, write: 0, modify: 0, execute: 0 };
  /** Blocks that forks may still copy: a trace of a line for each fork of a large heap would never end. */
  copiesLeft = 2e7;

  constructor(events: EventStream) {
    this.events = events;
  }
}

export class HeapMemory {
  private readonly shared: SharedByHeaps;
  private readonly events: EventStream;
  private blocks = new Map<number, Block>();
  private freed = new Set<number>();
  private arenas = new Map<number, number>();
  /** Its object is the first; `base` is -1 before the first block. */
  private heap = { object: 0, base: -1, end: -1 };

  constructor(shared: SharedByHeaps) {
    this.shared = shared;
    this.events = shared.events;
  }

  /** The heap of a child: the same, from here on apart. Empty when there is too much of it to copy once more. */
  copy(): HeapMemory {
    const copy = new HeapMemory(this.shared);
    const nrEntries = this.blocks.size + this.freed.size + this.arenas.size;
    if (nrEntries > this.shared.copiesLeft) return copy;
    this.shared.copiesLeft -= nrEntries;
    copy.blocks = new Map(this.blocks);
    copy.freed = new Set(this.freed);
    copy.arenas = new Map(this.arenas);
    copy.heap = { ...this.heap };
    return copy;
  }

  /** execve: nothing of it is left. */
  clear(): void {
    this.blocks.clear();
    this.freed.clear();
    this.arenas.clear();
    this.heap = { object: 0, base: -1, end: -1 };
  }

  /** Says the event of the line, or returns by which rule there is none; so do the others. */
  alloc(address: number, size: number): string | undefined {
    if (address === 0) return this.refuse(size);
    if (size >= MAX_BLOCK_BYTES) return HEAP_RULES.huge;
    if (this.blocks.has(address)) this.release(address, HEAP_RULES.lost);
    this.place(address, size);
    this.touch(address - HEADER_BYTES, HEADER_BYTES + size, WRITE, this.blocks.get(address)!);
    return undefined;
  }

  /** sysmalloc_mmap_fallback(), and sysmalloc_mmap() of large blocks: when these fail, malloc has nothing left to try. */
  private refuse(size: number): string | undefined {
    const length = pageUp(Math.max(size + 2 * HEADER_BYTES, size < MMAP_THRESHOLD ? MORECORE_BYTES : 0));
    if (length > MAX_LENGTH) return HEAP_RULES.vast;
    const object = ++this.shared.lastObject;
    this.events.say(mmap.code, object, length, READ_WRITE);
    this.events.noteRefused(mmap.code, object);
    this.events.imply(GIVEN_BACK, munmap.code, object);
    return undefined;
  }

  free(address: number): string | undefined {
    if (address === 0) return HEAP_RULES.nothing;
    if (!this.blocks.has(address)) return this.freed.has(address) ? HEAP_RULES.twice : HEAP_RULES.unknown;
    this.release(address);
    return undefined;
  }

  realloc(old: number, address: number, size: number): string | undefined {
    const block = this.blocks.get(old);
    if (address === 0) return size === 0 && old !== 0 ? this.free(old) : this.refuse(size);
    if (size >= MAX_BLOCK_BYTES) return HEAP_RULES.huge;
    if (block === undefined) return this.alloc(address, size);
    if (block.object !== undefined && size >= MMAP_THRESHOLD && !this.isInHeap(address))
      this.remap(old, block, address, size);
    else if (address === old) this.resize(address, block, size);
    else this.move(old, block, address, size);
    return undefined;
  }

  private isInHeap(address: number): boolean {
    const { base } = this.heap;
    return base >= 0 && address >= base && address < base + HEAP_REACH;
  }

  /** Makes sure that there is memory for a block. */
  private place(address: number, size: number): void {
    const { heap } = this;
    this.freed.delete(address);
    const isLarge = size >= MMAP_THRESHOLD;
    if (heap.base < 0 && !isLarge) heap.base = heap.end = pageDown(address - HEADER_BYTES);
    if (isLarge && !this.isInHeap(address)) this.placeAlone(address, size);
    else this.blocks.set(address, { size });
    const end = address + Math.max(size, LINK_BYTES);
    if (this.isInHeap(address) && end > heap.end) this.growHeap(end);
  }

  /** sysmalloc(): as much as is missing, and M_TOP_PAD. */
  private growHeap(end: number): void {
    const { heap } = this;
    heap.end = pageUp(end + TOP_PAD + MIN_CHUNK_BYTES);
    heap.object ||= ++this.shared.lastObject;
    this.events.imply(HEAP_RULES.heap, brk.code, heap.object, heap.end - heap.base);
  }

  private placeAlone(address: number, size: number): void {
    const start = pageDown(address - HEADER_BYTES);
    const object = ++this.shared.lastObject;
    this.blocks.set(address, { size, object, start });
    this.events.imply(HEAP_RULES.mapping, mmap.code, object, pageUp(address + size) - start, READ_WRITE);
  }

  /** Says what freeing a block does, or implies it by a rule. */
  private release(address: number, rule?: string): void {
    const block = this.blocks.get(address)!;
    this.blocks.delete(address);
    this.freed.add(address);
    if (block.object === undefined)
      this.touch(address - HEADER_BYTES, HEADER_BYTES + LINK_BYTES, WRITE, block, rule);
    else if (rule === undefined) this.events.say(munmap.code, block.object);
    else this.events.imply(rule, munmap.code, block.object);
  }

  private move(old: number, block: Block, address: number, size: number): void {
    if (this.blocks.has(address)) this.release(address, HEAP_RULES.lost);
    this.place(address, size);
    this.touch(old, Math.min(block.size, size), READ, block, HEAP_RULES.copy);
    this.touch(address - HEADER_BYTES, HEADER_BYTES + size, WRITE, this.blocks.get(address)!);
    this.release(old, HEAP_RULES.moved);
  }

  private resize(address: number, block: Block, size: number): void {
    if (block.object === undefined) this.place(address, size);
    else this.blocks.set(address, { ...block, size: Math.min(size, block.size) });
    this.touch(address - HEADER_BYTES, HEADER_BYTES, WRITE, block);
    const { size: now } = this.blocks.get(address)!;
    if (now > block.size) this.touch(address + block.size, now - block.size, WRITE, block, HEAP_RULES.grown);
  }

  /** mremap_chunk(): the pages of a large block move with it. */
  private remap(old: number, { object, size: oldSize }: Block, address: number, size: number): void {
    if (address !== old && this.blocks.has(address)) this.release(address, HEAP_RULES.lost);
    const start = pageDown(address - HEADER_BYTES);
    const block = { size, object: object!, start };
    this.blocks.delete(old);
    this.freed.add(old);
    this.freed.delete(address);
    this.blocks.set(address, block);
    this.events.say(mremap.code, block.object, pageUp(address + size) - start, MREMAP_MAYMOVE);
    if (size > oldSize) this.touch(address + oldSize, size - oldSize, WRITE, block, HEAP_RULES.grown);
  }

  /** References to [address, address + bytes), one a page. The first is what the line says, unless by a rule. */
  private touch(
    address: number,
    bytes: number,
    mode: typeof READ | typeof WRITE,
    block: Block,
    rule?: string,
  ): void {
    const end = address + bytes;
    for (let at = address; at < end; ) {
      const next = Math.min(end, pageDown(at) + PAGE_BYTES);
      const [object, offset] = this.objectAt(at, block);
      if (rule !== undefined) this.events.imply(rule, access.code, object, offset, next - at, mode);
      else if (at === address) this.events.say(access.code, object, offset, next - at, mode);
      else this.events.imply(HEAP_RULES.pages, access.code, object, offset, next - at, mode);
      this.shared.references[mode === READ ? 'read' : 'write']++;
      at = next;
    }
  }

  private objectAt(address: number, { object, start }: Block): readonly [object: number, offset: number] {
    if (object !== undefined) return [object, address - start!];
    if (this.isInHeap(address)) return [this.heap.object, address - this.heap.base];
    const arena = Math.floor(address / ARENA_BYTES);
    const known = this.arenas.get(arena) ?? this.makeArena(arena);
    return [known, address % ARENA_BYTES];
  }

  private makeArena(arena: number): number {
    const object = ++this.shared.lastObject;
    this.arenas.set(arena, object);
    this.events.imply(HEAP_RULES.arena, mmap.code, object, ARENA_BYTES, READ_WRITE);
    return object;
  }
}

function pageDown(bytes: number): number {
  return Math.floor(bytes / PAGE_BYTES) * PAGE_BYTES;
}

function pageUp(bytes: number): number {
  return Math.ceil(bytes / PAGE_BYTES) * PAGE_BYTES;
}
