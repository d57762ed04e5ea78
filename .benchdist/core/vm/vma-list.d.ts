/** The VMAs of an address space, ascending and without overlaps: finding, inserting, cutting and merging them. */
import { type Vma } from './vma.ts';
/** Index of the first VMA that ends above `vpn`; vmas.length when there is none. */
export declare function firstEndingAbove(vmas: readonly Vma[], vpn: number): number;
/** The VMA that contains a page. */
export declare function vmaAt(vmas: readonly Vma[], vpn: number): Vma | undefined;
/** The parts of an object in [start, end), pages of the object; `base` is where its page 0 lies. */
export declare function partsOf(vmas: readonly Vma[], object: number, base: number, start: number, end: number): Vma[];
/** The parts up to the first hole of [start, end), pages of their object. */
export declare function upToHole(parts: readonly Vma[], start: number): Vma[];
/** Adds a VMA at its place, and merges it with neighbours that it continues (vma_merge). */
export declare function insertVma(vmas: Vma[], vma: Vma): void;
/** Takes [start, end), which one VMA contains, out of the list of VMAs. */
export declare function cutVma(vmas: Vma[], start: number, end: number): void;
/** Gives a part of a VMA other attributes: splits it off, and merges it with what it is now like. */
export declare function changePart(vmas: Vma[], part: Vma, changed: Vma): void;
