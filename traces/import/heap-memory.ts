/**
 * The heap of a traced program as user memory. A trace tells what the program asked of malloc; what malloc then asks of
 * the system, and where blocks lie, says the model of glibc's (traces/malloc), which starts with the program. Of that
 * come events, the references too: what malloc itself touches, and what the program does.
 *
 *   block of the heap          the program writes all of it, when it gets it
 *   block of its own mapping   the same; but what realloc adds to it only when a later realloc shows that it was full
 *   free                       nothing but the allocator's links
 *   a call that failed         the mapping that glibc tries last, and a note that it was refused
 *
 * Where glibc's own addresses are traced, they tell what was taken from the heap before the trace, and whether the model
 * is right: blocks that lie elsewhere are counted.
 */
import { EVENT_KINDS } from '../../core/event/kinds.ts';
import { PROT_READ, PROT_WRITE } from '../../core/event/mmap-flags.ts';
import type { HeapRecord } from '../heap/record.ts';
import { firstBlock, Malloc, type MallocSizes } from '../malloc/index.ts';
import { deepCopy } from './deep-copy.ts';
import { type EventStream, GIVEN_BACK, MAX_LENGTH } from './event-stream.ts';
import type { HeapBeside } from './heap-beside.ts';
import { HeapSystem, type ObjectNumbers } from './heap-system.ts';

const { mmap, munmap } = EVENT_KINDS;

const PAGE_BYTES = 4096;
/** DEFAULT_MMAP_THRESHOLD. */
const MMAP_THRESHOLD = 131_072;
/** MMAP_AS_MORECORE_SIZE: what is mapped at least where brk cannot make the heap larger. */
const MORECORE_BYTES = 2 ** 20;
/** Mappings of the model lie above this, those of a real process above that. */
const MODEL_MAPPINGS = 2 ** 40;
/** An event carries lengths below 4 GiB. */
const MAX_BLOCK_BYTES = 2 ** 31;

const HEAP_RULES = {
  lost: 'block freed without a line: its address is given away again',
  unknown: 'free of a block of before the trace',
  twice: 'free of a block that is free',
  vast: 'failed call for 4 GiB or more',
  nothing: 'free(NULL)',
  huge: 'block of 2 GiB or more',
  done: 'call for which nothing is to be done',
  thread: 'end of a thread',
} as const;

export type AllocRecord = Extract<HeapRecord, { readonly kind: 'alloc' }>;

interface Block {
  /** Where the model has it. */
  readonly place: number;
  readonly size: number;
  /** So many bytes of it the program has written. */
  readonly used: number;
}

/** What the heaps of all processes of a trace have in common. */
export class SharedByHeaps implements ObjectNumbers {
  readonly events: EventStream;
  /** The addresses of the trace are those of glibc's malloc. */
  readonly isGlibc: boolean;
  lastObject = 0;
  readonly references = { read: 0, write: 0, modify: 0, execute: 0 };
  readonly pages = { least: 0, most: 0 };
  /** Blocks that forks may still copy: a trace of a line for each fork of a large heap would never end. */
  copiesLeft = 2e7;
  /** Blocks whose place could be compared, and that lie elsewhere in the trace. */
  compared = 0;
  elsewhere = 0;
  readonly beside: HeapBeside;
  private readonly machine: { readonly sizes: MallocSizes };

  constructor(
    events: EventStream,
    isGlibc: boolean,
    machine: { readonly sizes: MallocSizes },
    beside: HeapBeside,
  ) {
    this.events = events;
    this.machine = machine;
    this.beside = beside;
    this.isGlibc = isGlibc;
  }

  /** Of the machine, as far as blocks have shown it. */
  get sizes(): MallocSizes {
    return this.machine.sizes;
  }
}

export class HeapMemory {
  private readonly shared: SharedByHeaps;
  private readonly system: HeapSystem;
  private readonly sizes: MallocSizes;
  private readonly malloc: Malloc;
  /** By their addresses in the trace. */
  private readonly blocks = new Map<number, Block>();
  private readonly freed = new Set<number>();
  /** Where the heap begins in the trace, once a block shows it. */
  private base: number | undefined;

  constructor(shared: SharedByHeaps) {
    this.shared = shared;
    this.system = new HeapSystem(shared.events, shared);
    this.sizes = shared.sizes;
    this.malloc = new Malloc(this.system, this.sizes);
  }

  /** The heap of a child: the same, from here on apart. Empty when there is too much of it to copy once more. */
  copy(): HeapMemory {
    const { shared } = this;
    const nrEntries = this.malloc.size + this.blocks.size + this.freed.size;
    if (nrEntries > shared.copiesLeft) return new HeapMemory(shared);
    shared.copiesLeft -= nrEntries;
    return deepCopy(
      this,
      new Set<unknown>([shared, shared.events, shared.beside, shared.pages, shared.sizes]),
    );
  }

  /** Says the event of the line, or returns by which rule there is none; so do the others. */
  alloc(thread: number, record: AllocRecord): string | undefined {
    const { address, size } = record;
    if (address === 0) return this.refuse(size);
    if (size >= MAX_BLOCK_BYTES) return HEAP_RULES.huge;
    return this.line(() => {
      if (this.blocks.has(address)) this.release(thread, address);
      this.place(thread, record);
    });
  }

