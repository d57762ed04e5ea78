/**
 * The processes of a strace: which one a line is of, what shares an address space, which one the cpu runs.
 *
 * A child may have lines before the line in which its parent's fork returns. Its first line then stands for
 * that fork; which parent's, if several are about to fork, is a guess: the one that began first.
 */

import { CLONE_THREAD, CLONE_VFORK, CLONE_VM } from '../../core/event/clone-flags.ts';
import { EVENT_KINDS } from '../../core/event/kinds.ts';

import { flagsIn } from '../strace/call.ts';
import { AddressSpace } from './address-space.ts';
import type { EventStream } from './event-stream.ts';

const { spawn, fork, clone, exec, exit, switch: switchTo } = EVENT_KINDS;

/** A call that has not returned. */
interface Pending {
  /** Its beginning, `mmap(NULL, 4096`. */
  readonly text: string;
  /** It took effect before its return: the child that a fork made, or true. */
  effect?: Process | true;
}

export interface Process {
  /** As events call it, and as the lines do: not the same for one that had no name at first. */
  readonly pid: number;
  tracedPid: number;
  /** Threads, and a vfork's child before its execve, have the one of their parent. */
  space: AddressSpace;
  pending: Pending | undefined;
}

/** Where strace follows one process only, its lines do not name it; events call it this. */
const UNNAMED_PID = 1;
const FORK = /^(?:clone3?|v?fork)\(/;

export class TracedProcesses {
  /** All that there were. */
  count = 0;
  private readonly events: EventStream;
  private readonly alive = new Map<number, Process>();
  /** Announced by strace as new: children, whose parent's fork may not have returned. */
  private readonly announced = new Set<number>();
  /** The one that lines without a pid are of. */
  private unnamed: Process | undefined;
  private running: Process | undefined;

  constructor(events: EventStream) {
    this.events = events;
  }

  announce(pid: number): void {
    this.announced.add(pid);
  }

  /** The process of a line. */
  of(pid: number | undefined): Process {
    if (pid === undefined) return this.ofUnnamed();
    return this.alive.get(pid) ?? this.nameRoot(pid) ?? this.childOfPending(pid) ?? this.appear(pid);
  }

  /** All that share an address space. */
  sharing(space: AddressSpace): Process[] {
    return [...this.alive.values()].filter((process) => process.space === space);
  }

  /** The cpu runs this process from here on. */
  run(process: Process): void {
    if (this.running === process) return;
    this.running = process;
    this.events.imply('another process on the cpu', switchTo.code, process.pid);
  }

  /** fork, vfork or clone has returned; which, says `text`. By which rule it is no event. */
  forked(parent: Process, text: string, pid: number): string | undefined {
    if (this.alive.has(pid)) return 'fork of a process that the trace knows';
    this.run(parent);
    const flags = cloneFlags(text);
    this.events.say(flags === 0 ? fork.code : clone.code, pid, flags);
    this.addChild(parent, pid, flags);
    return undefined;
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

  /** A thread calls execve: it goes on under the pid of its process, whose first thread ends. */
  superseded(leader: Process, by: number): void {
    const thread = this.of(by);
    this.run(thread);
    this.events.say(exit.code, 0);
    this.forget(thread);
    leader.pending = thread.pending;
  }

  private forget(process: Process): void {
    this.alive.delete(process.tracedPid);
    this.announced.delete(process.tracedPid);
    this.running = undefined;
  }

  /** strace names processes only while there are several: the last one alive, or the one it was before. */
  private ofUnnamed(): Process {
    const [first, ...others] = this.alive.values();
    if (first !== undefined && others.length === 0) this.unnamed = first;
    if (this.unnamed === undefined || this.alive.get(this.unnamed.tracedPid) !== this.unnamed)
      this.unnamed = first ?? this.appear(UNNAMED_PID);
    return this.unnamed;
  }

  /** The first process had no name until there was another one. */
  private nameRoot(pid: number): Process | undefined {
    const root = this.alive.get(UNNAMED_PID);
    if (root === undefined || root !== this.unnamed || this.announced.has(pid)) return undefined;
    this.alive.delete(UNNAMED_PID);
    root.tracedPid = pid;
    this.alive.set(pid, root);
    return root;
  }

  private childOfPending(pid: number): Process | undefined {
    for (const parent of this.alive.values()) {
      const { pending } = parent;
      if (pending === undefined || pending.effect !== undefined || !FORK.test(pending.text)) continue;
      this.run(parent);
      const flags = cloneFlags(pending.text);
      const kind = flags === 0 ? fork.code : clone.code;
      this.events.imply('fork that a line of the child shows first', kind, pid, flags);
      pending.effect = this.addChild(parent, pid, flags);
      return pending.effect;
    }
    return undefined;
  }

  private appear(pid: number): Process {
    this.events.imply('process seen for the first time', spawn.code, pid);
    return this.add(pid, new AddressSpace());
  }

  private addChild({ space }: Process, pid: number, flags: number): Process {
    return this.add(pid, (flags & CLONE_VM) === 0 ? space.copy() : space);
  }

  private add(pid: number, space: AddressSpace): Process {
    const process: Process = { pid, tracedPid: pid, space, pending: undefined };
    this.alive.set(pid, process);
    this.count++;
    return process;
  }
}

const CLONE_FLAGS = { CLONE_VM, CLONE_VFORK, CLONE_THREAD };

/** Of a call, or its beginning: `clone3({flags=CLONE_VM|CLONE_FS, child_tid=...`. */
function cloneFlags(text: string): number {
  if (text.startsWith('vfork')) return CLONE_VM | CLONE_VFORK;
  return flagsIn(/flags=([\w|]+)/.exec(text)?.[1], CLONE_FLAGS);
}
