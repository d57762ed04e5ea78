import type { Engine } from './engine.ts';
import type { Process } from './process.ts';
export declare const PRIVATE_DATA: number;
export declare const SHARED_DATA: number;
export interface Image {
    readonly textBytes: number;
    readonly dataBytes: number;
}
/** Segment sizes from /proc/PID/maps of a bash on Debian 12 (bash 5.2, glibc 2.36, x86-64). */
export declare const IMAGES: {
    readonly bash: {
        readonly textBytes: number;
        readonly dataBytes: number;
    };
    readonly ldso: {
        readonly textBytes: number;
        readonly dataBytes: number;
    };
    readonly libc: {
        readonly textBytes: number;
        readonly dataBytes: number;
    };
    readonly libm: {
        readonly textBytes: number;
        readonly dataBytes: number;
    };
    readonly libz: {
        readonly textBytes: number;
        readonly dataBytes: number;
    };
    /** A python3.11 on the same system: stands for any big server program. */
    readonly python: {
        readonly textBytes: number;
        readonly dataBytes: number;
    };
};
/** [stack] of the same processes. */
export declare const STACK_BYTES: number;
/** glibc asks for its first heap, and for each step of it, with this pad (M_TOP_PAD_DEFAULT of malloc.c). */
export declare const HEAP_STEP_BYTES: number;
/** The objects of a loaded program in a process. */
export interface Loaded {
    readonly text: number;
    readonly textBytes: number;
    readonly stack: number;
    readonly libraryTexts: readonly MappedText[];
}
export interface MappedText {
    readonly object: number;
    readonly bytes: number;
}
/** An executable with its libraries, on disk: each text segment is a file that all processes share. */
export declare class Program {
    private readonly image;
    private readonly textFile;
    private readonly libraries;
    constructor(engine: Engine, image: Image, libraries: readonly Image[]);
    /** Maps it into a process whose address space is empty: after its start, or after exec. */
    load(process: Process): Loaded;
}
