/**
 * Digests: two machines in the same state have the same one, however they came there.
 *
 * 64 bits as two 32-bit lanes of an FNV-1a-like mix. Rows and cells that are zero do not count (a leaf that was
 * written back to zeros equals one that was never written), so every cell is mixed with its place.
 */
import type { Machine } from './machine.ts';
/** Sums up (place, value) pairs; their order does not matter. */
export declare class Digest {
    private low;
    private high;
    add(place: number, value: number): void;
    addText(place: number, text: string): void;
    /** Two digests of disjoint parts make that of the whole. */
    merge(other: Digest): void;
    toString(): string;
}
/** The state of a machine: everything that a later event could make a difference of. */
export declare function stateDigest(machine: Machine): string;
