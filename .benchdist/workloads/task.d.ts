import type { Engine } from './engine.ts';
import type { Prng } from './prng.ts';
import type { Process } from './process.ts';
/** Bytes of an ordinary access: one 64-bit load or store. */
export declare const WORD = 8;
/** Distance of touches that visit every page: the smallest page of any layout in common use. */
export declare const TOUCH_STRIDE = 4096;
/** Nanoseconds to sleep (0: let others run first), or a queue to wait on until somebody wakes one. */
export type Wait = number | WaitQueue;
/** The life of a task. What stands between two yields happens in one go on one cpu. */
export type Body = Generator<Wait, void, void>;
export declare class Cpu {
    readonly index: number;
    /** The time up to which it has been simulated. */
    clockNs: number;
    lastEventNs: number;
    idle: boolean;
    /** The process whose address space is loaded; undefined = pid 0. */
    process: Process | undefined;
    constructor(index: number);
}
/** Tasks asleep until an event happens, first come first served. Like the kernel's: look again once awake. */
export declare class WaitQueue {
    private readonly sleepers;
    /** @internal */
    add(task: Task): void;
    /** Wakes the task that has waited longest, if any. */
    wakeOne(waker: Task): void;
}
/** A kernel thread or device: it can do all that the kernel does, in the context of any process. */
export declare class Task {
    /** @internal The cpu it runs on, or ran on last. */
    cpu: Cpu | undefined;
    protected readonly engine: Engine;
    private body;
    constructor(engine: Engine);
    /** @internal */
    start(body: Body): void;
    /** @internal Runs one burst; undefined at the end of the body. */
    resume(): Wait | undefined;
    /** @internal */
    wakeAt(timeNs: number): void;
    get random(): Prng;
    get nowNs(): number;
    /** Computes for a while without touching memory that the workload knows of. */
    think(ns: number): void;
    /** Offset of a word, uniformly chosen in so many bytes. */
    anyWord(bytes: number): number;
    fileRead(file: number, offset: number, length: number): void;
    fileDrop(file: number): void;
    pageAlloc(order: number, gfp: number): number;
    pageFree(object: number): void;
    kmalloc(sizeBytes: number, gfp: number): number;
    kfree(object: number): void;
    vmalloc(sizeBytes: number): number;
    vfree(object: number): void;
    ioremap(sizeBytes: number, pfn: number): number;
    iounmap(object: number): void;
    kmap(object: number, page: number): void;
    kunmap(object: number, page: number): void;
    kernelRead(object: number, offset: number, size?: number): void;
    kernelWrite(object: number, offset: number, size?: number): void;
    protected emit(kind: number, object: number, a?: number, b?: number, c?: number): void;
    private allocate;
    private free;
}
