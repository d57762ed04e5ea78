/** Areas of the vmalloc window of a kernel trace: addresses become objects. */

import { EVENT_KINDS } from '../../core/event/kinds.ts';
import { ABSENT } from '../kernel/record.ts';
import type { AreaCallers } from '../proc/area-callers.ts';
import { type EventStream, fits, GIVEN_BACK } from './event-stream.ts';
import type { NamedIds } from './named-ids.ts';

const VM_AREA = EVENT_KINDS.vm_area.code;
const FREE_VM_AREA = EVENT_KINDS.free_vm_area.code;

/** Of the x86, and so of its guard pages. */
const PAGE_BYTES = 4096;

const TOO_LARGE = 'vmap area of 4 GiB or more';

interface AskedRecord {
  readonly pid: number;
  readonly cpu: number;
  readonly size: number;
  readonly align: number;
}

interface GivenRecord {
  readonly pid: number;
  readonly cpu: number;
  readonly vaStart: number;
  readonly failed: number;
}

interface AreaRecord {
  readonly vaStart: number;
  readonly size: number;
  readonly align: number;
}

export class AreaObjects {
  private readonly events: EventStream;
  private readonly numbers: NamedIds;
  private readonly callers: AreaCallers;
  /** Live areas by address. */
  private readonly live = new Map<number, number>();
  /** Requests that have not returned, by task. */
  private readonly pending = new Map<number, Pick<AreaRecord, 'size' | 'align'>>();

  constructor(events: EventStream, numbers: NamedIds, callers: AreaCallers) {
    this.events = events;
    this.numbers = numbers;
    this.callers = callers;
  }

  /** alloc_vmap_area() is asked for the area and its guard page, get_vm_area() for the area. */
  alloc({ vaStart, size, align }: AreaRecord): string | undefined {
    const before = this.live.get(vaStart);
    if (before !== undefined) {
      this.events.imply('vmap area freed without a line (lost)', FREE_VM_AREA, before);
      this.forget(vaStart, before);
    }
    const areaBytes = withoutGuard(size);
    if (!fits(areaBytes)) return TOO_LARGE;
    const object = this.numbers.take(this.callerOf(vaStart, size));
    this.live.set(vaStart, object);
    this.events.say(VM_AREA, object, areaBytes, align);
    return undefined;
  }

  /** An area of this size lies there after the trace: it is taken for this one, or for another of the same caller. */
  private callerOf(vaStart: number, size: number): string {
    const known = this.callers.get(vaStart);
    return known?.sizeBytes === size ? known.caller : '';
  }

  /** By a kprobe where a function begins. By which rule the line is no event; so do the others. */
  asked({ pid, cpu, size, align }: AskedRecord): string {
    this.pending.set(pid === ABSENT ? ABSENT - 1 - cpu : pid, { size, align });
    return 'beginning of a request for an area';
  }

  /** By a kprobe where the function of this task returns. */
  given({ pid, cpu, vaStart, failed }: GivenRecord): string | undefined {
    const task = pid === ABSENT ? ABSENT - 1 - cpu : pid;
    const request = this.pending.get(task);
    if (request === undefined) return 'end of a request for an area whose beginning is not in the trace';
    this.pending.delete(task);
    return failed === 0 ? this.alloc({ vaStart, ...request }) : this.fail({ vaStart, ...request });
  }

  /** A request that failed, and that a larger window may fulfil. */
  fail({ size, align }: AreaRecord): string | undefined {
    const areaBytes = withoutGuard(size);
    if (!fits(areaBytes)) return TOO_LARGE;
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
