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
import type { Batch } from '../../core/event/batch.ts';
import { IdPool } from '../../core/event/id-pool.ts';
import { EVENT_KINDS } from '../../core/event/kinds.ts';
import { Ledger } from './ledger.ts';
import { Prng } from './prng.ts';
import { Process } from './process.ts';
import { EventQueue } from './queue.ts';
import { EventSink } from './sink.ts';
import { type Body, Cpu, Task, WaitQueue } from './task.ts';

const SPAWN = EVENT_KINDS.spawn.code;
const EXIT = EVENT_KINDS.exit.code;
const SWITCH = EVENT_KINDS.switch.code;
const FILE = EVENT_KINDS.file.code;
const FILE_DROP = EVENT_KINDS.file_drop.code;
const KUNMAP = EVENT_KINDS.kunmap.code;
const CACHE_DESTROY = EVENT_KINDS.kmem_cache_destroy.code;
const DMA_UNMAP = EVENT_KINDS.dma_unmap.code;
const DEVICE_REMOVE = EVENT_KINDS.device_remove.code;

/** The column is 32 bits wide; an idle cpu may have slept longer than 4.29 s, and then this much is recorded. */
const MAX_THINK_NS = 2 ** 32 - 1;

export interface EngineSettings {
  readonly seed: number;
  readonly cpus: number;
  readonly batchSize: number;
  /** Events wanted. */
  readonly events: number;
  /** Finish the burst that reaches `events`, then free everything that is alive. */
  readonly drain: boolean;
}

/** One run of a workload: its tasks, cpus and clock, and the ids that it gave out. */
export class Engine {
  readonly random: Prng;
  /** @internal */
  readonly ledger = new Ledger();
  /** @internal */
  readonly pids = new IdPool();
  private readonly settings: EngineSettings;
  private readonly sink: EventSink;
  private readonly queue = new EventQueue<Task | Cpu>();
  private readonly cpus: readonly Cpu[];
  /** Tasks that are ready while every cpu is busy. */
  private readonly runnable: Task[] = [];
  private readonly processes = new Set<Process>();
  private files = 0;
  private caches = 0;
  private devices = 0;

  constructor(settings: EngineSettings) {
    this.settings = settings;
    this.random = Prng.fromSeed(settings.seed);
    this.sink = new EventSink(
      settings.batchSize,
      settings.drain ? Number.POSITIVE_INFINITY : settings.events,
    );
    this.cpus = Array.from({ length: settings.cpus }, (_, index) => new Cpu(index));
  }

  /** Declares a file that nobody has read yet; before the workload runs. */
  file(lengthBytes: number): number {
    return this.createFile(this.cpus[0]!, lengthBytes);
  }

  /** @internal A file comes into being. */
  createFile(cpu: Cpu, lengthBytes: number): number {
    const file = ++this.files;
    this.emit(cpu, FILE, file, lengthBytes, 0, 0);
    return file;
  }

  get cpuCount(): number {
    return this.cpus.length;
  }

  /**
   * Starts a kernel thread or device: it runs in the context of whichever process its cpu happens to run. With
   * `cpuIndex` it runs on that cpu alone, as the interrupts of a queue of a network card do.
   */
  startKernelTask(body: (self: Task) => Body, delayNs = 0, cpuIndex?: number): void {
    const task = new Task(this, cpuIndex === undefined ? undefined : this.cpus[cpuIndex]);
    task.start(body(task));
    this.queue.push(delayNs, task);
  }

  /** Starts a process with an empty address space; before the workload runs. */
  startProcess(body: (self: Process) => Body): void {
    const process = new Process(this);
    this.emit(this.cpus[0]!, SPAWN, process.pid, 0, 0, 0);
    this.adopt(process, body, 0);
  }

  /** @internal The number of a slab cache that comes into being. */
  addCache(): number {
    return ++this.caches;
  }

  /** @internal The number of a device that comes into being. */
  addDevice(): number {
    return ++this.devices;
  }

  /** @internal A process that an event has brought into being runs from `timeNs` on. */
  adopt(process: Process, body: (self: Process) => Body, timeNs: number): void {
    this.processes.add(process);
    process.start(body(process));
    this.queue.push(timeNs, process);
  }

