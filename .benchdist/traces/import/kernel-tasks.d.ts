import { type EventStream } from './event-stream.ts';
export declare class RunningTasks {
    private readonly events;
    private readonly known;
    private readonly running;
    constructor(events: EventStream);
    /** The task `pid` runs on this cpu. Threads count as processes of their own, as do those of the kernel. */
    run(cpu: number, pid: number): void;
    get count(): number;
}
