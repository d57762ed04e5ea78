/** Sizes, and the step between addresses (bigint) and page frame numbers (number), of 4 KiB unless said otherwise. */
export declare const KIB: bigint;
export declare const MIB: bigint;
export declare const GIB: bigint;
export declare const TIB: bigint;
export declare const PAGE_SHIFT = 12;
export declare const PAGE_SIZE: bigint;
/** PFN_DOWN: the page frame that holds this byte. */
export declare function pfnOf(address: bigint, pageShift?: number): number;
/** PFN_UP: the first page frame that starts at or above this byte. */
export declare function pfnUp(address: bigint, pageShift?: number): number;
/** PFN_PHYS: the first byte of a page frame. */
export declare function addressOf(pfn: number, pageShift?: number): bigint;
/** `alignment` is a power of two. */
export declare function alignDown(address: bigint, alignment: bigint): bigint;
export declare function alignUp(address: bigint, alignment: bigint): bigint;
/** For messages, in the largest unit that is exact: `16 MiB`, `1537 MiB`, `4 GiB`. */
export declare function formatSize(bytes: bigint): string;