  free(thread: number, address: number): string | undefined {
    if (address === 0) return HEAP_RULES.nothing;
    if (!this.blocks.has(address)) return this.freed.has(address) ? HEAP_RULES.twice : HEAP_RULES.unknown;
    return this.line(() => this.release(thread, address));
  }

  realloc(thread: number, old: number, address: number, size: number): string | undefined {
    if (address === 0) return size === 0 && old !== 0 ? this.free(thread, old) : this.refuse(size);
    if (size >= MAX_BLOCK_BYTES) return HEAP_RULES.huge;
    const block = this.blocks.get(old);
    if (block === undefined) return this.alloc(thread, { kind: 'alloc', address, size });
    return this.line(() => {
      if (address !== old && this.blocks.has(address)) this.release(thread, address);
      this.resize(thread, old, block, address, size);
    });
  }

  endThread(thread: number): string | undefined {
    const rule = this.line(() => this.malloc.endThread(thread));
    return rule && HEAP_RULES.thread;
  }

  /** A line does something, and what that is, is told. */
  private line(act: () => void): string | undefined {
    this.system.begin();
    act();
    return this.system.end() ? undefined : HEAP_RULES.done;
  }

  private place(thread: number, { address, size, clears, alignment = 0 }: AllocRecord): void {
    const { malloc } = this;
    const { isGlibc } = this.shared;
    if (this.base === undefined && isGlibc && alignment === 0) this.takeWhatWasBefore(thread, address, size);
    const taken = (): number => {
      if (clears) return malloc.calloc(thread, size);
      return alignment > 0 ? malloc.memalign(thread, alignment, size) : malloc.malloc(thread, size);
    };
    const place = this.claimed(address, size) ?? taken();
    // before an aligned block there is not even the cache of the thread
    if (this.base === undefined && isGlibc && place < MODEL_MAPPINGS) this.beginAt(address - place);
    this.system.use(place, size);
    this.add(address, { place, size, used: size });
  }

  private resize(thread: number, old: number, block: Block, address: number, size: number): void {
    const wasMapped = block.place >= MODEL_MAPPINGS;
    // it was full, or nobody would want more
    if (wasMapped && size > block.size && block.used < block.size) this.use(block, block.size);
    const place = this.malloc.realloc(thread, block.place, size);
    this.forget(old);
    const written = Math.min(block.size, size);
    const staysMapped = wasMapped && place >= MODEL_MAPPINGS;
    const resized = { place, size, used: written };
    if (!staysMapped) this.use(resized, size);
    this.add(address, { ...resized, used: staysMapped ? written : size });
  }

  private use({ place, used }: Block, size: number): void {
    if (size > used) this.system.use(place + used, size - used);
  }

  private add(address: number, block: Block): void {
    this.blocks.set(address, block);
    this.freed.delete(address);
    if (this.shared.isGlibc) this.compare(address, block.place);
  }

  private release(thread: number, address: number): void {
    this.malloc.free(thread, this.blocks.get(address)!.place);
    this.forget(address);
  }

  private forget(address: number): void {
    this.blocks.delete(address);
    this.freed.add(address);
  }

  /** The first block shows where the heap begins, and how much of it is taken: of that, later blocks tell. */
  private takeWhatWasBefore(thread: number, address: number, size: number): void {
    if (size >= MMAP_THRESHOLD) return;
    const first = firstBlock(this.sizes);
    this.malloc.takeUnknown(thread, address - this.beginAt(address - first) - first);
  }

  /** The heap begins with the page of an address. */
  private beginAt(address: number): number {
    this.base = Math.floor(address / PAGE_BYTES) * PAGE_BYTES;
    this.malloc.heapStart = this.base;
    return this.base;
  }

  /** A block within what was taken before the trace: it has been freed there, too. */
  private claimed(address: number, size: number): number | undefined {
    return this.base === undefined ? undefined : this.malloc.claimUnknown(address - this.base, size);
  }

  /** Blocks of the heap by their address, others by their place in a page, for mappings lie where the system wants. */
  private compare(address: number, place: number): void {
    const { base, shared } = this;
    if (base === undefined) return;
    const isOfHeap = place < MODEL_MAPPINGS;
    const isSame = isOfHeap ? address - base === place : address % PAGE_BYTES === place % PAGE_BYTES;
    shared.compared++;
    if (!isSame) shared.elsewhere++;
  }

  /** sysmalloc_mmap_fallback(), and sysmalloc_mmap() of large blocks: when these fail, malloc has nothing left to try. */
  private refuse(size: number): string | undefined {
    const { shared } = this;
    const least = size < MMAP_THRESHOLD ? MORECORE_BYTES : 0;
    const length = Math.ceil(Math.max(size + this.sizes.headerBytes, least) / PAGE_BYTES) * PAGE_BYTES;
    if (length > MAX_LENGTH) return HEAP_RULES.vast;
    const object = ++shared.lastObject;
    shared.events.say(mmap.code, object, length, PROT_READ | PROT_WRITE);
    shared.events.noteRefused(mmap.code, object);
    shared.events.imply(GIVEN_BACK, munmap.code, object);
    return undefined;
  }
}
