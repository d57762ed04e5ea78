/** Which task runs on each cpu: every line of a kernel trace tells it. */
import { EVENT_KINDS } from '../../core/event/kinds.js';
import { MAX_CPUS } from './event-stream.js';
const SPAWN = EVENT_KINDS.spawn.code;
const SWITCH = EVENT_KINDS.switch.code;
/** The idle task has no address space: a cpu that runs it runs no process. */
const IDLE = 0;
export class RunningTasks {
    events;
    known = new Set([IDLE]);
    running = new Float64Array(MAX_CPUS).fill(IDLE);
    constructor(events) {
        this.events = events;
    }
    /** The task `pid` runs on this cpu. Threads count as processes of their own, as do those of the kernel. */
    run(cpu, pid) {
        if (this.running[cpu] === pid)
            return;
        this.running[cpu] = pid;
        if (!this.known.has(pid)) {
            this.known.add(pid);
            this.events.imply('task seen for the first time', SPAWN, pid);
        }
        this.events.imply('another task on the cpu', SWITCH, pid);
    }
    get count() {
        return this.known.size - 1;
    }
}
//# sourceMappingURL=kernel-tasks.js.map