/** Regions: the lists that the families fill in, and questions about them. */
import type { AddressRange, Layout, Region, RegionKind } from './layout.ts';
/** What people call each kind of region. */
export declare const REGION_NAMES: Record<RegionKind, string>;
export declare function region(kind: RegionKind, { start, end }: AddressRange): Region;
export declare function ascending(regions: readonly Region[]): Region[];
/** The region of a kind, if the layout has one. */
export declare function regionOfKind({ regions }: Layout, wanted: RegionKind): Region | undefined;
/** The region that an address lies in, if any. */
export declare function regionOf(layout: Layout, address: bigint): Region | undefined;
/** An address in the width of the layout's registers: `0xc0000000`, `0x00007ffff7fff000`. */
export declare function toHex(layout: Layout, address: bigint): string;
/** Address of a virtual page number, sign-extended where the layout does so: the inverse of `pageNumber`. */
export declare function pageAddress({ pageShift, wordBits, virtualBits }: Layout, vpn: number): bigint;
