/**
 * What a workload's description is written with: kernel threads and devices (Task), processes (Process), and
 * queues to wait on. Each method is one event, at the current time of the cpu that the task runs on.
 */
import { EXECUTE, KERNEL_MODE, READ, WRITE } from '../core/event/access-mode.ts';
import { EVENT_KINDS } from '../core/event/kinds.ts';
import type { Engine } from './engine.ts';
import type { Prng } from './prng.ts';

const {
  fork: { code: FORK },
  exec: { code: EXEC },
  mmap: { code: MMAP },
  munmap: { code: MUNMAP },
  brk: { code: BRK },
  file_read: { code: FILE_READ },
  file_drop: { code: FILE_DROP },
  page_alloc: { code: PAGE_ALLOC },
  page_free: { code: PAGE_FREE },
  kmalloc: { code: KMALLOC },
  kfree: { code: KFREE },
  vmalloc: { code: VMALLOC },
  vfree: { code: VFREE },
  kmap: { code: KMAP },
  kunmap: { code: KUNMAP },
  ioremap: { code: IOREMAP },
  iounmap: { code: IOUNMAP },
  access: { code: ACCESS },
} = EVENT_KINDS;

/** Bytes of an ordinary access: one 64-bit load or store. */
export const WORD = 8;
/** Distance of touches that visit every page: the smallest page of any layout in common use. */
export const TOUCH_STRIDE = 4096;

/** Nanoseconds to sleep (0: let others run first), or a queue to wait on until somebody wakes one. */
export type Wait = number | WaitQueue;

/** The life of a task. What stands between two yields happens in one go on one cpu. */
export type Body = Generator<Wait, void, void>;

export class Cpu {
  readonly index: number;
  /** The time up to which it has been simulated. */
  clockNs = 0;
  lastEventNs = 0;
  idle = true;
  /** The process whose address space is loaded; undefined = pid 0. */
  process: Process | undefined = undefined;

  constructor(index: number) {
    this.index = index;
  }
}

/** Tasks asleep until an event happens, first come first served. Like the kernel's: look again once awake. */
export class WaitQueue {
  private readonly sleepers: Task[] = [];

  /** @internal */
  add(task: Task): void {
    this.sleepers.push(task);
  }

  /** Wakes the task that has waited longest, if any. */
  wakeOne(waker: Task): void {
    this.sleepers.shift()?.wakeAt(waker.nowNs);
  }
}

/** A kernel thread or device: it can do all that the kernel does, in the context of any process. */
export class Task {
  /** @internal The cpu it runs on, or ran on last. */
  cpu: Cpu | undefined = undefined;
  protected readonly engine: Engine;
  private body: Body | undefined = undefined;

  constructor(engine: Engine) {
    this.engine = engine;
  }

  /** @internal */
  start(body: Body): void {
    this.body = body;
  }

  /** @internal Runs one burst; undefined at the end of the body. */
  resume(): Wait | undefined {
    const { done, value } = this.body!.next();
    return done ? undefined : value!;
  }

  /** @internal */
  wakeAt(timeNs: number): void {
    this.engine.scheduleWakeup(this, timeNs);
  }

  get random(): Prng {
    return this.engine.random;
  }

  get nowNs(): number {
    return this.cpu!.clockNs;
  }

  /** Computes for a while without touching memory that the workload knows of. */
  think(ns: number): void {
    this.cpu!.clockNs += ns;
  }

  fileRead(file: number, offset: number, length: number): void {
    this.emit(FILE_READ, file, offset, length);
  }

  fileDrop(file: number): void {
    this.emit(FILE_DROP, file);
  }

  pageAlloc(order: number, gfp: number): number {
    return this.allocate(PAGE_ALLOC, PAGE_FREE, order, gfp);
  }

  pageFree(object: number): void {
    this.free(PAGE_FREE, object);
  }

  kmalloc(sizeBytes: number, gfp: number): number {
    return this.allocate(KMALLOC, KFREE, sizeBytes, gfp);
  }

  kfree(object: number): void {
    this.free(KFREE, object);
  }

  vmalloc(sizeBytes: number): number {
    return this.allocate(VMALLOC, VFREE, sizeBytes);
  }

