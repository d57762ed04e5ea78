import { EVENT_KINDS } from '../core/event/kinds.js';
import { IdPool } from './ids.js';
import { Ledger } from './ledger.js';
import { Prng } from './prng.js';
import { Process } from './process.js';
import { EventQueue } from './queue.js';
import { EventSink } from './sink.js';
import { Cpu, Task, WaitQueue } from './task.js';
const SPAWN = EVENT_KINDS.spawn.code;
const EXIT = EVENT_KINDS.exit.code;
const SWITCH = EVENT_KINDS.switch.code;
const FILE = EVENT_KINDS.file.code;
const FILE_DROP = EVENT_KINDS.file_drop.code;
const KUNMAP = EVENT_KINDS.kunmap.code;
/** The column is 32 bits wide; an idle cpu may have slept longer than 4.29 s, and then this much is recorded. */
const MAX_THINK_NS = 2 ** 32 - 1;
export class Engine {
    random;
    /** @internal */
    ledger = new Ledger();
    /** @internal */
    pids = new IdPool();
    settings;
    sink;
    queue = new EventQueue();
    cpus;
    /** Tasks that are ready while every cpu is busy. */
    runnable = [];
    processes = new Set();
    files = 0;
    constructor(settings) {
        this.settings = settings;
        this.random = Prng.fromSeed(settings.seed);
        this.sink = new EventSink(settings.batchSize, settings.drain ? Number.POSITIVE_INFINITY : settings.events);
        this.cpus = Array.from({ length: settings.cpus }, (_, index) => new Cpu(index));
    }
    /** Declares a file that nobody has read yet; before the workload runs. */
    file(lengthBytes) {
        const file = ++this.files;
        this.emit(this.cpus[0], FILE, file, lengthBytes, 0, 0);
        return file;
    }
    /** Starts a kernel thread or device: it runs in the context of whichever process its cpu happens to run. */
    startKernelTask(body, delayNs = 0) {
        const task = new Task(this);
        task.start(body(task));
        this.queue.push(delayNs, task);
    }
    /** Starts a process with an empty address space; before the workload runs. */
    startProcess(body) {
        const process = new Process(this);
        this.emit(this.cpus[0], SPAWN, process.pid, 0, 0, 0);
        this.adopt(process, body, 0);
    }
    /** @internal A process that an event has brought into being runs from `timeNs` on. */
    adopt(process, body, timeNs) {
        this.processes.add(process);
        process.start(body(process));
        this.queue.push(timeNs, process);
    }
    /** @internal */
    scheduleWakeup(task, timeNs) {
        this.queue.push(timeNs, task);
    }
    /** @internal Appends an event at the current time of a cpu. */
    emit(cpu, kind, object, a, b, c) {
        const thinkNs = Math.min(cpu.clockNs - cpu.lastEventNs, MAX_THINK_NS);
        cpu.lastEventNs = cpu.clockNs;
        this.sink.push(kind, cpu.index, thinkNs, object, a, b, c);
    }
    /** Runs the workload; once. */
    *run() {
        const { sink, settings } = this;
        while (sink.count < settings.events && this.step()) {
            if (sink.ready.length > 0)
                yield* sink.ready.splice(0);
        }
        if (settings.drain)
            this.freeEverything();
        sink.flush();
        yield* sink.ready;
    }
    /** Lets the next thing happen; false when nothing ever will. */
    step() {
        const due = this.queue.pop();
        if (due === undefined)
            return false;
        if (due.item instanceof Cpu)
            this.runNextOn(due.item, due.timeNs);
        else
            this.wake(due.item, due.timeNs);
        return true;
    }
    wake(task, timeNs) {
        const cpu = task.cpu?.idle ? task.cpu : this.cpus.find((candidate) => candidate.idle);
        if (cpu === undefined)
            this.runnable.push(task);
        else
            this.runBurst(cpu, task, timeNs);
    }
    runNextOn(cpu, timeNs) {
        const task = this.runnable.shift();
        if (task === undefined)
            cpu.idle = true;
        else
            this.runBurst(cpu, task, timeNs);
    }
    runBurst(cpu, task, timeNs) {
        cpu.idle = false;
        cpu.clockNs = timeNs;
        if (task instanceof Process)
            this.switchTo(cpu, task);
        task.cpu = cpu;
        const wait = task.resume();
        if (wait === undefined)
            this.end(cpu, task);
        this.queue.push(cpu.clockNs, cpu); // before the task: one that yields 0 lets others go first
        if (wait instanceof WaitQueue)
            wait.add(task);
        else if (wait !== undefined)
            this.queue.push(cpu.clockNs + wait, task);
    }
    /**
     * An idle cpu is not switched to the idle process, as in Linux, which keeps the last address space loaded
     * (lazy TLB mode, arch/x86/mm/tlb.c); but a process that moves on must not be left behind on the old cpu.
     */
    switchTo(cpu, process) {
        if (cpu.process === process)
            return;
        const previous = process.cpu;
        if (previous !== undefined && previous.process === process) {
            previous.clockNs = Math.max(previous.clockNs, cpu.clockNs);
            previous.process = undefined;
            this.emit(previous, SWITCH, 0, 0, 0, 0);
        }
        cpu.process = process;
        this.emit(cpu, SWITCH, process.pid, 0, 0, 0);
    }
    /** A process whose body returns exits; a kernel thread just stops. */
    end(cpu, task) {
        if (!(task instanceof Process))
            return;
        this.emit(cpu, EXIT, 0, 0, 0, 0);
        cpu.process = undefined;
        this.processes.delete(task);
        task.releaseMappings();
        this.pids.give(task.pid);
    }
    /** Every process exits, every kernel object is freed, the page cache is dropped. */
    freeEverything() {
        const cpu = this.cpus[0];
        for (const process of this.processes) {
            this.switchTo(cpu, process);
            this.end(cpu, process);
        }
        for (const { object, page } of this.ledger.kmappedPages())
            this.emit(cpu, KUNMAP, object, page, 0, 0);
        for (const { object, freedBy } of this.ledger.kernelObjects())
            this.emit(cpu, freedBy, object, 0, 0, 0);
        for (let file = 1; file <= this.files; file++)
            this.emit(cpu, FILE_DROP, file, 0, 0, 0);
    }
}
//# sourceMappingURL=engine.js.map