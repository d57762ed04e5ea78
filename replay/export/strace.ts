/**
 * The calls of a trace that change address spaces, as `strace -f -o FILE` writes them: mmap, munmap, brk, mprotect, mremap,
 * madvise, fork, clone, execve and the ends of processes.
 *
 * Events name objects, strace has addresses: every object gets the next free ones when it is mapped. Numbers of processes
 * and files follow the order in which the text has them, and lengths are whole pages, as the kernel takes them. So the text
 * imported and exported again is the same. A call that was refused where it was recorded fails in the text too. What execve itself maps (stack and vdso) has no line, as in a real trace.
 */

import { type Batch, eventAt } from '../../core/event/batch.ts';
import { CLONE_VM } from '../../core/event/clone-flags.ts';
import { ADVICE_NAMES } from '../../core/event/flag-text.ts';
import type { MemoryEvent } from '../../core/event/kinds.ts';
import {
  MAP_POPULATE,
  MAP_SHARED,
  MREMAP_MAYMOVE,
  PLACE_MASK,
  PLACE_STACK,
  PLACE_VDSO,
} from '../../core/event/mmap-flags.ts';
import { kindName } from '../events/columns.ts';
import { NO_PROCESS, type Pass } from '../events/passes.ts';
import type { Exporter, ExportTally } from './exporter.ts';
import { cloneText, hex, type Mapping, PAGE_BYTES, protText, range, wholePages } from './strace-text.ts';

export const strace: Exporter = {
  name: 'strace',
  describe: 'calls that change address spaces, as strace -f -o writes them; addresses are made up',
  extension: 'strace',
  layout: 'no',
  async *write({ passes, wanted }, tally) {
    const encoder = new TextEncoder();
    const text = new Calls(tally);
    for await (const pass of passes) {
      for (let at = 0; at < pass.batch.count; at++) text.add(pass, at, wanted?.(pass, at) ?? true);
      yield encoder.encode(text.take());
    }
    yield encoder.encode(text.takeLast());
  },
};

const FIRST_ADDRESS = 2 ** 28;
/** Room for a heap: lengths are 32 bits. */
const HEAP_BYTES = 2 ** 32;
const ENOMEM = '-1 ENOMEM (Cannot allocate memory)';
const EXECVE = 'execve("?", ["?"], 0x0 /* 0 vars */) = 0';

/** A line that asks for something, as long as no event came after it. */
interface Request {
  /** Object or process. */
  readonly subject: string;
  /** The line, if the kernel refused it, and what was believed before. */
  readonly refused: string;
  readonly undo: () => void;
}

/** What one process, or several threads, have mapped, by object. */
type Space = Map<number, Mapping>;

type Event<K extends MemoryEvent['kind']> = MemoryEvent & { readonly kind: K };

class Calls {
  private readonly tally: ExportTally;
  private lines: string[] = [];
  private next = FIRST_ADDRESS;
  private readonly spaces = new Map<number, Space>();
  /** By number in the trace: that in the text. */
  private readonly pids = new Map<number, number>();
  private lastPid = 0;
  /** Those that the text has not named yet. */
  private readonly spawned = new Set<number>();
  private readonly files = new Map<number, number>();
  private last: Request | undefined;

  constructor(tally: ExportTally) {
    this.tally = tally;
  }

  /** All lines but one of which it is not known yet whether it was refused. */
  take(): string {
    const held = this.last === undefined ? [] : this.lines.splice(-1);
    const text = this.lines.join('');
    this.lines = held;
    return text;
  }

  takeLast(): string {
    this.last = undefined;
    return this.take();
  }

  /** Events that are not wanted change what comes after them all the same. */
  add({ batch, processes }: Pass, at: number, isWanted: boolean): void {
    const event = eventAt(batch, at);
    const pid = processes![at]!;
    const nrLines = this.lines.length;
    const { last } = this;
    this.last = undefined;
    if (event?.kind === 'refused' || event?.kind === 'refused_fork') this.refused(event, last);
    else if (event === undefined || !this.tell(event, pid)) this.tally.leave(reason(batch, at));
    else if (isWanted) this.tally.told++;
    else this.drop(nrLines);
  }

