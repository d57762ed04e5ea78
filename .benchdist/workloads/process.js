/** Processes: what user space can do, one method an event. */
import { EXECUTE, MODIFY, READ, WRITE } from '../core/event/access-mode.js';
import { EVENT_KINDS } from '../core/event/kinds.js';
import { Task, TOUCH_STRIDE, WORD } from './task.js';
const { fork: { code: FORK }, exec: { code: EXEC }, mmap: { code: MMAP }, munmap: { code: MUNMAP }, brk: { code: BRK }, access: { code: ACCESS }, } = EVENT_KINDS;
/** A process with one thread. Its system calls are kernel work in its own context, so it can do what a Task does. */
export class Process extends Task {
    pid;
    /** Objects in its address space. */
    mapped;
    heapObject;
    /** Length of the heap; 0 before the first brk. */
    heapBytes;
    /** With a parent: its forked child. */
    constructor(engine, parent) {
        super(engine);
        this.pid = engine.pids.take();
        this.mapped = new Set(parent?.mapped);
        this.heapObject = parent?.heapObject ?? 0;
        this.heapBytes = parent?.heapBytes ?? 0;
        for (const object of this.mapped)
            engine.ledger.share(object);
    }
    /** The object number of its heap; a child's heap keeps the number of its parent's. */
    get heap() {
        return this.heapObject;
    }
    fork(body) {
        const child = new Process(this.engine, this);
        this.emit(FORK, child.pid);
        this.engine.adopt(child, body, this.nowNs);
    }
    /** Its address space becomes empty; load a program next. */
    exec() {
        this.emit(EXEC, 0);
        this.releaseMappings();
    }
    mmap(lengthBytes, flags, file = 0) {
        const object = this.engine.ledger.addMapped();
        this.mapped.add(object);
        this.emit(MMAP, object, lengthBytes, flags, file);
        return object;
    }
    /** Unmaps all of it. */
    munmap(object) {
        this.emit(MUNMAP, object);
        this.mapped.delete(object);
        this.engine.ledger.unmap(object);
    }
    /** Makes the heap this long (at least a byte). */
    brk(lengthBytes) {
        if (this.heapObject === 0) {
            this.heapObject = this.engine.ledger.addMapped();
            this.mapped.add(this.heapObject);
        }
        this.heapBytes = lengthBytes;
        this.emit(BRK, this.heapObject, lengthBytes);
    }
    read(object, offset, size = WORD) {
        this.emit(ACCESS, object, offset, size, READ);
    }
    write(object, offset, size = WORD) {
        this.emit(ACCESS, object, offset, size, WRITE);
    }
    /** A load and a store by one instruction, as lock xadd. */
    modify(object, offset, size = WORD) {
        this.emit(ACCESS, object, offset, size, MODIFY);
    }
    /** Fetches an instruction. */
    execute(object, offset) {
        this.emit(ACCESS, object, offset, WORD, EXECUTE);
    }
    /** Writes a word in every page of [from, to). */
    touchPages(object, from, to) {
        for (let offset = from; offset + WORD <= to; offset += TOUCH_STRIDE)
            this.write(object, offset);
    }
    /** @internal */
    releaseMappings() {
        for (const object of this.mapped)
            this.engine.ledger.unmap(object);
        this.mapped.clear();
        this.heapObject = 0;
        this.heapBytes = 0;
    }
}
//# sourceMappingURL=process.js.map