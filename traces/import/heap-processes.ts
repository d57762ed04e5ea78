/**
 * The processes of a heap trace. Each has a heap of its own, which a child has from its parent. Where a pid may as well
 * be that of a thread, and no line says that it was forked, it is one.
 */
import { EVENT_KINDS } from '../../core/event/kinds.ts';
import type { HeapDialect, HeapLine } from '../heap/record.ts';
import type { EventStream } from './event-stream.ts';
import { HeapMemory, type SharedByHeaps } from './heap-memory.ts';

const { spawn, fork, exec, exit, switch: switchTo } = EVENT_KINDS;

/** What events call a process that no line names. */
const UNNAMED_PID = 1;

export const FIRST_THREAD = 0;

const RULES = {
  first: 'the program',
  other: 'another process on the cpu',
  shown: 'fork that a line of the child shows first',
} as const;

export interface HeapProcess {
  /** As events call it. */
  readonly pid: number;
  memory: HeapMemory;
  hasCalls: boolean;
  ended: boolean;
}

export class HeapProcesses {
  /** Pids that were taken for threads. */
  threads = 0;
  private readonly shared: SharedByHeaps;
  private readonly events: EventStream;
  private readonly pidsAre: HeapDialect['pidsAre'];
  private readonly all: HeapProcess[] = [];
  /** By the pid of their lines, those of threads too. */
  private readonly byPid = new Map<number, HeapProcess>();
  private running: HeapProcess | undefined;
  /** In a fork that has not returned. */
  private forking: HeapProcess | undefined;

  /** Which thread of its process a line is of; the one that a fork leaves is the first. */
  threadOf({ pid = 0 }: HeapLine): number {
    const isFirst = this.byPid.get(pid)?.pid === (pid || UNNAMED_PID);
    return isFirst ? FIRST_THREAD : pid;
  }

  constructor(shared: SharedByHeaps, pidsAre: HeapDialect['pidsAre']) {
    this.shared = shared;
    this.events = shared.events;
    this.pidsAre = pidsAre;
  }

  get count(): number {
    return this.all.length;
  }

  /** The process of a line, on the cpu from here on. */
  of({ pid = 0, record }: HeapLine): HeapProcess {
    const isProgram = record.kind === 'ignored' && record.begins === 'program';
    const process = this.byPid.get(pid) ?? this.firstSeen(pid, isProgram);
    if (isProgram) this.programBegins(process);
    if (record.kind === 'ignored' && record.begins === 'fork') this.forking = process;
    return process;
  }

  run(process: HeapProcess): void {
    if (this.running === process) return;
    const rule = this.running === undefined ? RULES.first : RULES.other;
    this.running = process;
    this.events.imply(rule, switchTo.code, process.pid);
  }

  /** By which rule the line is no event. */
  forked(parent: HeapProcess, child: number): string | undefined {
    this.forking = undefined;
    if (this.byPid.has(child)) return 'fork of a process that the trace knows';
    this.run(parent);
    this.events.say(fork.code, child);
    this.addChild(parent, child);
    return undefined;
  }

  execed(process: HeapProcess): void {
    this.run(process);
    this.events.say(exec.code, 0);
    process.memory = new HeapMemory(this.shared);
  }

  /** All that the trace saw end. */
  end(): void {
    for (const process of this.all) {
      if (!process.ended) continue;
      this.run(process);
      this.events.imply(RULES.first, exit.code, 0);
    }
  }

  private firstSeen(pid: number, isProgram: boolean): HeapProcess {
    const [root] = this.all;
    if (root === undefined || (isProgram && this.pidsAre === 'processes')) return this.appear(pid);
    const parent = this.forking ?? (this.pidsAre === 'processes' ? (this.running ?? root) : undefined);
    if (parent !== undefined) return this.showChild(parent, pid);
    this.threads++;
    this.byPid.set(pid, root);
    return root;
  }

  private appear(pid: number): HeapProcess {
    this.events.imply(RULES.first, spawn.code, pid || UNNAMED_PID);
    return this.add(pid, new HeapMemory(this.shared));
  }

  private showChild(parent: HeapProcess, pid: number): HeapProcess {
    this.forking = undefined;
    this.run(parent);
    this.events.imply(RULES.shown, fork.code, pid);
    return this.addChild(parent, pid);
  }

  private addChild(parent: HeapProcess, pid: number): HeapProcess {
    return this.add(pid, parent.memory.copy());
  }

  private add(pid: number, memory: HeapMemory): HeapProcess {
    const process = { pid: pid || UNNAMED_PID, memory, hasCalls: false, ended: false };
    this.all.push(process);
    this.byPid.set(pid, process);
    if (this.running === undefined) this.run(process);
    return process;
  }

  /** A process that had a program before has another one now: execve. */
  private programBegins(process: HeapProcess): void {
    if (!process.hasCalls) return;
    this.run(process);
    this.events.imply('execve, where another program begins', exec.code, 0);
    process.memory = new HeapMemory(this.shared);
  }
}
