/**
 * Turns the addresses of a trace without mappings into objects: aligned windows of the address space, each
 * mapped when it is first touched.
 *
 * An address comes as its two 32-bit halves, since 64 bits do not fit in a number; the number of a window does.
 */
import type { BatchBuilder } from '../../core/event/batch.ts';
export declare const WINDOW_BYTES: number;
export declare class AddressWindows {
    private readonly objects;
    private readonly cachedHigh;
    private readonly cachedWindow;
    private readonly cachedObject;
    private lastObject;
    /** The address space is empty again; objects get new numbers. */
    clear(): void;
    /** The object at an address. When it is new, its mmap goes to the builder. */
    objectAt(high: number, low: number, builder: BatchBuilder): number;
    /** The object right behind the one at an address. */
    objectBehind(high: number, low: number, builder: BatchBuilder): number;
    private objectOf;
    private map;
}
/** Offset of an address in its window. */
export declare function windowOffset(low: number): number;
