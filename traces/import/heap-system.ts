/**
 * The system under a heap: what malloc asks of it becomes events, and what is touched, references, one for each page and
 * call. Addresses are the model's own: the heap begins at 0, mappings lie far above, each below the one before, as on a
 * machine without randomisation.
 */
import { READ, WRITE } from '../../core/event/access-mode.ts';
import { EVENT_KINDS } from '../../core/event/kinds.ts';
import { MADV_DONTNEED, MREMAP_MAYMOVE, PROT_READ, PROT_WRITE } from '../../core/event/mmap-flags.ts';
import type { MallocSystem } from '../malloc/index.ts';
import { type EventStream, MAX_LENGTH } from './event-stream.ts';
import type { HeapBeside } from './heap-beside.ts';
import { type HeapPages, TouchedPages } from './heap-pages.ts';

const { access, brk, madvise, mmap, mprotect, mremap, munmap } = EVENT_KINDS;

const PAGE_BYTES = 4096;
const READ_WRITE = PROT_READ | PROT_WRITE;
/** Where the first mapping ends: below the libraries and the first thread's stack, on x86-64. */
const MAPPINGS_END = 0x7fff_f740_0000;
const MAPPINGS_START = 2 ** 40;

export const SYSTEM_RULES = {
  grown: 'heap that brk makes larger',
  shrunk: 'heap that brk makes smaller',
  mapping: 'mapping of a large block',
  gone: 'mapping whose block is gone',
  moved: 'mapping that realloc makes larger or smaller',
  arena: 'arena of a thread',
  pages: 'call that touches several pages: a reference for each',
} as const;

/** What the heaps of all processes have in common: numbers of objects that are not taken, and who looks on. */
export interface ObjectNumbers {
  lastObject: number;
  /** References made, by what they do. */
  readonly references: { read: number; write: number; modify: number; execute: number };
  /** Page faults that there are at least and at most. */
  readonly pages: HeapPages;
  /** Is told of every call that changes the address space. */
  readonly beside: HeapBeside;
}

/** [start, end) of an object, of which `base` is byte 0. */
interface Region {
  start: number;
  end: number;
  readonly object: number;
  readonly base: number;
}

/** What is touched of a page: bytes [from, to). */
interface Touch {
  from: number;
  to: number;
  mode: number;
}

export class HeapSystem implements MallocSystem {
  private readonly events: EventStream;
  private readonly numbers: ObjectNumbers;
  private heapObject = 0;
  private heapBytes = 0;
  /** The last mapped, which is the lowest, last. */
  private readonly regions: Region[] = [];
  private lowest = MAPPINGS_END;
  private readonly touches = new Map<number, Touch>();
  private readonly pages: TouchedPages;
  private isSaid = false;

  constructor(events: EventStream, numbers: ObjectNumbers) {
    this.events = events;
    this.numbers = numbers;
    this.pages = new TouchedPages(numbers.pages);
  }

  /** A line begins. */
  begin(): void {
    this.isSaid = false;
  }

  /** All that it does is told; whether that is anything. */
  end(): boolean {
    this.flush();
    return this.isSaid;
  }

  sbrk(bytes: number): number | undefined {
    const old = this.heapBytes;
    if (old + bytes > MAX_LENGTH) return undefined;
    this.flush();
    this.heapObject ||= ++this.numbers.lastObject;
    this.heapBytes += bytes;
    const rule = bytes < 0 ? SYSTEM_RULES.shrunk : SYSTEM_RULES.grown;
    this.events.imply(rule, brk.code, this.heapObject, this.heapBytes);
    this.numbers.beside.called('brk', this.heapBytes);
    if (bytes < 0) this.pages.drop(this.heapBytes, -bytes);
    return old;
  }

  map(bytes: number): number {
    return this.mapAs(SYSTEM_RULES.mapping, bytes, READ_WRITE);
  }

  reserve(bytes: number, _hint: number | undefined): number {
    return this.mapAs(SYSTEM_RULES.arena, bytes, 0);
  }

  private mapAs(rule: string, bytes: number, flags: number): number {
    this.flush();
    const object = ++this.numbers.lastObject;
    this.events.imply(rule, mmap.code, object, bytes, flags);
    this.numbers.beside.called('mmap', bytes);
    const end = this.lowest;
    this.lowest = end - bytes;
    this.regions.push({ start: this.lowest, end, object, base: this.lowest });
    return this.lowest;
  }

