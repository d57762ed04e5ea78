/**
 * The processes of a strace: which one a line is of, what shares an address space, which one the cpu runs.
 *
 * A child may have lines before the line in which its parent's fork returns. Its first line then stands for that fork;
 * the line that returns it, if it comes soon, says which parent's, and with which flags. If it does not come, the
 * parent is a guess: the one that began to fork first.
 *
 * strace -p shows processes that run already, with all their threads, of which it may not say more than how many. A
 * pid that nobody forked is then a thread of the process that was there first, unless its lines speak against it.
 */
import { CLONE_THREAD, CLONE_VM } from '../../core/event/clone-flags.ts';
import { EVENT_KINDS } from '../../core/event/kinds.ts';
import { cloneFlags } from '../strace/clone.ts';
import { AddressSpace } from './address-space.ts';
import { type EventStream, GIVEN_BACK } from './event-stream.ts';
import { AttachedProcesses } from './strace-attached.ts';
import { type ComingLines, IN_A_CALL, isFork, type TimedLine } from './strace-coming.ts';

const { spawn, fork, clone, exec, exit, switch: switchTo } = EVENT_KINDS;

/** A call that has not returned. */
interface Pending {
  readonly name: string;
  /** Its beginning, `mmap(NULL, 4096`. */
  readonly text: string;
  /** It took effect before its return: the child that a fork made, or true. */
  effect?: Process | true;
}

export interface Process {
  /** As events call it, and as the lines do: not the same for one that had no name at first. */
  readonly pid: number;
  tracedPid: number;
  /** The first thread of the process that this is a thread of, and of a first thread all others. */
  readonly leader: Process | undefined;
  readonly threads: Set<Process>;
  /** Threads, and a vfork's child before its execve, have the one of their parent. */
  space: AddressSpace;
  pending: Pending | undefined;
}

/** What events call a process that no line names. */
const UNNAMED_PID = 1;

/** What events call a process that was not made: above all others (PID_MAX_LIMIT, include/linux/threads.h, v6.1). */
const REFUSED_PID = 2 ** 22 + 1;

const RULES = {
  shown: 'fork that a line of the child shows first',
  thread: 'thread of before the trace, when a line first shows it',
  first: 'process seen for the first time',
  other: 'another process on the cpu',
  ended: 'thread that ends with its process',
} as const;

export class TracedProcesses {
  /** All that there were. */
  count = 0;
  /** Forks whose flags no line tells. */
  unknownFlags = 0;
  private readonly events: EventStream;
  private readonly coming: ComingLines;
  private readonly attached: AttachedProcesses;
  private readonly alive = new Map<number, Process>();
  /** Announced by strace as new: children, whose parent's fork may not have returned. */
  private readonly announced = new Set<number>();
  /** Those that are in a call that may take effect before it returns. */
  private readonly forking = new Set<Process>();
  readonly unmapping = new Set<Process>();
  /** The one that lines without a pid are of. */
  private unnamed: Process | undefined;
  private running: Process | undefined;

  constructor(events: EventStream, coming: ComingLines) {
    this.events = events;
    this.coming = coming;
    this.attached = new AttachedProcesses(coming);
  }

  /** strace says that it follows a process from here on: a child, or one of those that -p names. */
  announce({ form, attached: pid, threads }: TimedLine): void {
    if (this.alive.has(pid)) return;
    if (form === 'split' || this.forking.size > 0) this.announced.add(pid);
    else this.attached.add(pid, threads);
  }

  /** The process of a line. */
  of(line: TimedLine): Process {
    this.attached.see(line);
    const { pid } = line;
    return pid === undefined ? this.ofUnnamed(line) : (this.alive.get(pid) ?? this.firstSeen(pid, line));
  }

  /** The process begins a call that has not returned. */
  begins(process: Process, name: string, text: string): void {
    process.pending = { name, text };
    if (isFork(name)) this.forking.add(process);
    if (name === 'munmap') this.unmapping.add(process);
  }

