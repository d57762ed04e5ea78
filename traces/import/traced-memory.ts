/** Processes whose calls and references are both known: their addresses become objects and offsets. */
import { EXECUTE, OPERATION_MASK, READ } from '../../core/event/access-mode.ts';
import { EVENT_KINDS } from '../../core/event/kinds.ts';
import { PROT_EXEC, PROT_READ, PROT_WRITE } from '../../core/event/mmap-flags.ts';
import type { SystemCall } from '../strace/call.ts';
import type { Notes } from '../vmt/format.ts';
import { AddressSpace, type Mapping, type Piece } from './address-space.ts';
import type { EventStream } from './event-stream.ts';
import { loadImage } from './load-image.ts';
import type { ProgramImage } from './program-image.ts';
import { ComingLines } from './strace-coming.ts';
import { MappingCalls } from './strace-mappings.ts';
import { PAGE_BYTES } from './strace-objects.ts';
import type { Process } from './strace-processes.ts';
import { WINDOW_BYTES } from './windows.ts';

const { access, clone, exec, exit, fork, spawn } = EVENT_KINDS;
const SWITCH = EVENT_KINDS.switch.code;

const RULES = {
  cut: 'reference across mappings or pages, cut',
  first: 'process seen for the first time',
  other: 'another process on the cpu',
  newborn: 'reference of a child that returns from a fork as its parent does',
  unknown: 'window of memory that no line maps, when it is first referred to',
  clock: 'the clock, which the vdso reads',
} as const;

const CLOCK = 'system call that the vdso makes needless';
/** Somewhere in its text. */
const CLOCK_CODE = 0xa00;
const ANYTHING: Mapping = { flags: PROT_READ | PROT_WRITE | PROT_EXEC, file: undefined, fileNumber: 0 };
const NOWHERE = 'reference to what no line maps';

/** A moment at which a snapshot of the process was taken: before the event of this number. */
export interface TraceMark {
  readonly event: number;
  readonly pid: number;
  readonly kind: 'mark' | 'exit';
}

export class TracedMemory {
  readonly events: EventStream;
  readonly calls: MappingCalls;
  readonly marks: TraceMark[] = [];
  /** References by operation. */
  readonly counts = new Float64Array(4);
  processCount = 0;
  /** What no line maps is there, when a reference shows it. */
  revealsUnknown = false;
  private readonly processes = new Map<number, Process>();
  private running: number | undefined;

  constructor(events: EventStream) {
    this.events = events;
    this.calls = new MappingCalls(events, new ComingLines(), true);
  }

  /** The process of a number, which the cpu runs from here on. */
  run(pid: number): Process {
    const process = this.processes.get(pid) ?? this.appear(pid);
    if (this.running !== pid) this.events.imply(RULES.other, SWITCH, pid);
    this.running = pid;
    return process;
  }

  isAlive(pid: number): boolean {
    return this.processes.has(pid);
  }

  fork(parentPid: number, pid: number, flags: number, sharesMemory: boolean): void {
    const parent = this.run(parentPid);
    this.events.say(flags === 0 ? fork.code : clone.code, pid, flags);
    this.add(pid, sharesMemory ? parent.space : parent.space.copy());
  }

  /** @param rule by which no line says it; so of the others */
  exec(pid: number, image: ProgramImage | undefined, rule?: string): void {
    const process = this.run(pid);
    this.tell(rule, exec.code, 0);
    process.space = new AddressSpace();
    if (image !== undefined) loadImage(this.events, this.calls, process.space, image);
  }

  exit(pid: number, rule?: string): void {
    this.run(pid);
    this.tell(rule, exit.code, 0);
    this.processes.delete(pid);
    this.running = undefined;
  }

  mark(pid: number, kind: TraceMark['kind']): void {
    this.marks.push({ event: this.events.count, pid, kind });
  }

  /** What the trace should say of itself: when snapshots were taken, and what its numbers of files are. */
  notes(): Notes {
    return { marks: this.marks, files: this.calls.files.parts };
  }

  /** By which rule a call is no event. */
  call(pid: number, call: SystemCall): string | undefined {
    const process = this.run(pid);
    const handler = this.calls.calls.get(call.name);
    if (handler === undefined) return `system call ${call.name}`;
    if (call.error !== undefined) return `${call.name} that failed: ${call.error}`;
    if (call.result === undefined) return 'call without a result';
    return handler(process, call, call.result);
  }

  /** A reference, in parts of a page each; by which rule it is none. */
  touch(pid: number, address: number, bytes: number, mode: number, rule?: string): string | undefined {
    const { space } = this.run(pid);
    let told = rule;
    let isFirst = true;
    for (let at = address; at < address + bytes; ) {
      const piece = space.pieceAt(at) ?? this.revealed(space, at);
      const end = Math.min(address + bytes, nextPage(at), piece?.end ?? Number.POSITIVE_INFINITY);
      if (piece !== undefined) {
        this.tell(told, access.code, piece.object, at - piece.base, end - at, mode);
        told ??= RULES.cut;
        isFirst = false;
      }
      at = end;
    }
    if (isFirst) return NOWHERE;
    this.counts[mode & OPERATION_MASK]!++;
    return undefined;
  }

  /** Where nothing tells what execve mapped: memory of any use, as much as a page-table page of the i386 maps. */
  private revealed(space: AddressSpace, address: number): Piece | undefined {
    if (!this.revealsUnknown) return undefined;
    const start = Math.floor(address / WINDOW_BYTES) * WINDOW_BYTES;
    const hole = space
      .holes(start, start + WINDOW_BYTES)
      .find((one) => one.start <= address && address < one.end);
    this.calls.objects.map(space, hole!, ANYTHING, RULES.unknown);
    return space.pieceAt(address);
  }

  /** The same of a process that no line tells of. */
  touchToo(pid: number, address: number, bytes: number, mode: number): void {
    const piece = this.processes.get(pid)?.space.pieceAt(address);
    if (piece === undefined) return;
    const { running } = this;
    this.run(pid);
    const inside = Math.min(bytes, nextPage(address) - address, piece.end - address);
    this.events.imply(RULES.newborn, access.code, piece.object, address - piece.base, inside, mode);
    if (running !== undefined) this.run(running);
  }

  /** The time of day, which programs have from the vdso, without a call (arch/x86/entry/vdso/vclock_gettime.c). */
  readClock(pid: number): string | undefined {
    const { hiddenVdso } = this.run(pid).space;
    if (hiddenVdso === undefined) return undefined;
    this.events.imply(RULES.clock, access.code, hiddenVdso.vdso, CLOCK_CODE, 1, EXECUTE);
    this.events.imply(RULES.clock, access.code, hiddenVdso.vvar, 0, 8, READ);
    return CLOCK;
  }

  /** What the line says, or what a rule concludes. */
  private tell(rule: string | undefined, kind: number, object: number, a = 0, b = 0, c = 0): void {
    if (rule === undefined) this.events.say(kind, object, a, b, c);
    else this.events.imply(rule, kind, object, a, b, c);
  }

  private appear(pid: number): Process {
    this.events.imply(RULES.first, spawn.code, pid);
    return this.add(pid, new AddressSpace());
  }

  private add(pid: number, space: AddressSpace): Process {
    const process = {
      pid,
      tracedPid: pid,
      leader: undefined,
      threads: new Set<Process>(),
      space,
      pending: undefined,
    };
    this.processes.set(pid, process);
    this.processCount++;
    return process;
  }
}

function nextPage(address: number): number {
  return (Math.floor(address / PAGE_BYTES) + 1) * PAGE_BYTES;
}
