/**
 * The discrete-event loop: tasks that wake up at simulated times, cpus that run them, and the events that the
 * tasks emit, cut into batches as they are asked for.
 *
 * A task is a generator function. From one `yield` to the next it runs on a cpu without interruption (a burst);
 * what it yields says when it wants to run again. It gets the cpu that it ran on last when that is idle, else
 * any idle one, else it waits in line (first come, first served, no priorities, no preemption within a burst).
 * Bursts follow each other in the stream in the order in which they start, so a burst sees everything that
 * earlier ones allocated or freed; times are monotone on each cpu, but may overlap between cpus.
 *
 * The engine knows no memory: costs of faults and misses belong to the machine that replays the events.
 * A running workload is not saved: its position is reached again from the seed.
 */
import type { Batch } from '../core/event/batch.ts';
import { IdPool } from './ids.ts';
import { Ledger } from './ledger.ts';
import { Prng } from './prng.ts';
import { Process } from './process.ts';
import { type Body, Cpu, Task } from './task.ts';
export interface EngineSettings {
    readonly seed: number;
    readonly cpus: number;
    readonly batchSize: number;
    /** Events wanted. */
    readonly events: number;
    /** Finish the burst that reaches `events`, then free everything that is alive. */
    readonly drain: boolean;
}
export declare class Engine {
    readonly random: Prng;
    /** @internal */
    readonly ledger: Ledger;
    /** @internal */
    readonly pids: IdPool;
    private readonly settings;
    private readonly sink;
    private readonly queue;
    private readonly cpus;
    /** Tasks that are ready while every cpu is busy. */
    private readonly runnable;
    private readonly processes;
    private files;
    constructor(settings: EngineSettings);
    /** Declares a file that nobody has read yet; before the workload runs. */
    file(lengthBytes: number): number;
    /** Starts a kernel thread or device: it runs in the context of whichever process its cpu happens to run. */
    startKernelTask(body: (self: Task) => Body, delayNs?: number): void;
    /** Starts a process with an empty address space; before the workload runs. */
    startProcess(body: (self: Process) => Body): void;
    /** @internal A process that an event has brought into being runs from `timeNs` on. */
    adopt(process: Process, body: (self: Process) => Body, timeNs: number): void;
    /** @internal */
    scheduleWakeup(task: Task, timeNs: number): void;
    /** @internal Appends an event at the current time of a cpu. */
    emit(cpu: Cpu, kind: number, object: number, a: number, b: number, c: number): void;
    /** Runs the workload; once. */
    run(): Generator<Batch>;
    /** Lets the next thing happen; false when nothing ever will. */
    private step;
    private wake;
    private runNextOn;
    private runBurst;
    /**
     * An idle cpu is not switched to the idle process, as in Linux, which keeps the last address space loaded
     * (lazy TLB mode, arch/x86/mm/tlb.c); but a process that moves on must not be left behind on the old cpu.
     */
    private switchTo;
    /** A process whose body returns exits; a kernel thread just stops. */
    private end;
    /** Every process exits, every kernel object is freed, the page cache is dropped. */
    private freeEverything;
}
