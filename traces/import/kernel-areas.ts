/** Areas of the vmalloc window of a kernel trace: addresses become objects. */

import { EVENT_KINDS } from '../../core/event/kinds.ts';
import { type EventStream, GIVEN_BACK } from './event-stream.ts';
import type { NamedIds } from './named-ids.ts';

const VM_AREA = EVENT_KINDS.vm_area.code;
const FREE_VM_AREA = EVENT_KINDS.free_vm_area.code;

/** Of the x86, and so of its guard pages. */
const PAGE_BYTES = 4096;
/** What an event can say. */
const MAX_BYTES = 2 ** 32 - 1;

const TOO_LARGE = 'vmap area of 4 GiB or more';

interface AreaRecord {
  readonly vaStart: number;
  readonly size: number;
  readonly align: number;
}

export class AreaObjects {
  private readonly events: EventStream;
  private readonly numbers: NamedIds;
  /** Live areas by address. */
  private readonly live = new Map<number, number>();

  constructor(events: EventStream, numbers: NamedIds) {
    this.events = events;
    this.numbers = numbers;
  }

  /** alloc_vmap_area() is asked for the area and its guard page, get_vm_area() for the area. */
  alloc({ vaStart, size, align }: AreaRecord): string | undefined {
    const before = this.live.get(vaStart);
    if (before !== undefined) {
      this.events.imply('vmap area freed without a line (lost)', FREE_VM_AREA, before);
      this.forget(vaStart, before);
    }
    const areaBytes = withoutGuard(size);
    if (areaBytes > MAX_BYTES) return TOO_LARGE;
    const object = this.numbers.take();
    this.live.set(vaStart, object);
    this.events.say(VM_AREA, object, areaBytes, align);
    return undefined;
  }

  /** A request that failed, and that a larger window may fulfil. */
  fail({ size, align }: AreaRecord): string | undefined {
    const areaBytes = withoutGuard(size);
    if (areaBytes > MAX_BYTES) return TOO_LARGE;
    const object = this.numbers.take();
    this.events.say(VM_AREA, object, areaBytes, align);
    this.events.noteRefused(VM_AREA, object);
    this.events.imply(GIVEN_BACK, FREE_VM_AREA, object);
    this.numbers.give(object);
    return undefined;
  }

  free(vaStart: number): string | undefined {
    const object = this.live.get(vaStart);
    if (object === undefined) return 'free of a vmap area of before the trace';
    this.events.say(FREE_VM_AREA, object);
    this.forget(vaStart, object);
    return undefined;
  }

  private forget(vaStart: number, object: number): void {
    this.live.delete(vaStart);
    this.numbers.give(object);
  }
}

function withoutGuard(size: number): number {
  return size > PAGE_BYTES ? size - PAGE_BYTES : size;
}
