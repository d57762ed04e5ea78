/**
 * Reference streams with known checksums. Whatever is given the same stream must count the same hits, walks and
 * faults, so speeds compare across implementations and languages. The generator is xorshift32 (Marsaglia, "Xorshift RNGs",
 * Journal of Statistical Software 8(14), 2003), triple 13, 17, 5.
 */
export declare function xorshift32(seed: number): () => number;
/** UNIFORM: 2^20 pages from 0x400000 on. */
export declare function uniformPages(count: number): Uint32Array;
export declare const UNIFORM_BASE = 4194304;
export declare const UNIFORM_PAGES = 1048576;
/**
 * MIX: what a program with a heap, a stack, a scan and two hostile habits does, in bursts of 1 to 19 references.
 * 35 % of the bursts stay on one page of a hot heap (log-uniform over 65,536 scrambled pages), 30 % on one of four
 * stack pages, 20 % scan 1 GiB at 64 references a page, 10 % are uniform over 4 GiB, 5 % chase pointers over 256 MiB.
 */
export declare function mixedPages(count: number): Uint32Array;