  private drop(nrLines: number): void {
    this.lines.length = nrLines;
    this.last = undefined;
  }

  /** The line before is one of a call that failed: what follows from it, and what gives it back, is none. */
  private refused(event: Event<'refused' | 'refused_fork'>, last: Request | undefined): void {
    const subject = 'pid' in event ? processOf(event.pid) : objectOf(event.object);
    if (last?.subject !== subject) {
      this.tally.leave('note of a failed request that has no line');
      return;
    }
    this.lines[this.lines.length - 1] = last.refused;
    last.undo();
    this.tally.told++;
  }

  /** False when there is no line for it. */
  private tell(event: MemoryEvent, pid: number): boolean {
    // A number that is alive is refused, and so is 0.
    const isRefused = 'pid' in event && (event.pid === 0 || this.spaces.has(event.pid));
    if (isRefused) return false;
    if (event.kind === 'spawn') {
      this.spaces.set(event.pid, new Map());
      this.pids.delete(event.pid);
      this.spawned.add(event.pid);
      return false;
    }
    const space = pid === NO_PROCESS ? undefined : this.spaces.get(pid);
    if (space === undefined) return false;
    switch (event.kind) {
      case 'fork':
        return this.birth(pid, event.pid, new Map(space), 0);
      case 'clone':
        return this.clone(pid, space, event);
      case 'exec':
        this.spaces.set(pid, new Map());
        this.spawned.delete(pid);
        return this.line(pid, EXECVE);
      case 'exit':
        return this.exit(pid);
      case 'mmap':
        return this.mmap(pid, space, event);
      case 'brk':
        return this.brk(pid, space, event);
      default:
        return 'object' in event && this.call(pid, event, space);
    }
  }

  private call(pid: number, event: MemoryEvent & { readonly object: number }, space: Space): boolean {
    const mapping = space.get(event.object);
    if (mapping === undefined) return false;
    switch (event.kind) {
      case 'munmap':
        return this.munmap(pid, space, mapping, event);
      case 'mprotect':
        return this.line(pid, `mprotect(${range(mapping, event)}, ${protText(event.prot)}) = 0`);
      case 'madvise': {
        const advice = ADVICE_NAMES.get(event.advice);
        return advice !== undefined && this.line(pid, `madvise(${range(mapping, event)}, ${advice}) = 0`);
      }
      case 'mlock':
      case 'munlock':
        return this.line(pid, `${event.kind}(${range(mapping, event)}) = 0`);
      case 'mremap':
        return this.mremap(pid, space, mapping, event);
      default:
        return false;
    }
  }

  private line(pid: number, text: string): boolean {
    // Nobody forked it: an execve says that it is no thread of another.
    if (this.spawned.delete(pid)) {
      this.tally.change('process that nobody forked: begins with an execve');
      this.lines.push(`${this.numberOf(pid)} ${EXECVE}\n`);
    }
    this.lines.push(`${this.numberOf(pid)} ${text}\n`);
    return true;
  }

  /** A line of a call that may turn out to have been refused. */
  private request(
    pid: number,
    call: string,
    result: string,
    { subject, undo, refused = ENOMEM }: Pick<Request, 'subject' | 'undo'> & { readonly refused?: string },
  ): boolean {
    this.line(pid, `${call} = ${result}`);
    this.last = { subject, undo, refused: `${this.numberOf(pid)} ${call} = ${refused}\n` };
    return true;
  }

  private numberOf(pid: number): number {
    const known = this.pids.get(pid);
    if (known !== undefined) return known;
    this.pids.set(pid, ++this.lastPid);
    return this.lastPid;
  }

  private birth(parent: number, child: number, space: Space, cloneFlags: number): boolean {
    this.spaces.set(child, space);
    this.spawned.delete(child);
    this.pids.delete(child);
    this.numberOf(parent); // who calls is named first
    const call = `clone(child_stack=NULL, flags=${cloneText(cloneFlags)})`;
    const undo = (): void => {
      this.spaces.delete(child);
      this.pids.delete(child);
      this.lastPid--;
    };
    return this.request(parent, call, `${this.numberOf(child)}`, { subject: processOf(child), undo });
  }

