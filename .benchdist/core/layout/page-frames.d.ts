/**
 * From a memory map to page frames: which PFNs exist, where low memory ends, what the zones span.
 *
 * Sources, all v6.1: arch/x86/kernel/e820.c (e820_end_pfn), arch/x86/kernel/setup.c (trim_bios_range),
 * arch/x86/mm/init_32.c (find_low_pfn_range), arch/x86/mm/init.c (zone_sizes_init), mm/page_alloc.c
 * (zone_spanned_pages_in_node, zone_absent_pages_in_node). Simplified: RAM that straddles what the kernel can
 * address is cut there, and 640 KiB..1 MiB is RAM if the memory map says so (no PC's does).
 */
import type { RamRange, ZoneName, ZoneSpan } from './layout.ts';
/** PFNs [start, end). */
export interface PfnRange {
    readonly start: number;
    readonly end: number;
}
/** Whole page frames of RAM below `limitPfn`. Frame 0 is never used: it is the BIOS's (trim_bios_range). */
export declare function usableFrames(ram: readonly RamRange[], limitPfn: number, pageShift?: number): PfnRange[];
/** Ranges without the frames of a hole. */
export declare function subtract(ranges: readonly PfnRange[], hole: PfnRange): PfnRange[];
/** First PFN above the last frame. */
export declare function endPfn(frames: readonly PfnRange[]): number;
export interface LowmemRequest {
    /** First PFN above RAM. */
    readonly maxPfn: number;
    /** MAXMEM_PFN: how much RAM the direct map has room for. */
    readonly directMapPages: number;
    /** CONFIG_HIGHMEM. */
    readonly highmem: boolean;
    /** Boot option highmem=, in pages. */
    readonly highmemPages: number | undefined;
}
export interface LowmemSplit {
    readonly maxLowPfn: number;
    readonly maxPfn: number;
}
/** Where low memory ends, and how much of RAM is used at all (find_low_pfn_range). */
export declare function splitLowmem(request: LowmemRequest): LowmemSplit;
/** A zone reaches from the end of the one below it to `endPfn`. */
export interface ZoneLimit {
    readonly name: ZoneName;
    readonly endPfn: number;
}
/** What each zone spans and how much of that exists; zones without a page are left out. */
export declare function zoneSpans(frames: readonly PfnRange[], limits: readonly ZoneLimit[]): ZoneSpan[];
