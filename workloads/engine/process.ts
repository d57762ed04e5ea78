/** Processes: what user space can do, one method an event. */
import { EXECUTE, MODIFY, READ, WRITE } from '../../core/event/access-mode.ts';
import { EVENT_KINDS } from '../../core/event/kinds.ts';
import type { Engine } from './engine.ts';
import { type Body, Task, TOUCH_STRIDE, WORD } from './task.ts';

const {
  fork: { code: FORK },
  exec: { code: EXEC },
  mmap: { code: MMAP },
  munmap: { code: MUNMAP },
  brk: { code: BRK },
  access: { code: ACCESS },
} = EVENT_KINDS;

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

  /** A load and a store by one instruction, as lock xadd. */
  modify(object: number, offset: number, size = WORD): void {
    this.emit(ACCESS, object, offset, size, MODIFY);
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