  vfree(object: number): void {
    this.free(VFREE, object);
  }

  ioremap(sizeBytes: number, pfn: number): number {
    return this.allocate(IOREMAP, IOUNMAP, sizeBytes, pfn);
  }

  iounmap(object: number): void {
    this.free(IOUNMAP, object);
  }

  kmap(object: number, page: number): void {
    this.engine.ledger.addKmap(object, page);
    this.emit(KMAP, object, page);
  }

  kunmap(object: number, page: number): void {
    this.engine.ledger.removeKmap(object, page);
    this.emit(KUNMAP, object, page);
  }

  kernelRead(object: number, offset: number, size = WORD): void {
    this.emit(ACCESS, object, offset, size, READ | KERNEL_MODE);
  }

  kernelWrite(object: number, offset: number, size = WORD): void {
    this.emit(ACCESS, object, offset, size, WRITE | KERNEL_MODE);
  }

  protected emit(kind: number, object: number, a = 0, b = 0, c = 0): void {
    this.engine.emit(this.cpu!, kind, object, a, b, c);
  }

  private allocate(kind: number, freedBy: number, a: number, b = 0): number {
    const object = this.engine.ledger.addKernelObject(freedBy);
    this.emit(kind, object, a, b);
    return object;
  }

  private free(kind: number, object: number): void {
    this.emit(kind, object);
    this.engine.ledger.removeKernelObject(object);
  }
}

/** A process with one thread. Its system calls are kernel work in its own context, so it can do what a Task does. */
export class Process extends Task {
  readonly pid: number;
  /** Objects in its address space. */
  private readonly mapped: Set<number>;
  private heapObject: number;
  /** Length of the heap; 0 before the first brk. */
  heapBytes: number;

  /** With a parent: its forked child. */
  constructor(engine: Engine, parent?: Process) {
    super(engine);
    this.pid = engine.pids.take();
    this.mapped = new Set(parent?.mapped);
    this.heapObject = parent?.heapObject ?? 0;
    this.heapBytes = parent?.heapBytes ?? 0;
    for (const object of this.mapped) engine.ledger.share(object);
  }

  /** The object number of its heap; a child's heap keeps the number of its parent's. */
  get heap(): number {
    return this.heapObject;
  }

  fork(body: (child: Process) => Body): void {
    const child = new Process(this.engine, this);
    this.emit(FORK, child.pid);
    this.engine.adopt(child, body, this.nowNs);
  }

  /** Its address space becomes empty; load a program next. */
  exec(): void {
    this.emit(EXEC, 0);
    this.releaseMappings();
  }

  mmap(lengthBytes: number, flags: number, file = 0): number {
    const object = this.engine.ledger.addMapped();
    this.mapped.add(object);
    this.emit(MMAP, object, lengthBytes, flags, file);
    return object;
  }

  /** Unmaps all of it. */
  munmap(object: number): void {
    this.emit(MUNMAP, object);
    this.mapped.delete(object);
    this.engine.ledger.unmap(object);
  }

  /** Makes the heap this long (at least a byte). */
  brk(lengthBytes: number): void {
    if (this.heapObject === 0) {
      this.heapObject = this.engine.ledger.addMapped();
      this.mapped.add(this.heapObject);
    }
    this.heapBytes = lengthBytes;
    this.emit(BRK, this.heapObject, lengthBytes);
  }

  read(object: number, offset: number, size = WORD): void {
    this.emit(ACCESS, object, offset, size, READ);
  }

  write(object: number, offset: number, size = WORD): void {
    this.emit(ACCESS, object, offset, size, WRITE);
  }

  /** Fetches an instruction. */
  execute(object: number, offset: number): void {
    this.emit(ACCESS, object, offset, WORD, EXECUTE);
  }

  /** Writes a word in every page of [from, to). */
  touchPages(object: number, from: number, to: number): void {
    for (let offset = from; offset + WORD <= to; offset += TOUCH_STRIDE) this.write(object, offset);
  }

  /** @internal */
  releaseMappings(): void {
    for (const object of this.mapped) this.engine.ledger.unmap(object);
    this.mapped.clear();
    this.heapObject = 0;
    this.heapBytes = 0;
  }
}
