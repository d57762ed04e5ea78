import type { Engine } from './engine.ts';
import { type Body, Task } from './task.ts';
/** A process with one thread. Its system calls are kernel work in its own context, so it can do what a Task does. */
export declare class Process extends Task {
    readonly pid: number;
    /** Objects in its address space. */
    private readonly mapped;
    private heapObject;
    /** Length of the heap; 0 before the first brk. */
    heapBytes: number;
    /** With a parent: its forked child. */
    constructor(engine: Engine, parent?: Process);
    /** The object number of its heap; a child's heap keeps the number of its parent's. */
    get heap(): number;
    fork(body: (child: Process) => Body): void;
    /** Its address space becomes empty; load a program next. */
    exec(): void;
    mmap(lengthBytes: number, flags: number, file?: number): number;
    /** Unmaps all of it. */
    munmap(object: number): void;
    /** Makes the heap this long (at least a byte). */
    brk(lengthBytes: number): void;
    read(object: number, offset: number, size?: number): void;
    write(object: number, offset: number, size?: number): void;
    /** A load and a store by one instruction, as lock xadd. */
    modify(object: number, offset: number, size?: number): void;
    /** Fetches an instruction. */
    execute(object: number, offset: number): void;
    /** Writes a word in every page of [from, to). */
    touchPages(object: number, from: number, to: number): void;
    /** @internal */
    releaseMappings(): void;
}
