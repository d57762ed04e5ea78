/** kmem_cache_create, alloc, free and destroy: slabs of objects of one kind, shared by caches that are alike. */
import type { Handler } from '../fold-event.ts';
export declare const kmemCacheCreate: Handler;
export declare const kmemCacheAlloc: Handler;
export declare const kmemCacheFree: Handler;
/** The slabs go with the last cache that shares them, and only when no object is left. */
export declare const kmemCacheDestroy: Handler;
