/**
 * The heap of a traced process: brk. Where it begins the first brk(NULL) of a program tells. Of a process that ran
 * before the trace only ends are known: it then begins a page below the lowest of them, as far as lines to come tell.
 */
import { EVENT_KINDS } from '../../core/event/kinds.ts';
import { numberArgument, returnedBy, type SystemCall } from '../strace/call.ts';
import type { AddressSpace, Heap } from './address-space.ts';
import { GIVEN_BACK, MAX_LENGTH } from './event-stream.ts';
import type { ComingLines } from './strace-coming.ts';
import {
  ANONYMOUS,
  MAX_OBJECT_BYTES,
  type MappedObjects,
  PAGE_BYTES,
  pageDown,
  pageUp,
  RULES,
  rangeOf,
} from './strace-objects.ts';

const BRK = EVENT_KINDS.brk.code;

const ASKS = /^brk\((?:addr=)?(?:NULL|0)\)/;

export class ProcessHeaps {
  private readonly objects: MappedObjects;
  private readonly coming: ComingLines;

  constructor(objects: MappedObjects, coming: ComingLines) {
    this.objects = objects;
    this.coming = coming;
  }

  /** @param pid as lines call the process */
  brk(space: AddressSpace, { args }: SystemCall, end: number, pid: number | undefined): string | undefined {
    const wanted = numberArgument(args, 0);
    rangeOf(end, 0);
    const isAsked = wanted === 0;
    const heap = this.heapOf(space, end, isAsked, pid);
    if (isAsked || wanted === heap.end) return RULES.query;
    if (wanted !== end) return this.refuse(heap, wanted);
    this.moveEnd(space, heap, end);
    return undefined;
  }

  /** The end that the kernel did not move to where it should have gone, and how it is moved back where it goes there. */
  private refuse({ start, end, object: known }: Heap, wanted: number): string | undefined {
    const base = pageDown(start);
    const length = pageUp(wanted) - base;
    if (wanted < end || length > MAX_LENGTH) return 'brk that failed: a smaller heap, or one of 4 GiB';
    const { events } = this.objects;
    const object = known ?? this.objects.newObject();
    events.say(BRK, object, length);
    events.noteRefused(BRK, object, length);
    events.imply(GIVEN_BACK, BRK, object, Math.max(0, pageUp(end) - base));
    return undefined;
  }

  private moveEnd(space: AddressSpace, heap: Heap, end: number): void {
    const { objects } = this;
    const base = pageDown(heap.start);
    const [before, after] = [pageUp(heap.end), pageUp(end)];
    const object = heap.object ?? objects.newObject();
    if (after > before) objects.unmap(space, RULES.gone, before, after);
    objects.events.say(BRK, object, Math.max(0, after - base));
    space.cut(Math.max(base, after), before);
    if (after > before) objects.place(space, object, ANONYMOUS, { start: before, end: after }, { base });
    space.heap =
      after > base ? { ...heap, end, object } : { start: Math.min(heap.start, end), end, object: undefined };
  }

  /** The heap that ends at `end` now, or is to: a new one where none is known, or, the line of an execve missing, another. */
  private heapOf(space: AddressSpace, end: number, isAsked: boolean, pid: number | undefined): Heap {
    const { heap } = space;
    const distance = heap === undefined ? Number.POSITIVE_INFINITY : end - heap.start;
    const isWithin = distance >= 0 && distance <= MAX_OBJECT_BYTES;
    const shrinksBelow =
      !isAsked && distance < 0 && -distance <= MAX_OBJECT_BYTES && heap!.object !== undefined;
    if (isWithin || shrinksBelow) return heap!;
    this.endOf(space);
    space.heap = this.heapAt(space, end, isAsked, pid);
    return space.heap;
  }

  /** By brk, not munmap: the kernel remembers where a heap ends, whatever of it is mapped. */
  private endOf(space: AddressSpace): void {
    const { heap } = space;
    if (heap?.object === undefined || space.piecesOf(heap.object).length === 0) return;
    this.objects.events.imply(RULES.gone, BRK, heap.object, 0);
    space.cut(pageDown(heap.start), pageUp(heap.end));
  }

  private heapAt(space: AddressSpace, end: number, isAsked: boolean, pid: number | undefined): Heap {
    const lowest = this.lowestBreak(pid, end);
    if (isAsked && lowest === end) return { start: end, end, object: undefined };
    const low = pageDown(lowest);
    const isFree = space.within(low - PAGE_BYTES, low).length === 0;
    const start = isFree && low >= PAGE_BYTES ? low - PAGE_BYTES : low;
    if (!isAsked) return { start, end: start, object: undefined };
    const object = this.objects.newObject();
    this.objects.unmap(space, RULES.gone, start, end);
    this.objects.events.imply(RULES.heap, BRK, object, pageUp(end) - start);
    this.objects.place(space, object, ANONYMOUS, { start, end: pageUp(end) }, { base: start });
    return { start, end, object };
  }

  /** The lowest end that this heap is going to have, of those that lines to come tell. */
  private lowestBreak(pid: number | undefined, end: number): number {
    let [lowest, last] = [end, end];
    for (const { name, text } of this.coming.heapCallsOf(pid)) {
      if (name === 'execve') break;
      const next = returnedBy(text);
      if (next === undefined) continue;
      // a break that nobody moved there is one of another program
      const isOther = next !== last && (ASKS.test(text) || Math.abs(next - end) > MAX_OBJECT_BYTES);
      if (isOther) break;
      lowest = Math.min(lowest, next);
      last = next;
    }
    return lowest;
  }
}
