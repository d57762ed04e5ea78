/**
 * Lines of a strace that are read and not yet said. A line may mean what only later ones tell: whose child a new pid
 * is, what a process without a name is called, how low a heap goes, whether ends of processes have lines of their own.
 */
import { returnedBy } from '../strace/call.ts';
import type { StraceLine } from '../strace/line.ts';

/** So many lines are seen before the first of them is said. */
export const LINES_AHEAD = 4096;

export interface TimedLine extends Omit<StraceLine, 'stamp'> {
  readonly hasTime: boolean;
  /** Since the first line that has a time. */
  readonly timeNs: number;
}

const FORKS: ReadonlySet<string> = new Set(['fork', 'vfork', 'clone', 'clone2', 'clone3']);

export function isFork(name: string): boolean {
  return FORKS.has(name);
}

export class ComingLines {
  /** Whether processes end by lines of their own, which strace -qq leaves out. */
  endsAreTold = false;
  private readonly lines: TimedLine[] = [];
  private head = 0;
  /** Second halves of forks, by the child that they return; and by the parent, the soonest first. */
  private readonly byChild = new Map<number, TimedLine[]>();
  private readonly byParent = new Map<number | undefined, TimedLine[]>();
  /** Calls of brk and execve, and their second halves, by the pid of their lines. */
  private readonly ofHeaps = new Map<number | undefined, TimedLine[]>();
  /** How many forks return a pid. */
  private readonly children = new Map<number, number>();

  enter(line: TimedLine): void {
    this.lines.push(line);
    if (isOfHeap(line)) append(this.ofHeaps, line.pid, line);
    if (line.form === 'exit' && line.text.startsWith('+++ exited')) this.endsAreTold = true;
    const child = childOf(line);
    if (child === undefined) return;
    this.children.set(child, (this.children.get(child) ?? 0) + 1);
    if (line.form !== 'resumed') return;
    append(this.byChild, child, line);
    append(this.byParent, line.pid, line);
  }

  /** The line that came first is said from here on. */
  leave(): void {
    const line = this.lines[this.head++]!;
    if (2 * this.head > this.lines.length) this.head -= this.lines.splice(0, this.head).length;
    if (isOfHeap(line)) removeFirst(this.ofHeaps, line.pid);
    const child = childOf(line);
    if (child === undefined) return;
    const left = this.children.get(child)! - 1;
    if (left > 0) this.children.set(child, left);
    else this.children.delete(child);
    if (line.form !== 'resumed') return;
    removeFirst(this.byChild, child);
    removeFirst(this.byParent, line.pid);
  }

  /** The second half of the fork that makes this child. */
  forkOf(child: number): TimedLine | undefined {
    return this.byChild.get(child)?.[0];
  }

  /** The second half of the fork that this parent is in. */
  returnTo(parent: number | undefined): TimedLine | undefined {
    return this.byParent.get(parent)?.[0];
  }

  /** Calls that move the end of a heap, or begin another one. */
  heapCallsOf(pid: number | undefined): readonly TimedLine[] {
    return this.ofHeaps.get(pid) ?? [];
  }

  isChild(pid: number): boolean {
    return this.children.has(pid);
  }

  *[Symbol.iterator](): Generator<TimedLine> {
    for (let i = this.head; i < this.lines.length; i++) yield this.lines[i]!;
  }

  /** What lines call the process that has no name yet: the first that is nobody's child, and may say what it says. */
  nameOfUnnamed(first: TimedLine): number | undefined {
    const announced = new Set<number>();
    let within = halfOf(first);
    for (const line of this) {
      const { pid, form, attached, name } = line;
      if (attached !== 0 && (form === 'split' || within !== undefined)) announced.add(attached);
      if (pid === undefined) {
        if (IN_A_CALL.has(form) || form === 'resumed') within = halfOf(line);
        continue;
      }
      const isOther = this.isChild(pid) || announced.has(pid);
      const fits = within === undefined ? form !== 'resumed' : form === 'resumed' && name === within;
      if (!isOther && (fits || !(IN_A_CALL.has(form) || form === 'resumed'))) return pid;
    }
    return undefined;
  }
}

/** Forms in which a process begins a call, which it cannot while it is in another. */
export const IN_A_CALL: ReadonlySet<string> = new Set(['call', 'begin', 'split']);

function halfOf({ form, name }: TimedLine): string | undefined {
  return form === 'begin' || form === 'split' ? name : undefined;
}

function isOfHeap({ form, name }: TimedLine): boolean {
  return (name === 'brk' || name === 'execve') && (form === 'call' || form === 'resumed');
}

function childOf({ form, name, text }: TimedLine): number | undefined {
  return (form === 'resumed' || form === 'call') && isFork(name) ? returnedBy(text) : undefined;
}

function append<K>(map: Map<K, TimedLine[]>, key: K, line: TimedLine): void {
  const lines = map.get(key);
  if (lines === undefined) map.set(key, [line]);
  else lines.push(line);
}

function removeFirst<K>(map: Map<K, TimedLine[]>, key: K): void {
  const lines = map.get(key)!;
  lines.shift();
  if (lines.length === 0) map.delete(key);
}
