import type { Batch } from '../core/event/batch.ts';
import { type KindName } from '../core/event/kinds.ts';
import { ADDRESS_NAMES, type Outcomes, type StatusName } from '../core/outcome.ts';
import type { Origin } from './reasons.ts';
/** Kinds that ask for memory or for an address. */
export declare const ALLOCATING_KINDS: readonly ["page_alloc", "kmalloc", "kmem_cache_alloc", "vmalloc", "ioremap", "vmap", "vm_area", "kmap", "kmap_local", "mmap", "brk", "spawn", "fork"];
/** By kind code: its object (or process) exists from here on, if it goes well. */
export declare const CREATES: Uint8Array<ArrayBuffer>;
/** Names what an event is about, whatever its number space. */
export declare function subjectOf(batch: Batch, at: number): number;
export type StatusCounts = {
    [S in StatusName]?: number;
};
/** A failure of a kind and status not seen before. */
export interface NewFailure {
    /** Index in the batch. */
    readonly at: number;
    readonly status: StatusName;
    readonly origin: Origin | undefined;
}
export declare class Tally {
    private events;
    /** Accesses that failed, as the machine counts references: the second parts of cut ones left out. */
    failedReferences: number;
    private readonly counts;
    private readonly addresses;
    /** Where the creation of things that do not exist failed. */
    private readonly origins;
    /** Takes in the next batch; returns the failures that are the first of their sort. */
    add(batch: Batch, outcomes: Outcomes): NewFailure[];
    /** By kind: how many came out with which status. */
    byKind(kinds: readonly KindName[]): {
        [K in KindName]?: StatusCounts;
    };
    /** By type of address: how many were given. */
    addressTypes(): {
        [N in (typeof ADDRESS_NAMES)[number]]: number;
    };
    private statusCounts;
    private addOne;
}