  private clone(parent: number, space: Space, { pid, cloneFlags }: Event<'clone'>): boolean {
    const shares = (cloneFlags & CLONE_VM) !== 0;
    return this.birth(parent, pid, shares ? space : new Map(space), cloneFlags);
  }

  /** One that the text never named has no end in it. */
  private exit(pid: number): boolean {
    this.spaces.delete(pid);
    if (!this.pids.has(pid)) return false;
    this.line(pid, '+++ exited with 0 +++');
    this.pids.delete(pid);
    return true;
  }

  private mmap(pid: number, space: Space, { object, length, flags, file }: Event<'mmap'>): boolean {
    const place = flags & PLACE_MASK;
    if (place === PLACE_STACK || place === PLACE_VDSO || length === 0) return false;
    const mapping = this.allot(wholePages(length), wholePages(length));
    space.set(object, mapping);
    const words = [flags & MAP_SHARED ? 'MAP_SHARED' : 'MAP_PRIVATE'];
    if (file === 0) words.push('MAP_ANONYMOUS');
    if (flags & MAP_POPULATE) words.push('MAP_POPULATE');
    const what = `${words.join('|')}, ${file === 0 ? '-1' : `3</file/${this.fileOf(file)}>`}`;
    const args = `NULL, ${mapping.bytes}, ${protText(flags)}, ${what}, 0`;
    const undo = (): void => void space.delete(object);
    return this.request(pid, `mmap(${args})`, hex(mapping.address), { subject: objectOf(object), undo });
  }

  /** The first of an object asks where the heap is. */
  private brk(pid: number, space: Space, { object, length }: Event<'brk'>): boolean {
    const known = space.get(object);
    const bytes = wholePages(length);
    // One that moves nothing only asks.
    if (bytes === (known?.bytes ?? 0)) return false;
    const heap = known ?? this.allot(0, HEAP_BYTES);
    if (known === undefined) this.line(pid, `brk(NULL) = ${hex(heap.address)}`);
    space.set(object, { address: heap.address, bytes });
    const before = { address: heap.address, bytes: known?.bytes ?? 0 };
    const end = hex(heap.address + bytes);
    return this.request(pid, `brk(${end})`, end, {
      subject: objectOf(object),
      refused: hex(before.address + before.bytes),
      undo: () => space.set(object, before),
    });
  }

  private munmap(pid: number, space: Space, mapping: Mapping, event: Event<'munmap'>): boolean {
    const isAll = event.offset === 0 && (event.length === 0 || wholePages(event.length) >= mapping.bytes);
    if (isAll) space.delete(event.object);
    return this.line(pid, `munmap(${range(mapping, event)}) = 0`);
  }

  private mremap(pid: number, space: Space, mapping: Mapping, event: Event<'mremap'>): boolean {
    const bytes = wholePages(event.length);
    // One that changes nothing gives back what a failed call got.
    if (bytes === 0 || bytes === mapping.bytes) return false;
    const moved = bytes > mapping.bytes ? this.allot(bytes, bytes) : { ...mapping, bytes };
    space.set(event.object, moved);
    const flags = event.mremapFlags & MREMAP_MAYMOVE || bytes > mapping.bytes ? 'MREMAP_MAYMOVE' : '0';
    const args = `${hex(mapping.address)}, ${mapping.bytes}, ${bytes}, ${flags}`;
    const undo = (): void => void space.set(event.object, mapping);
    return this.request(pid, `mremap(${args})`, hex(moved.address), {
      subject: objectOf(event.object),
      undo,
    });
  }

  /** With a page between it and the next, so that no call reaches over both. */
  private allot(bytes: number, room: number): Mapping {
    const address = this.next;
    this.next += room + PAGE_BYTES;
    return { address, bytes };
  }

  private fileOf(file: number): number {
    const known = this.files.get(file) ?? this.files.size + 1;
    this.files.set(file, known);
    return known;
  }
}

const objectOf = (object: number): string => `object ${object}`;
const processOf = (pid: number): string => `process ${pid}`;

function reason(batch: Batch, at: number): string {
  return `no call that changes an address space, or of none that is known: ${kindName(batch.kind[at]!)}`;
}
