import type { EventStream } from './event-stream.ts';
import type { ObjectNumbers } from './object-numbers.ts';
/** A slab cache as an event names it. */
export interface NamedCache {
    /** The number that events call it by: 1, 2, 3, ... in order of appearance. */
    readonly cache: number;
    readonly name: string;
    /** Bytes of an object, and their alignment: 0 when the size alone gives it. */
    readonly size: number;
    readonly align: number;
}
interface SlabRecord {
    readonly ptr: number;
    readonly bytesReq: number;
    readonly bytesAlloc: number;
    readonly gfp: number;
}
interface CacheRecord extends SlabRecord {
    readonly cache: string;
}
export declare class SlabObjects {
    readonly caches: NamedCache[];
    private readonly events;
    private readonly numbers;
    /** Live objects by pointer. */
    private readonly live;
    /** By object: the event that frees it. */
    private readonly freeKinds;
    private readonly cachesByName;
    constructor(events: EventStream, numbers: ObjectNumbers);
    kmalloc({ ptr, bytesReq, gfp }: SlabRecord): undefined;
    cacheAlloc(record: CacheRecord): undefined;
    /** By kfree() or kmem_cache_free(): each may free objects of the other's. Says which it was. */
    free(ptr: number): 'kmalloc' | 'kmem_cache' | undefined;
    private newObject;
    private cacheOf;
    private newCache;
}
/** Size and alignment that make a cache whose objects of `bytesReq` bytes take `bytesAlloc`. */
export declare function geometryOf(bytesReq: number, bytesAlloc: number): {
    size: number;
    align: number;
};
export {};
