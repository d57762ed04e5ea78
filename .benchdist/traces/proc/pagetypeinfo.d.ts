/**
 * /proc/pagetypeinfo: free blocks by zone, migrate type and order, and pageblocks by type (pagetypeinfo_show of
 * mm/vmstat.c). The counts of mixed blocks that CONFIG_PAGE_OWNER adds have the form of the block counts.
 */
import { type ProcPlace } from './text.ts';
export interface PagetypeFree {
    readonly node: number;
    readonly zone: string;
    /** Unmovable, Movable, Reclaimable, HighAtomic, CMA, Isolate. */
    readonly migrateType: string;
    /** By order: free blocks of 2^order pages. */
    readonly freeBlocks: readonly number[];
    /** Orders at which the kernel stopped counting (`>100000`): there are more than `freeBlocks` says. */
    readonly uncounted: readonly number[];
}
export interface PagetypeBlocks {
    readonly node: number;
    readonly zone: string;
    /** By migrate type: pageblocks. */
    readonly blocks: Readonly<Record<string, number>>;
}
export interface Pagetypeinfo {
    readonly pageblockOrder: number;
    readonly pagesPerBlock: number;
    readonly free: readonly PagetypeFree[];
    readonly blocks: readonly PagetypeBlocks[];
    /** Pageblocks that hold pages of other types too; empty unless the kernel tracks page owners. */
    readonly mixedBlocks: readonly PagetypeBlocks[];
}
/** Reads one node's or several nodes' worth; rows of all nodes follow one another. */
export declare function parsePagetypeinfo(text: string, place?: ProcPlace): Pagetypeinfo;
/** For a kernel with one node. */
export declare function formatPagetypeinfo({ pageblockOrder, pagesPerBlock, free, blocks, mixedBlocks, }: Pagetypeinfo): string;