  unmap(address: number, bytes: number): void {
    this.flush();
    this.numbers.beside.called('munmap', bytes);
    this.pages.drop(address, bytes);
    const at = this.regionAt(address);
    const region = this.regions[at]!;
    const end = address + bytes;
    const isWhole = region.start === address && region.end === end;
    const offset = isWhole ? 0 : address - region.base;
    this.tell(SYSTEM_RULES.gone, munmap.code, region.object, offset, isWhole ? 0 : bytes);
    if (isWhole) this.regions.splice(at, 1);
    else if (region.start === address) region.start = end;
    else region.end = address;
  }

  remap(address: number, oldBytes: number, newBytes: number): number {
    this.flush();
    const at = this.regionAt(address);
    const region = this.regions[at]!;
    this.numbers.beside.called('mremap', newBytes);
    this.tell(SYSTEM_RULES.moved, mremap.code, region.object, newBytes, MREMAP_MAYMOVE);
    if (newBytes <= oldBytes) {
      this.pages.drop(address + newBytes, oldBytes - newBytes);
      region.end = address + newBytes;
      return address;
    }
    this.regions.splice(at, 1);
    const end = this.lowest;
    this.lowest = end - newBytes;
    this.regions.push({ start: this.lowest, end, object: region.object, base: this.lowest });
    this.pages.move(address, this.lowest, oldBytes);
    return this.lowest;
  }

  commit(address: number, bytes: number): void {
    this.flush();
    const { object, base } = this.regions[this.regionAt(address)]!;
    this.events.imply(SYSTEM_RULES.arena, mprotect.code, object, address - base, bytes, READ_WRITE);
  }

  discard(address: number, bytes: number): void {
    this.flush();
    const { object, base } = this.regions[this.regionAt(address)]!;
    this.events.imply(SYSTEM_RULES.arena, madvise.code, object, address - base, bytes, MADV_DONTNEED);
    this.pages.drop(address, bytes);
  }

  read(address: number, bytes: number): void {
    this.touch(address, bytes, READ);
  }

  write(address: number, bytes: number): void {
    this.touch(address, bytes, WRITE);
  }

  /** What the program is taken to write. */
  use(address: number, bytes: number): void {
    this.touch(address, bytes, WRITE, false);
  }

  private touch(address: number, bytes: number, mode: number, isOwn = true): void {
    const end = address + bytes;
    // bytes behind the last chunk of all belong to no page: the size of a free one is written behind it
    if (address >= MAPPINGS_START || address < this.heapBytes) this.pages.touch(address, bytes, isOwn);
    for (let from = address; from < end; ) {
      const page = Math.floor(from / PAGE_BYTES);
      const to = Math.min(end, (page + 1) * PAGE_BYTES);
      const known = this.touches.get(page);
      if (known === undefined || known.mode !== mode) this.addTouch(page, { from, to, mode });
      else {
        known.from = Math.min(known.from, from);
        known.to = Math.max(known.to, to);
      }
      from = to;
    }
  }

  /** A page that is read and then written is two references. */
  private addTouch(page: number, touch: Touch): void {
    const known = this.touches.get(page);
    if (known !== undefined) this.reference(page, known);
    this.touches.delete(page);
    this.touches.set(page, touch);
  }

  private flush(): void {
    for (const [page, touch] of this.touches) this.reference(page, touch);
    this.touches.clear();
  }

  private reference(page: number, { from, to, mode }: Touch): void {
    const address = page * PAGE_BYTES;
    const isHeap = address < MAPPINGS_START;
    // bytes behind the last chunk of all belong to no page: the size of a free one is written behind it
    if (isHeap && address >= this.heapBytes) return;
    const { object, base } = isHeap
      ? { object: this.heapObject, base: 0 }
      : this.regions[this.regionAt(address)]!;
    this.numbers.references[mode === READ ? 'read' : 'write']++;
    this.tell(SYSTEM_RULES.pages, access.code, object, from - base, to - from, mode);
  }

  /** The first is what the line says. */
  private tell(rule: string, kind: number, object: number, a: number, b = 0, c = 0): void {
    if (this.isSaid) this.events.imply(rule, kind, object, a, b, c);
    else this.events.say(kind, object, a, b, c);
    this.isSaid = true;
  }

  private regionAt(address: number): number {
    let [low, high] = [0, this.regions.length - 1];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (this.regions[middle]!.start <= address) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
