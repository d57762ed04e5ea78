/**
 * What a workload's description is written with: kernel threads and devices (Task), queues to wait on, and
 * processes (process.ts). A method that touches or allocates memory is one event, at the current time of the cpu
 * that the task runs on.
 */
import { KERNEL_MODE, READ, WRITE } from '../core/event/access-mode.js';
import { EVENT_KINDS } from '../core/event/kinds.js';
const { file_read: { code: FILE_READ }, file_drop: { code: FILE_DROP }, page_alloc: { code: PAGE_ALLOC }, page_free: { code: PAGE_FREE }, kmalloc: { code: KMALLOC }, kfree: { code: KFREE }, vmalloc: { code: VMALLOC }, vfree: { code: VFREE }, kmap: { code: KMAP }, kunmap: { code: KUNMAP }, ioremap: { code: IOREMAP }, iounmap: { code: IOUNMAP }, access: { code: ACCESS }, } = EVENT_KINDS;
/** Bytes of an ordinary access: one 64-bit load or store. */
export const WORD = 8;
/** Distance of touches that visit every page: the smallest page of any layout in common use. */
export const TOUCH_STRIDE = 4096;
export class Cpu {
    index;
    /** The time up to which it has been simulated. */
    clockNs = 0;
    lastEventNs = 0;
    idle = true;
    /** The process whose address space is loaded; undefined = pid 0. */
    process = undefined;
    constructor(index) {
        this.index = index;
    }
}
/** Tasks asleep until an event happens, first come first served. Like the kernel's: look again once awake. */
export class WaitQueue {
    sleepers = [];
    /** @internal */
    add(task) {
        this.sleepers.push(task);
    }
    /** Wakes the task that has waited longest, if any. */
    wakeOne(waker) {
        this.sleepers.shift()?.wakeAt(waker.nowNs);
    }
}
/** A kernel thread or device: it can do all that the kernel does, in the context of any process. */
export class Task {
    /** @internal The cpu it runs on, or ran on last. */
    cpu = undefined;
    engine;
    body = undefined;
    constructor(engine) {
        this.engine = engine;
    }
    /** @internal */
    start(body) {
        this.body = body;
    }
    /** @internal Runs one burst; undefined at the end of the body. */
    resume() {
        const { done, value } = this.body.next();
        return done ? undefined : value;
    }
    /** @internal */
    wakeAt(timeNs) {
        this.engine.scheduleWakeup(this, timeNs);
    }
    get random() {
        return this.engine.random;
    }
    get nowNs() {
        return this.cpu.clockNs;
    }
    /** Computes for a while without touching memory that the workload knows of. */
    think(ns) {
        this.cpu.clockNs += ns;
    }
    /** Offset of a word, uniformly chosen in so many bytes. */
    anyWord(bytes) {
        return this.random.below(Math.floor(bytes / WORD)) * WORD;
    }
    fileRead(file, offset, length) {
        this.emit(FILE_READ, file, offset, length);
    }
    fileDrop(file) {
        this.emit(FILE_DROP, file);
    }
    pageAlloc(order, gfp) {
        return this.allocate(PAGE_ALLOC, PAGE_FREE, order, gfp);
    }
    pageFree(object) {
        this.free(PAGE_FREE, object);
    }
    kmalloc(sizeBytes, gfp) {
        return this.allocate(KMALLOC, KFREE, sizeBytes, gfp);
    }
    kfree(object) {
        this.free(KFREE, object);
    }
    vmalloc(sizeBytes) {
        return this.allocate(VMALLOC, VFREE, sizeBytes);
    }
    vfree(object) {
        this.free(VFREE, object);
    }
    ioremap(sizeBytes, pfn) {
        return this.allocate(IOREMAP, IOUNMAP, sizeBytes, pfn);
    }
    iounmap(object) {
        this.free(IOUNMAP, object);
    }
    kmap(object, page) {
        this.engine.ledger.addKmap(object, page);
        this.emit(KMAP, object, page);
    }
    kunmap(object, page) {
        this.engine.ledger.removeKmap(object, page);
        this.emit(KUNMAP, object, page);
    }
    kernelRead(object, offset, size = WORD) {
        this.emit(ACCESS, object, offset, size, READ | KERNEL_MODE);
    }
    kernelWrite(object, offset, size = WORD) {
        this.emit(ACCESS, object, offset, size, WRITE | KERNEL_MODE);
    }
    emit(kind, object, a = 0, b = 0, c = 0) {
        this.engine.emit(this.cpu, kind, object, a, b, c);
    }
    allocate(kind, freedBy, a, b = 0) {
        const object = this.engine.ledger.addKernelObject(freedBy);
        this.emit(kind, object, a, b);
        return object;
    }
    free(kind, object) {
        this.emit(kind, object);
        this.engine.ledger.removeKernelObject(object);
    }
}
//# sourceMappingURL=task.js.map