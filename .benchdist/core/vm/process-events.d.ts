import type { Handler } from '../fold-event.ts';
export declare const spawn: Handler;
export declare const fork: Handler;
export declare const clone: Handler;
/** The program changes; the process, and the cpu it runs on, stay. Who shared its address space keeps that. */
export declare const exec: Handler;
export declare const exit: Handler;
/** To a process, or to none (pid 0). The kernel half of the address space is the same for all. */
export declare const switchTo: Handler;
