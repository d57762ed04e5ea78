/**
 * Flags of kmem_cache_create(). Bit values are those of Linux 6.1 (include/linux/slab.h), so that a captured mask can
 * be used as it is; two more stand for what the kernel is told in other ways.
 */
/** Align objects to cache lines, or to the share of one that they fit into. */
export declare const SLAB_HWCACHE_ALIGN = 8192;
/** Slabs from ZONE_DMA. */
export declare const SLAB_CACHE_DMA = 16384;
/** Slabs from ZONE_DMA32. */
export declare const SLAB_CACHE_DMA32 = 32768;
/** Objects can be reclaimed: slabs come from reclaimable pageblocks. */
export declare const SLAB_RECLAIM_ACCOUNT = 131072;
/** The memory of a freed object stays an object of this type until a grace period is over. */
export declare const SLAB_TYPESAFE_BY_RCU = 524288;
export declare const SLAB_TRACE = 2097152;
export declare const SLAB_NOLEAKTRACE = 8388608;
/** Never shared with another cache. Its bit from 6.5 on; 6.1 shares no cache that user space may copy from. */
export declare const SLAB_NO_MERGE = 16777216;
/** Not a bit of the kernel, which is given the function: objects are set up once, when their slab is made. */
export declare const SLAB_CONSTRUCTOR = 1073741824;