  /** The call that the process was in, if it is known. */
  returns(process: Process, name: string): Pending | undefined {
    if (process.pending === undefined && name.startsWith('execve')) this.takesOver(process);
    const { pending } = process;
    this.isInNone(process);
    return pending;
  }

  /** Processes of this address space that are in munmap. */
  unmappingOf(space: AddressSpace): Process[] {
    return [...this.unmapping].filter((process) => process.space === space);
  }

  /** The cpu runs this process from here on. */
  run(process: Process): void {
    if (this.running === process) return;
    this.running = process;
    this.events.imply(RULES.other, switchTo.code, process.pid);
  }

  /** fork, vfork or clone has returned; which, says `text`. By which rule it is no event. */
  forked(parent: Process, name: string, text: string, pid: number): string | undefined {
    if (this.alive.has(pid)) return 'fork of a process that the trace knows';
    this.run(parent);
    const flags = this.flagsOfFork(name, text);
    this.events.say(flags === 0 ? fork.code : clone.code, pid, flags);
    this.addChild(parent, pid, flags);
    return undefined;
  }

  /** fork, vfork or clone made no child: asked for again, and a child that there is after all ends before it runs. */
  refused(parent: Process, name: string, text: string): undefined {
    this.run(parent);
    const flags = this.flagsOfFork(name, text);
    const request = flags === 0 ? fork.code : clone.code;
    this.events.say(request, REFUSED_PID, flags);
    this.events.noteRefusedFork(request, REFUSED_PID);
    this.events.imply(GIVEN_BACK, switchTo.code, REFUSED_PID);
    this.events.imply(GIVEN_BACK, exit.code, 0);
    this.events.imply(GIVEN_BACK, switchTo.code, parent.pid);
  }

  execed(process: Process): void {
    this.events.say(exec.code, 0);
    process.space = new AddressSpace();
  }

  exited(process: Process): void {
    this.run(process);
    this.events.say(exit.code, 0);
    this.forget(process);
  }

  /** exit or exit_group, where no line says when the process has ended. */
  quits(process: Process, name: string): void {
    const first = process.leader ?? process;
    const others = name === 'exit_group' ? [first, ...first.threads] : [];
    this.exited(process);
    for (const other of others) if (this.alive.get(other.tracedPid) === other) this.endsToo(other);
  }

  /** A thread calls execve: it goes on under the pid of its process, whose first thread ends. */
  superseded(first: Process, by: number): string | undefined {
    const thread = this.alive.get(by);
    if (thread === undefined || thread === first) return 'execve of a thread that the trace does not know';
    this.run(thread);
    this.events.say(exit.code, 0);
    this.replaces(thread, first);
    return undefined;
  }

  /** The same where no line says it (-qqq), but the first thread returns from an execve that it did not begin. */
  private takesOver(first: Process): void {
    const thread = [...first.threads].find(({ pending }) => pending?.name.startsWith('execve'));
    if (thread === undefined) return;
    this.run(thread);
    this.events.imply(RULES.ended, exit.code, 0);
    this.replaces(thread, first);
  }

  private replaces(thread: Process, first: Process): void {
    const { pending } = thread;
    this.forget(thread);
    if (pending !== undefined) this.begins(first, pending.name, pending.text);
  }

  private endsToo(process: Process): void {
    this.run(process);
    this.events.imply(RULES.ended, exit.code, 0);
    this.forget(process);
  }

  private isInNone(process: Process): void {
    process.pending = undefined;
    this.forking.delete(process);
    this.unmapping.delete(process);
  }

  private forget(process: Process): void {
    this.isInNone(process);
    process.leader?.threads.delete(process);
    this.alive.delete(process.tracedPid);
    this.announced.delete(process.tracedPid);
    this.running = undefined;
  }

  /** strace names processes only while there are several: the last one alive, or the one it was before. */
  private ofUnnamed(line: TimedLine): Process {
    const { alive } = this;
    const [first] = alive.values();
    if (alive.size === 1) this.unnamed = first;
    if (this.unnamed === undefined || alive.get(this.unnamed.tracedPid) !== this.unnamed)
      this.unnamed = first ?? this.appear(this.nameOfUnnamed(line));
    return this.unnamed;
  }

