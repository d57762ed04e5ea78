/**
 * Flags of kmem_cache_create(). Bit values are those of Linux 6.1 (include/linux/slab.h), so that a captured mask can
 * be used as it is; two more stand for what the kernel is told in other ways.
 */

/** Align objects to cache lines, or to the share of one that they fit into. */
export const SLAB_HWCACHE_ALIGN = 0x2000;
/** Slabs from ZONE_DMA. */
export const SLAB_CACHE_DMA = 0x4000;
/** Slabs from ZONE_DMA32. */
export const SLAB_CACHE_DMA32 = 0x8000;
/** Objects can be reclaimed: slabs come from reclaimable pageblocks. */
export const SLAB_RECLAIM_ACCOUNT = 0x20000;
/** The memory of a freed object stays an object of this type until a grace period is over. */
export const SLAB_TYPESAFE_BY_RCU = 0x80000;
export const SLAB_TRACE = 0x200000;
export const SLAB_NOLEAKTRACE = 0x800000;
/** Never shared with another cache. Its bit from 6.5 on; 6.1 shares no cache that user space may copy from. */
export const SLAB_NO_MERGE = 0x1000000;
/** Objects are accounted to a control group of memory, where the kernel has those (CONFIG_MEMCG_KMEM). */
export const SLAB_ACCOUNT = 0x4000000;
/** Not a bit of the kernel, which is given the function: objects are set up once, when their slab is made. */
export const SLAB_CONSTRUCTOR = 0x40000000;

/** Those that make a difference here. */
export const SLAB_FLAGS =
  SLAB_HWCACHE_ALIGN |
  SLAB_CACHE_DMA |
  SLAB_CACHE_DMA32 |
  SLAB_RECLAIM_ACCOUNT |
  SLAB_TYPESAFE_BY_RCU |
  SLAB_TRACE |
  SLAB_NOLEAKTRACE |
  SLAB_NO_MERGE |
  SLAB_ACCOUNT |
  SLAB_CONSTRUCTOR;
