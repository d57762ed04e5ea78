/**
 * The direct map as the kernel has it once it is up: which frames are mapped, with pages of which size, and which
 * are read-only or executable.
 *
 * Sources, all v6.1: arch/x86/mm/init.c (init_mem_mapping, split_mem_range: RAM only, plus the first MiB, each piece
 * with the largest page that fits), init_32.c (mark_rodata_ro),
 * init_64.c (mark_rodata_ro), arch/x86/mm/pat/set_memory.c (a large page part of which gets other rights is split),
 * realmode/init.c, kernel/idt.c. The books know of none of this: their direct map is one range of writable memory.
 */
import type { Layout } from './layout.ts';
import { type PfnRange } from './page-frames.ts';
/** Frames [startPfn, endPfn), mapped alike by pages of `pageFrames` frames each. */
export interface DirectMapPiece {
    readonly startPfn: number;
    readonly endPfn: number;
    readonly pageFrames: number;
    readonly writable: boolean;
    readonly executable: boolean;
}
/** Frames that one page size maps. */
export interface PageRun extends PfnRange {
    readonly pageFrames: number;
}
/** The direct map, ascending. */
export declare function directMap(layout: Layout): DirectMapPiece[];
/** The kernel image as it is mapped on 64 bits a second time, where it runs (cleanup_highmap, mark_rodata_ro). */
export declare function imageMap(layout: Layout): DirectMapPiece[];
/** Frames of the pages that entries of this layout can map, largest first. */
export declare function pageSizes({ translation }: Layout): number[];
/** The first MiB is mapped whatever lies there (ISA_END_ADDRESS). */
export declare const ISA_END_PFN: number;
/** Before any page was split. */
export declare function mappedAtBoot(layout: Layout): PageRun[];
/** A range in the largest pages that fit and are aligned. */
export declare function largestPages(range: PfnRange, [size, ...smaller]: readonly number[]): PageRun[];
