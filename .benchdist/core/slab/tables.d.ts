/** Fields of a row of `slabs`. Rows are numbered from 1; 0 means none. */
export declare const SLAB: {
    readonly pfn: 0;
    /** Row of `slabCaches` + 1; 0 when the row is free. */
    readonly cache: 1;
    /** Objects that it is cut into: fewer than usual in a slab of the cache's minimum order. */
    readonly objects: 2;
    /** Objects that are not on the slab's own free list: in use, or on the list of the cpu that holds the slab. */
    readonly inUse: 3;
    /** First object of the slab's own free list, which other cpus put objects on; the rest is in `slabLinks`. */
    readonly free: 4;
    /** 1 while some cpu holds it, as its current slab or in its partial list. */
    readonly frozen: 5;
    /** Neighbours in the node's list of partial slabs; `next` also links a cpu's list, and the free rows. */
    readonly next: 6;
    readonly prev: 7;
};
/** Fields of a row of `slabCaches`. */
export declare const CACHE: {
    /** The node's list of partial slabs: first, last, length. */
    readonly partial: 0;
    readonly partialTail: 1;
    readonly nrPartial: 2;
    /** Slabs, and objects in all of them (nr_slabs, total_objects). */
    readonly slabs: 3;
    readonly objects: 4;
    /** Its geometry; see geometry.ts. */
    readonly sizeBytes: 5;
    readonly objectSizeBytes: 6;
    readonly order: 7;
    readonly objectsPerSlab: 8;
    readonly minOrder: 9;
    readonly minObjects: 10;
    readonly minPartial: 11;
    readonly cpuPartialSlabs: 12;
    /** SLAB_ flags. */
    readonly flags: 13;
    /** Cache numbers that stand for it (refcount); 0 when the row is free. */
    readonly users: 14;
    /** The number that it was made for; 0 for a kmalloc cache. */
    readonly number: 15;
    /** How many caches were made before it, plus one: /proc/slabinfo begins with the newest. */
    readonly born: 16;
};
/** Fields of a row of `slabCpus`. */
export declare const SLAB_CPU: {
    /** The slab that this cpu allocates from. */
    readonly slab: 0;
    /** First object of the cpu's own free list of that slab. */
    readonly free: 1;
    /** Behind that list come so many objects that were never given out: the last ones of the slab. */
    readonly fresh: 2;
    /** First slab of the cpu's partial list, and how many there are. */
    readonly partial: 3;
    readonly partialSlabs: 4;
};
/** Row of `slabCpus`: what a cpu holds of a cache. */
export declare function slabCpuRow(cache: number, cpu: number): number;
/** The cache and the cpu of a row of `slabCpus`. */
export declare function ofSlabCpuRow(row: number): {
    cache: number;
    cpu: number;
};
/** A table, or one open for writing. */
interface Readable {
    get(row: number, field: number): number;
}
/** The slab tables of a machine or of a draft. */
export interface SlabTables {
    readonly platform: {
        readonly slabLinkRoom: number;
    };
    readonly slabs: Readable;
    readonly slabLinks: Readable;
    readonly slabCaches: Readable;
    readonly slabCpus: Readable;
    readonly vars: Float64Array;
}
/** Indexes of the objects of a free list that begins with object `first`. */
export declare function freeListOf({ platform, slabLinks }: SlabTables, slab: number, first: number): number[];
/** Free objects of the slab that a cpu allocates from, in the order in which the cpu will give them out. */
export declare function cpuFreeList(tables: SlabTables, row: number): number[];
/** Slabs of a list, by `next`. */
export declare function slabList({ slabs }: SlabTables, first: number): number[];
/** Objects of a cache that somebody has: all of them, less those on free lists. */
export declare function liveObjects(tables: SlabTables, cache: number): number;
export {};
