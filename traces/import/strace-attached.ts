/**
 * Processes that ran before strace came (-p). What it says of them: `strace: Process 10 attached with 3 threads`, on
 * a terminal; nothing at all in a file. A trace whose first line is no execve and no brk(NULL), with which every
 * program begins, was attached to.
 */
import { numberIn, returnedBy } from '../strace/call.ts';
import type { AddressSpace } from './address-space.ts';
import type { ComingLines, TimedLine } from './strace-coming.ts';

interface Attachment {
  readonly pid: number;
  /** Threads that have no name yet, beside the first. */
  unnamed: number;
}

type Alive = ReadonlyMap<number, { readonly space: AddressSpace }>;

/** More than fit on a command line of strace; each is looked at for every new pid. */
const MAX_ATTACHMENTS = 4096;
/** Breaks of one heap lie no further apart. */
const HEAP_REACH = 2 ** 31;

export class AttachedProcesses {
  private readonly coming: ComingLines;
  private readonly attachments: Attachment[] = [];
  /** Undefined before the first call. */
  private beganRunning: boolean | undefined;
  /** The process that was seen first. */
  private firstPid: number | undefined;

  constructor(coming: ComingLines) {
    this.coming = coming;
  }

  add(pid: number, threads: number): void {
    if (this.attachments.length < MAX_ATTACHMENTS) this.attachments.push({ pid, unnamed: threads - 1 });
  }

  /** The first that strace said it attached to. */
  first(): number | undefined {
    return this.attachments[0]?.pid;
  }

  see({ form, name, text }: TimedLine): void {
    if (name !== '') this.beganRunning ??= form === 'resumed' || !isProgramStart(name, text);
  }

  appear(pid: number): void {
    this.firstPid ??= pid;
  }

  /** Which process this pid, which nobody forked, is a thread of. */
  leaderOf(pid: number, line: TimedLine, alive: Alive): number | undefined {
    const { attachments } = this;
    if (attachments.some((attachment) => attachment.pid === pid)) return undefined;
    const counted = this.takeCounted(pid);
    if (counted !== undefined || attachments.length > 1) return counted;
    const leaderPid = attachments[0]?.pid ?? (this.beganRunning ? this.firstPid : undefined);
    const leader = leaderPid === undefined ? undefined : alive.get(leaderPid);
    return leader === undefined || this.isProcess(pid, line, leader.space) ? undefined : leaderPid;
  }

  /** A process of which strace said that it has more threads. Theirs are larger pids, until pids begin anew. */
  private takeCounted(pid: number): number | undefined {
    const open = this.attachments.filter(({ unnamed }) => unnamed > 0);
    const below = open.filter((attachment) => attachment.pid < pid);
    const nearest = below.reduce<Attachment | undefined>(
      (best, next) => (best === undefined || next.pid > best.pid ? next : best),
      undefined,
    );
    const found = nearest ?? open[0];
    if (found !== undefined) found.unnamed--;
    return found?.pid;
  }

  /** It starts a program of its own, or has another heap. */
  private isProcess(pid: number, first: TimedLine, space: AddressSpace): boolean {
    if (isProgramStart(first.name, first.text)) return !this.isSuperseding(pid);
    const [next] = this.coming.heapCallsOf(pid);
    if (next?.name === 'execve') return !this.isSuperseding(pid);
    return next !== undefined && isOfAnotherHeap(next, space);
  }

  /** A thread that calls execve replaces its process. */
  private isSuperseding(pid: number): boolean {
    for (const { form, text } of this.coming) if (form === 'superseded' && Number(text) === pid) return true;
    return false;
  }
}

function isProgramStart(name: string, text: string): boolean {
  return name === 'execve' || name === 'execveat' || /^brk\((?:addr=)?(?:NULL|0)\)/.test(text);
}

function isOfAnotherHeap({ text }: TimedLine, { heap }: AddressSpace): boolean {
  const end = returnedBy(text);
  if (heap === undefined || end === undefined) return false;
  const asks = numberIn(/^brk\((?:addr=)?(\w+)\)/.exec(text)?.[1]) === 0;
  return asks ? end !== heap.end : Math.abs(end - heap.end) > HEAP_REACH;
}
