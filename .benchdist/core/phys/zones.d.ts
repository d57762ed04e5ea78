import type { ZoneSpan } from '../layout/layout.ts';
/** Largest block: order 10, 2^10 pages (MAX_ORDER 11 counts orders 0..10; include/linux/mmzone.h, v6.1). */
export declare const MAX_ORDER = 11;
/** DMA, DMA32, Normal, HighMem. */
export declare const MAX_ZONES = 4;
export interface Zone extends ZoneSpan {
    /** Row of `freeLists`, and its rank: a request for this zone may fall back to lower ones only. */
    readonly index: number;
    /** Pages that the buddy allocator was given at boot. */
    readonly managedPages: number;
    /** Watermarks, in pages. */
    readonly min: number;
    readonly low: number;
    readonly high: number;
    /** By index of the zone that was asked for: pages of this zone that such a request must leave alone. */
    readonly lowmemReserve: readonly number[];
    /** Pages that move at a time between the buddy allocator and a cpu's lists. */
    readonly pcpBatch: number;
    /** Pages on a cpu's lists at which some go back. */
    readonly pcpHigh: number;
}
export declare function describeZones(spans: readonly ZoneSpan[], managed: readonly number[], pageShift: number, cpus: number): Zone[];
/** The zone bits of a gfp mask. */
export declare const GFP_ZONE_MASK: number;
/** Index of the highest zone that a request may use (gfp_zone). */
export declare function highestZone(zones: readonly Zone[], gfp: number): number;
/** The same for every combination of zone bits, so that an allocation need only look it up. */
export declare function highestZones(zones: readonly Zone[]): number[];
/** How far down a request may go, in pages; below `min`, GFP_ATOMIC halves the mark and takes another quarter. */
export declare function markFor(zone: Zone, gfp: number, mark: 'low' | 'min', boost: number): number;
