import type { AddressRange, Layout } from './layout.ts';
/** Virtual addresses [start, end) that are mapped alike. Kernel pages are global, accessed and dirty. */
export interface KernelMapping extends AddressRange {
    /** The frame at `start`; undefined where boot takes any frame. */
    readonly pfn: number | undefined;
    /** Frames of one page: 1, or those of a large page. */
    readonly pageFrames: number;
    readonly writable: boolean;
    readonly executable: boolean;
    /** Device registers: not cached. */
    readonly uncached: boolean;
}
/** All mappings, ascending by address. The books have the direct map only. */
export declare function kernelMappings(layout: Layout): KernelMapping[];
/** The mapping that an address lies in, if any. */
export declare function kernelMappingOf(layout: Layout, address: bigint): KernelMapping | undefined;
/** Slots of the fixmap: FIX_APIC_BASE and the one IO-APIC below it. */
export declare function fixApicBase({ fixmap, wordBits }: Layout): bigint;