  private nameOfUnnamed(line: TimedLine): number {
    // later ones, which come when all others have ended, are not worth another look at all lines
    if (this.count > 0) return UNNAMED_PID;
    return this.attached.first() ?? this.coming.nameOfUnnamed(line) ?? UNNAMED_PID;
  }

  private firstSeen(pid: number, line: TimedLine): Process {
    return (
      this.childThatReturns(pid) ??
      this.nameRoot(pid, line) ??
      this.childOfPending(pid) ??
      this.threadOfAttached(pid, line) ??
      this.appear(pid)
    );
  }

  /** The parent's fork is going to return this child. */
  private childThatReturns(pid: number): Process | undefined {
    const line = this.coming.forkOf(pid);
    if (line === undefined) return undefined;
    const named = line.pid === undefined ? undefined : this.alive.get(line.pid);
    const parent = named ?? this.unnamed;
    return parent !== undefined && this.forking.has(parent)
      ? this.showChild(parent, pid, line.text)
      : undefined;
  }

  /** The first process had no name until there was another one. */
  private nameRoot(pid: number, { form, name }: TimedLine): Process | undefined {
    const root = this.alive.get(UNNAMED_PID);
    if (root === undefined || root !== this.unnamed) return undefined;
    if (this.announced.has(pid) || this.coming.isChild(pid)) return undefined;
    const { pending } = root;
    if (pending !== undefined && (IN_A_CALL.has(form) || (form === 'resumed' && name !== pending.name)))
      return undefined;
    this.alive.delete(UNNAMED_PID);
    root.tracedPid = pid;
    this.alive.set(pid, root);
    return root;
  }

  private childOfPending(pid: number): Process | undefined {
    if (this.coming.isChild(pid)) return undefined;
    for (const parent of this.forking)
      if (this.coming.returnTo(parent.tracedPid) === undefined) return this.showChild(parent, pid, '');
    return undefined;
  }

  /** @param rest of the call that the parent is in, where it is known */
  private showChild(parent: Process, pid: number, rest: string): Process {
    const pending = parent.pending!;
    this.run(parent);
    const flags = this.flagsOfFork(pending.name, `${pending.text}${rest}`);
    this.events.imply(RULES.shown, flags === 0 ? fork.code : clone.code, pid, flags);
    const child = this.addChild(parent, pid, flags);
    pending.effect = child;
    this.forking.delete(parent);
    return child;
  }

  private threadOfAttached(pid: number, line: TimedLine): Process | undefined {
    const leaderPid = this.attached.leaderOf(pid, line, this.alive);
    if (leaderPid === undefined) return undefined;
    const leader = this.alive.get(leaderPid) ?? this.appear(leaderPid);
    this.run(leader);
    const flags = CLONE_VM | CLONE_THREAD;
    this.events.imply(RULES.thread, clone.code, pid, flags);
    return this.addChild(leader, pid, flags);
  }

  private appear(pid: number): Process {
    this.events.imply(RULES.first, spawn.code, pid);
    this.attached.appear(pid);
    return this.add(pid, new AddressSpace(), undefined);
  }

  private addChild(parent: Process, pid: number, flags: number): Process {
    const { space } = parent;
    const leader = (flags & CLONE_THREAD) === 0 ? undefined : (parent.leader ?? parent);
    return this.add(pid, (flags & CLONE_VM) === 0 ? space.copy() : space, leader);
  }

  private add(pid: number, space: AddressSpace, leader: Process | undefined): Process {
    const process: Process = { pid, tracedPid: pid, leader, threads: new Set(), space, pending: undefined };
    leader?.threads.add(process);
    this.alive.set(pid, process);
    this.count++;
    return process;
  }

  private flagsOfFork(name: string, text: string): number {
    const flags = cloneFlags(name, text);
    if (flags === undefined) this.unknownFlags++;
    // what glibc calls clone3 for since 2.34: threads; clone it calls for fork
    return flags ?? (name === 'clone3' ? CLONE_VM | CLONE_THREAD : 0);
  }
}
