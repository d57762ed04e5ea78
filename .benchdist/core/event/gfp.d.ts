/**
 * gfp flags ("get free pages"): which zone, and how hard to try. Bit values are those of Linux 6.1
 * (include/linux/gfp_types.h), so that a captured mask can be used as it is.
 */
export declare const __GFP_DMA = 1;
export declare const __GFP_HIGHMEM = 2;
export declare const __GFP_DMA32 = 4;
export declare const __GFP_MOVABLE = 8;
export declare const __GFP_RECLAIMABLE = 16;
export declare const __GFP_HIGH = 32;
export declare const __GFP_IO = 64;
export declare const __GFP_FS = 128;
export declare const __GFP_ZERO = 256;
export declare const __GFP_ATOMIC = 512;
export declare const __GFP_DIRECT_RECLAIM = 1024;
export declare const __GFP_KSWAPD_RECLAIM = 2048;
export declare const __GFP_WRITE = 4096;
export declare const __GFP_NOWARN = 8192;
export declare const __GFP_RETRY_MAYFAIL = 16384;
export declare const __GFP_NOFAIL = 32768;
export declare const __GFP_NORETRY = 65536;
export declare const __GFP_MEMALLOC = 131072;
export declare const __GFP_COMP = 262144;
export declare const __GFP_NOMEMALLOC = 524288;
export declare const __GFP_HARDWALL = 1048576;
export declare const __GFP_THISNODE = 2097152;
export declare const __GFP_ACCOUNT = 4194304;
export declare const __GFP_ZEROTAGS = 8388608;
/** The last four only exist in kernels built with CONFIG_KASAN_HW_TAGS or CONFIG_LOCKDEP; in others they are 0. */
export declare const __GFP_SKIP_ZERO = 16777216;
export declare const __GFP_SKIP_KASAN_UNPOISON = 33554432;
export declare const __GFP_SKIP_KASAN_POISON = 67108864;
export declare const __GFP_NOLOCKDEP = 134217728;
export declare const GFP_ATOMIC: number;
export declare const GFP_KERNEL: number;
export declare const GFP_USER: number;
export declare const GFP_HIGHUSER: number;
export declare const GFP_HIGHUSER_MOVABLE: number;
export declare const GFP_DMA: number;
export declare const GFP_DMA32: number;
