/** Which task runs on each cpu, as every line of a kernel trace tells; those of sched tell also who begins and who ends. */
import { EVENT_KINDS } from '../../core/event/kinds.ts';
import { type EventStream, MAX_CPUS } from './event-stream.ts';

const SPAWN = EVENT_KINDS.spawn.code;
const EXEC = EVENT_KINDS.exec.code;
const EXIT = EVENT_KINDS.exit.code;
const SWITCH = EVENT_KINDS.switch.code;

/** The idle task has no address space: a cpu that runs it runs no process. */
const IDLE = 0;

export class RunningTasks {
  private readonly events: EventStream;
  private readonly known = new Set<number>([IDLE]);
  /** Their numbers may come again. A task goes on a while after it said that it ends. */
  private readonly ended = new Set<number>();
  /** Events that lines of sched are. */
  said = 0;
  private readonly running = new Float64Array(MAX_CPUS).fill(IDLE);

  constructor(events: EventStream) {
    this.events = events;
  }

  /** The task `pid` runs on this cpu. Threads count as processes of their own, as do those of the kernel. */
  run(cpu: number, pid: number): void {
    const task = this.ended.has(pid) ? IDLE : pid;
    if (this.running[cpu] === task) return;
    this.running[cpu] = task;
    if (!this.known.has(task)) {
      this.known.add(task);
      this.events.imply('task seen for the first time', SPAWN, task);
    }
    this.events.imply('another task on the cpu', SWITCH, task);
  }

  /** The running task made `pid`. By which rule the line is ignored. */
  fork(pid: number): string | undefined {
    if (this.known.has(pid) && !this.ended.delete(pid)) return 'fork of a task that was seen before';
    this.known.add(pid);
    return this.say(SPAWN, pid);
  }

  /** The running task has a new program. */
  exec(cpu: number): string | undefined {
    if (this.running[cpu] === IDLE) return 'exec of a task that is not told';
    return this.say(EXEC, 0);
  }

  /** The running task ends; what it frees as it goes is freed by no process. */
  exit(cpu: number): string | undefined {
    const task = this.running[cpu]!;
    if (task === IDLE) return 'end of a task that is not told';
    this.ended.add(task);
    this.running.forEach((pid, other) => {
      if (pid === task) this.running[other] = IDLE;
    });
    return this.say(EXIT, 0);
  }

  private say(kind: number, object: number): undefined {
    this.said++;
    this.events.say(kind, object);
  }

  get count(): number {
    return this.known.size - 1;
  }
}
