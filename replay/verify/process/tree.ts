/**
 * Of a trace of whatever ran, the lines of the processes that there are snapshots of: what started them (a shell, env,
 * the tracer) belongs to no program. A process that one of those has made begins with the first program that it starts;
 * what it does before is done in the memory of the other.
 */

const TASK = /^\s*.{1,40}?[- ](\d+)\s+(?:\(\s*[-\d]+\)\s*)?\[\d+\]/;
const NEW_TASK = /: task_newtask: pid=(\d+) /;
const EXEC = /: sched_process_exec: /;

/** @param pids of the snapshots; without any, or where no line is of one of them, all lines */
export function linesOfTree(text: string, pids: ReadonlySet<number>): string {
  const lines = text.split('\n');
  const hasOwn = lines.some((line) => pids.has(taskOf(line) ?? -1));
  if (!hasOwn) return text;
  const tree = new Tree(lines, pids);
  return lines.filter((line) => tree.has(line)).join('\n');
}

class Tree {
  private readonly own: Set<number>;
  /** Those that wait for their first program. */
  private readonly unstarted: Set<number>;

  constructor(lines: readonly string[], pids: ReadonlySet<number>) {
    this.own = new Set(pids);
    const execs = new Set(lines.filter((line) => EXEC.test(line)).map(taskOf));
    const children = new Set(lines.filter((line) => this.own.has(taskOf(line) ?? -1)).map(childOf));
    this.unstarted = new Set([...pids].filter((pid) => execs.has(pid) && !children.has(pid)));
  }

  /** Of each line, in their order. */
  has(line: string): boolean {
    const task = taskOf(line);
    if (task === undefined) return true;
    if (!this.own.has(task)) return false;
    if (EXEC.test(line)) this.unstarted.delete(task);
    const child = childOf(line);
    if (child !== undefined) this.own.add(child);
    return !this.unstarted.has(task);
  }
}

function taskOf(line: string): number | undefined {
  const pid = TASK.exec(line)?.[1];
  return pid === undefined ? undefined : Number(pid);
}

function childOf(line: string): number | undefined {
  const pid = NEW_TASK.exec(line)?.[1];
  return pid === undefined ? undefined : Number(pid);
}