  /** @internal */
  scheduleWakeup(task: Task, timeNs: number): void {
    this.queue.push(timeNs, task);
  }

  /** @internal Appends an event at the current time of a cpu. */
  emit(cpu: Cpu, kind: number, object: number, a: number, b: number, c: number): void {
    const thinkNs = Math.min(cpu.clockNs - cpu.lastEventNs, MAX_THINK_NS);
    cpu.lastEventNs = cpu.clockNs;
    this.sink.push(kind, cpu.index, thinkNs, object, a, b, c);
  }

  /** Runs the workload; once. */
  *run(): Generator<Batch> {
    const { sink, settings } = this;
    while (sink.count < settings.events && this.step()) {
      if (sink.ready.length > 0) yield* sink.ready.splice(0);
    }
    if (settings.drain) this.freeEverything();
    sink.flush();
    yield* sink.ready;
  }

  /** Lets the next thing happen; false when nothing ever will. */
  private step(): boolean {
    const due = this.queue.pop();
    if (due === undefined) return false;
    const { nowNs } = this.queue;
    if (due instanceof Cpu) this.runNextOn(due, nowNs);
    else this.wake(due, nowNs);
    return true;
  }

  private wake(task: Task, timeNs: number): void {
    const cpu = task.cpu?.idle
      ? task.cpu
      : this.cpus.find((candidate) => candidate.idle && mayRun(task, candidate));
    if (cpu === undefined) this.runnable.push(task);
    else this.runBurst(cpu, task, timeNs);
  }

  private runNextOn(cpu: Cpu, timeNs: number): void {
    const next = this.runnable.findIndex((task) => mayRun(task, cpu));
    if (next < 0) cpu.idle = true;
    else this.runBurst(cpu, this.runnable.splice(next, 1)[0]!, timeNs);
  }

  private runBurst(cpu: Cpu, task: Task, timeNs: number): void {
    cpu.idle = false;
    cpu.clockNs = timeNs;
    if (task instanceof Process) this.switchTo(cpu, task);
    task.cpu = cpu;
    const wait = task.resume();
    if (wait === undefined) this.end(cpu, task);
    this.queue.push(cpu.clockNs, cpu); // before the task: one that yields 0 lets others go first
    if (wait instanceof WaitQueue) wait.add(task);
    else if (wait !== undefined) this.queue.push(cpu.clockNs + wait, task);
  }

  /**
   * An idle cpu is not switched to the idle process, as in Linux, which keeps the last address space loaded
   * (lazy TLB mode, arch/x86/mm/tlb.c); but a process that moves on must not be left behind on the old cpu.
   */
  private switchTo(cpu: Cpu, process: Process): void {
    if (cpu.process === process) return;
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
  private end(cpu: Cpu, task: Task): void {
    if (!(task instanceof Process)) return;
    this.emit(cpu, EXIT, 0, 0, 0, 0);
    cpu.process = undefined;
    this.processes.delete(task);
    task.releaseMappings();
    this.pids.give(task.pid);
  }

  /** Every process exits, every kernel object is unmapped and freed, then caches, devices and the page cache go. */
  private freeEverything(): void {
    const cpu = this.cpus[0]!;
    for (const process of this.processes) {
      this.switchTo(cpu, process);
      this.end(cpu, process);
    }
    for (const { object, page } of this.ledger.kmappedPages()) this.emit(cpu, KUNMAP, object, page, 0, 0);
    for (const [object, device] of this.ledger.dmaMapped) this.emit(cpu, DMA_UNMAP, object, device, 0, 0);
    for (const { object, freedBy } of this.ledger.kernelObjects()) this.emit(cpu, freedBy, object, 0, 0, 0);
    for (let cache = 1; cache <= this.caches; cache++) this.emit(cpu, CACHE_DESTROY, cache, 0, 0, 0);
    for (let device = 1; device <= this.devices; device++) this.emit(cpu, DEVICE_REMOVE, device, 0, 0, 0);
    for (let file = 1; file <= this.files; file++) this.emit(cpu, FILE_DROP, file, 0, 0, 0);
  }
}

function mayRun({ onlyCpu }: Task, cpu: Cpu): boolean {
  return onlyCpu === undefined || onlyCpu === cpu;
}
